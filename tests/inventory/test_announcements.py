"""What stock announces: what shoppers are told of it, not every unit."""

from uuid import UUID

import pytest
from django.db.models import F

from tests.announced import announced, changes_so_far, product_tags, run, tags_since
from tests.shop import add_category, add_product, add_variant
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def kitchen():
    return add_category("Kitchen")


@pytest.fixture
def mug(kitchen):
    return add_product("Mug", category=kitchen, on_hand=500)


def test_selling_one_of_many_writes_no_change(mug):
    before = changes_so_far()
    Stock.objects.update(on_hand=F("on_hand") - 1, allocated=3)
    Stock.objects.update(low_stock_threshold=7)
    mug.variants.get().stock.save()
    run("UPDATE inventory_stock SET on_hand = on_hand WHERE false")
    assert changes_so_far() == before


CROSSINGS = [
    {"on_hand": 5},
    {"on_hand": 0},
    {"allocated": 500},
    {"allocated": 496},
    {"low_stock_threshold": 500},
]


@pytest.mark.parametrize("change", CROSSINGS)
def test_crossing_a_threshold_is_announced_as_the_product_there_and_back(kitchen, mug, change):
    stock = Stock.objects.values(*change).get()
    for values in (change, stock):
        with announced() as tags:
            Stock.objects.update(**values)
        assert tags == product_tags(mug, kitchen)


def test_stock_that_is_no_longer_tracked_is_announced_where_that_says_something_else(kitchen, mug):
    with announced() as tags:
        Stock.objects.update(is_tracked=False)
    assert tags == set()
    with announced() as tags:
        Stock.objects.update(on_hand=0)
    assert tags == set()
    with announced() as tags:
        Stock.objects.update(is_tracked=True)
    assert tags == product_tags(mug, kitchen)


def test_only_stock_that_crosses_is_announced(kitchen, mug):
    garden = add_category("Garden", parent=kitchen)
    spade = add_product("Spade", category=garden, on_hand=6, is_featured=True)
    with announced() as tags:
        Stock.objects.update(on_hand=F("on_hand") - 1)
    assert tags == product_tags(spade, kitchen, garden) | {"products:featured"}
    with announced() as tags:
        Stock.objects.bulk_update(
            [Stock(pk=variant.pk, on_hand=0) for variant in (*mug.variants.all(), *spade.variants.all())],
            ["on_hand"],
        )
    assert tags == product_tags(spade, kitchen, garden) | product_tags(mug, kitchen) | {"products:featured"}


def test_stock_that_comes_and_goes_is_announced(kitchen, mug):
    with announced() as tags:
        Stock.objects.all().delete()
    assert tags == product_tags(mug, kitchen)
    with announced() as tags:
        Stock.objects.create(variant=mug.variants.get(), on_hand=0)
    assert tags == product_tags(mug, kitchen)


def test_stock_of_another_variant_is_announced_as_both_products(kitchen, mug):
    spade = add_product("Spade", category=kitchen)
    spade.variants.get().stock.delete()
    with announced() as tags:
        run("UPDATE inventory_stock SET variant_id = %s", spade.variants.get().pk)
    assert tags == product_tags(mug, kitchen) | product_tags(spade, kitchen)


def test_a_variant_takes_its_stock_along(kitchen, mug):
    spade = add_product("Spade", category=kitchen)
    large = add_variant(mug, sku="LARGE", position=1)
    with announced() as tags:
        mug.variants.filter(pk=large.pk).update(product=spade)
    assert tags == product_tags(mug, kitchen) | product_tags(spade, kitchen)
    with announced() as tags:
        Stock.objects.filter(pk=large.pk).update(on_hand=0)
    assert tags == product_tags(spade, kitchen)


def test_stock_goes_with_its_product(kitchen, mug):
    before, pk = changes_so_far(), mug.pk
    mug.delete()
    counts = {"product-counts", f"product-counts:{kitchen.pk}"}
    assert tags_since(before) == product_tags(pk, kitchen) | counts
    assert isinstance(pk, UUID)
