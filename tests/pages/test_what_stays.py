"""What a write leaves in the cache: all that does not show it."""

import pytest
from django.db import transaction

from tests.pages import asking
from tests.pages.connections import run
from tests.pages.small_shop import empty, fill, wait_until_transactions_are_over
from torg.caching.reading import read
from torg.catalogue.models import Category, Product, ProductImage
from torg.inventory.models import Stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient_redis")]


@pytest.fixture(autouse=True)
def shop(patient_redis):
    """A shop all of whose pages are in the cache: all > cups > mugs, and spoons."""
    empty()
    fill()
    # Other tests run on the same server: what they have open would keep pages from being kept.
    assert wait_until_transactions_are_over(30)
    for _ in range(2):
        for kind, asked in asking.warmed():
            read(kind, asked)
    assert built_anew() == set()


def built_anew() -> set[str]:
    """Read all that can be warmed, and return what was not in the cache any more."""
    return {
        kind.key(asked) for kind, asked in asking.warmed() if getattr(read(kind, asked), "cache", "") != "hit"
    }


def everything() -> set[str]:
    return {kind.key(asked) for kind, asked in asking.warmed()}


LISTS_ABOVE_SPOONS = {"products:?", "products:?category=spoons"}
LISTS_ABOVE_MUGS = {
    "products:?",
    "products:?category=mugs",
    "products:?category=cups",
    "products:?category=all",
}
FEATURED = {"featured:?", "featured:?limit=8"}
TREE = {"category_tree:?", "categories:?"}


def test_editing_a_product_leaves_the_categories_and_all_that_is_elsewhere():
    Product.objects.filter(slug="white").update(price=11)
    assert built_anew() == {"product:white?", *LISTS_ABOVE_SPOONS}


def test_editing_a_product_leaves_its_neighbours():
    Product.objects.filter(slug="green").update(name="Emerald")
    assert built_anew() == {"product:green?", *LISTS_ABOVE_MUGS}


def test_editing_a_featured_product_leaves_its_neighbours():
    ProductImage.objects.filter(product__slug="red").update(alt="A red mug")
    assert built_anew() == {"product:red?", *LISTS_ABOVE_MUGS, *FEATURED}


def test_selling_one_of_500_leaves_everything():
    Stock.objects.filter(variant__product__slug="white").update(allocated=1)
    run("UPDATE inventory_stock SET on_hand = on_hand - 1 WHERE on_hand = 500")
    assert built_anew() == set()


def test_selling_the_last_but_five_leaves_what_does_not_show_it():
    Stock.objects.filter(variant__product__slug="white").update(allocated=495)
    assert built_anew() == {"product:white?", *LISTS_ABOVE_SPOONS}


def test_switching_a_product_off_is_shown_by_the_counts_of_its_categories_only():
    Product.objects.filter(slug="white").update(is_active=False)
    # Its own page is not warmed any more, and a list of nothing is not kept.
    assert built_anew() == {*LISTS_ABOVE_SPOONS, *TREE, "category:spoons?"}


def test_renaming_a_category_leaves_the_products_and_lists_elsewhere():
    Category.objects.filter(slug="spoons").update(name="Ladles")
    left = everything() - built_anew()
    assert left == {"product:red?", "product:green?", "product:blue?", *LISTS_ABOVE_MUGS} - {"products:?"}


def test_writing_nothing_new_leaves_everything():
    for product in Product.objects.all():
        product.save()
    for category in Category.objects.all():
        category.save()
    assert built_anew() == set()


def test_what_is_rolled_back_leaves_everything():
    with transaction.atomic():
        Product.objects.update(price=99)
        transaction.set_rollback(True)
    assert built_anew() == set()
