"""What the database refuses of products, variants and pictures."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from tests.shop import add_category, add_product, add_variant
from torg.catalogue.models import Product, ProductImage, Variant

pytestmark = pytest.mark.django_db


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"price": "0"}, "product_price_above_zero_unless_free"),
        ({"price": "-1"}, "product_price_above_zero_unless_free"),
        ({"price": "5", "is_free": True}, "product_price_above_zero_unless_free"),
        ({"compare_at_price": Decimal("10.00")}, "product_compare_at_price_above_price"),
        ({"created_at": datetime(1969, 12, 31, tzinfo=UTC)}, "product_created_between_1970_and_2200"),
        ({"created_at": datetime(2200, 1, 1, tzinfo=UTC)}, "product_created_between_1970_and_2200"),
        ({"slug": ""}, "product_has_name_slug_and_sku"),
        ({"sku": ""}, "product_has_name_slug_and_sku"),
        ({"slug": "mug"}, "product_slug_unique"),
        ({"slug": "featured"}, "product_slug_not_reserved"),
        ({"sku": "MUG"}, "product_sku_unique"),
        ({"rating_average": Decimal(4)}, "product_rating_from_one_to_five"),
        ({"rating_average": Decimal("5.1"), "rating_count": 1}, "product_rating_from_one_to_five"),
        ({"variants": [{"sku": ""}]}, "variant_has_sku"),
        ({"variants": [{"sku": "MUG-0"}]}, "variant_sku_unique"),
        ({"variants": [{"price": Decimal(0)}]}, "variant_price_above_zero"),
        ({"variants": [{"attributes": {"size": 5}}]}, "variant_attributes_map_text_to_text"),
        ({"variants": [{"attributes": {"size": ["L"]}}]}, "variant_attributes_map_text_to_text"),
        ({"variants": [{"attributes": ["L"]}]}, "variant_attributes_map_text_to_text"),
        ({"variants": [{"attributes": None}]}, "attributes"),
    ],
)
def test_a_product_against_the_rules_is_refused_whole(columns, constraint):
    add_product("Mug", sku="MUG")
    with refused(constraint), transaction.atomic():
        add_product("Cup", **columns)
    assert Product.objects.count() == Variant.objects.count() == 1


def test_a_product_may_be_given_away_when_it_is_said_so():
    assert add_product("Sample", price="0", is_free=True).price == 0


def test_a_product_without_a_variant_is_refused_at_commit():
    category = add_category("Mugs")
    with refused("product_has_variant|has no variant to sell"), transaction.atomic():
        Product.objects.create(category=category, name="Mug", slug="mug", sku="MUG", price=5)
        check_deferred_rules()
    assert Product.objects.count() == 0


def test_the_last_variant_stays():
    product = add_product("Mug", variants=[{"sku": "A"}, {"sku": "B"}])
    product.variants.get(sku="A").delete()
    check_deferred_rules()
    with refused("is the last one of its product"), transaction.atomic():
        Variant.objects.filter(sku="B").delete()
        check_deferred_rules()
    assert [variant.sku for variant in product.variants.all()] == ["B"]


def test_variants_are_not_truncated_while_there_are_products():
    add_product("Mug")
    check_deferred_rules()
    with refused("every product has a variant to sell"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalogue_variant CASCADE")
    assert Variant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_each_remove_another_variant_leave_one():
    product = add_product("Mug", variants=[{"sku": "A"}, {"sku": "B"}])
    barrier = threading.Barrier(2, timeout=10)
    outcomes = []

    def remove(sku):
        try:
            with transaction.atomic():
                Variant.objects.filter(sku=sku).delete()
                barrier.wait()
            outcomes.append("removed")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(sku,)) for sku in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "removed"]
    assert product.variants.count() == 1


def test_a_product_goes_with_all_it_has():
    add_product("Mug", images=["https://pictures.example/mug.jpg"]).delete()
    check_deferred_rules()
    assert Product.objects.count() == Variant.objects.count() == ProductImage.objects.count() == 0


@pytest.mark.parametrize("columns", [{}, {"url": "https://pictures.example/a.jpg", "file": "a.jpg"}])
def test_a_picture_is_a_file_or_an_address(columns):
    product = add_product()
    with refused("image_is_file_or_url"), transaction.atomic():
        ProductImage.objects.create(product=product, **columns)
    assert ProductImage.objects.count() == 0


def test_a_change_by_bulk_update_is_stamped_and_a_change_of_nothing_is_not():
    product = add_product("Mug")
    Product.objects.update(name="Mug")
    assert Product.objects.get().updated_at == product.updated_at
    Product.objects.update(name="Cup")
    assert Product.objects.get().updated_at > product.updated_at


def test_adding_a_variant_to_another_product_by_moving_the_last_one_is_refused():
    mug, cup = add_product("Mug"), add_product("Cup")
    check_deferred_rules()
    with refused("is the last one of its product"), transaction.atomic():
        mug.variants.update(product=cup)
        check_deferred_rules()
    assert mug.variants.count() == 1
    add_variant(cup, position=7)
    check_deferred_rules()
    assert cup.variants.count() == 2


def check_deferred_rules():
    """Do what a commit does."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
