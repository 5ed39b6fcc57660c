"""What the database keeps right about stock."""

import pytest
from django.db import IntegrityError, transaction

from tests.shop import add_product
from torg.catalogue.models import Product
from torg.inventory.availability import is_available, product_availability
from torg.inventory.models import Availability, Stock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("columns", "availability"),
    [
        ({"on_hand": 0}, Availability.OUT_OF_STOCK),
        ({"on_hand": 5, "allocated": 5}, Availability.OUT_OF_STOCK),
        ({"on_hand": 1}, Availability.LOW_STOCK),
        ({"on_hand": 5}, Availability.LOW_STOCK),
        ({"on_hand": 6}, Availability.IN_STOCK),
        ({"on_hand": 6, "allocated": 1}, Availability.LOW_STOCK),
        ({"on_hand": 1, "low_stock_threshold": 0}, Availability.IN_STOCK),
        ({"on_hand": 9, "allocated": 5, "low_stock_threshold": 2_147_483_647}, Availability.LOW_STOCK),
        ({"on_hand": 0, "is_tracked": False}, Availability.IN_STOCK),
        ({"on_hand": -3, "is_tracked": False}, Availability.IN_STOCK),
    ],
)
def test_availability_follows_the_numbers_on_any_write(columns, availability):
    add_product()
    Stock.objects.update(**columns)
    assert Stock.objects.get().availability == availability
    assert Product.objects.annotate(found=product_availability()).get().found == availability
    assert Product.objects.filter(is_available()).exists() == (availability != Availability.OUT_OF_STOCK)


@pytest.mark.parametrize("columns", [{"allocated": 51}, {"allocated": -1}, {"on_hand": -1}])
def test_more_than_is_there_is_never_allocated(columns):
    add_product(on_hand=50)
    with pytest.raises(IntegrityError, match="stock_allocated_within_on_hand"), transaction.atomic():
        Stock.objects.update(**columns)
    assert Stock.objects.values_list("on_hand", "allocated").get() == (50, 0)


def test_a_product_is_as_available_as_its_best_active_variant():
    product = add_product(variants=[{"on_hand": 0}, {"on_hand": 3}, {"on_hand": 90, "is_active": False}])
    assert Product.objects.annotate(found=product_availability()).get().found == Availability.LOW_STOCK
    product.variants.filter(stock__on_hand=3).update(is_active=False)
    assert Product.objects.annotate(found=product_availability()).get().found == Availability.OUT_OF_STOCK
    assert not Product.objects.filter(is_available()).exists()


def test_a_variant_that_was_never_received_is_out_of_stock():
    product = add_product()
    Stock.objects.all().delete()
    assert (
        Product.objects.annotate(found=product_availability()).get(pk=product.pk).found
        == Availability.OUT_OF_STOCK
    )
