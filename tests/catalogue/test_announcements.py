"""What the catalogue announces: for every way to change it, exactly the tags of what changed."""

from decimal import Decimal
from uuid import UUID

import pgtrigger
import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.announced import announced, category_tags, count_tags, product_tags, run
from tests.shop import add_category, add_product, add_variant
from torg.catalogue.models import Category, Product, ProductImage, Variant

pytestmark = pytest.mark.django_db
A_NEW_ID = UUID(int=77)


@pytest.fixture(autouse=True)
def _leave_nothing_unfinished(db):
    """Some products here have no variant, which only a commit would refuse, and the end of a test."""
    yield
    with transaction.atomic():
        run("SET CONSTRAINTS ALL DEFERRED; DELETE FROM catalogue_product; DELETE FROM inventory_stock")
        run("DELETE FROM catalogue_variant; DELETE FROM catalogue_productimage")


@pytest.fixture
def kitchen():
    root = add_category("Kitchen")
    mugs = add_category("Mugs", parent=root)
    return root, mugs


@pytest.fixture
def garden():
    return add_category("Garden")


@pytest.fixture
def mug(kitchen):
    return add_product("Mug", category=kitchen[1], images=["https://pictures.example/mug.jpg"])


NEW_VALUES = {
    "name": "Cup",
    "slug": "cup",
    "sku": "CUP",
    "brand": "Torg",
    "description": "<p>Blue</p>",
    "price": Decimal("11.00"),
    "compare_at_price": Decimal("99.00"),
    "rating_average": Decimal("4.00"),
    "created_at": timezone.now(),
    "updated_at": timezone.now(),
}


@pytest.mark.parametrize("column", NEW_VALUES)
def test_each_column_of_a_product_is_announced(kitchen, mug, column):
    values = {column: NEW_VALUES[column]} | ({"rating_count": 3} if column == "rating_average" else {})
    with announced() as tags:
        Product.objects.filter(pk=mug.pk).update(**values)
    assert tags == product_tags(mug, *kitchen)


def test_every_column_of_a_product_is_among_those_tested():
    others = {"id", "category", "is_free", "is_active", "is_featured", "rating_count"}
    assert {field.name for field in Product._meta.concrete_fields} == set(NEW_VALUES) | others


def test_a_product_given_away_or_counted_otherwise_is_announced(kitchen, mug):
    with announced() as tags:
        Product.objects.update(price=0, is_free=True)
    assert tags == product_tags(mug, *kitchen)
    Product.objects.update(rating_count=3, rating_average=4)
    with announced() as tags:
        Product.objects.update(rating_count=4)
    assert tags == product_tags(mug, *kitchen)


def test_a_change_of_nothing_announces_nothing(kitchen, mug):
    with announced() as tags:
        Product.objects.update(name="Mug")
        mug.save()
        Variant.objects.update(position=0)
        ProductImage.objects.update(position=0)
        Category.objects.filter(name="Mugs").update(name="Mugs", own_product_count=9)
        Product.objects.filter(name="No such").update(name="x")
        Product.objects.filter(name="No such").delete()
        run("INSERT INTO catalogue_product SELECT * FROM catalogue_product WHERE false")
    assert tags == set()


def test_saving_announces(kitchen, mug):
    mug.name = "Cup"
    with announced() as tags:
        mug.save()
    assert tags == product_tags(mug, *kitchen)


def test_many_products_in_one_statement_are_announced_together(kitchen, garden, mug):
    spade = add_product("Spade", category=garden, is_featured=True)
    for product, name in ((mug, "Cup"), (spade, "Shovel")):
        product.name = name
    with announced() as tags:
        Product.objects.bulk_update([mug, spade], ["name"])
    assert tags == product_tags(mug, *kitchen) | product_tags(spade, garden) | {"products:featured"}


def test_only_rows_that_change_are_announced(kitchen, garden, mug):
    spade = add_product("Spade", category=garden)
    with announced() as tags:
        Product.objects.update(name="Spade")
    assert tags == product_tags(mug, *kitchen)
    assert f"product:{spade.pk}" not in tags


def test_an_insert_announces_the_product_and_the_counts(kitchen):
    with announced() as tags:
        mug = Product.objects.create(category=kitchen[1], name="Mug", slug="mug", sku="MUG", price=5)
    assert tags == product_tags(mug, *kitchen) | count_tags(*kitchen)


def test_an_insert_of_one_that_is_switched_off_changes_no_count(kitchen):
    with announced() as tags:
        Product.objects.bulk_create(
            [Product(id=A_NEW_ID, category=kitchen[1], name="M", slug="m", sku="M", price=5, is_active=False)]
        )
    assert tags == product_tags(A_NEW_ID, *kitchen)


def test_copying_into_the_table_announces(kitchen, mug):
    columns = "id, product_id, file, url, alt, position"
    copying = f"COPY catalogue_productimage ({columns}) FROM STDIN"
    with announced() as tags, connection.cursor() as cursor, cursor.copy(copying) as copy:
        copy.write_row((A_NEW_ID, mug.pk, "", "https://pictures.example/2.jpg", "", 1))
    assert tags == product_tags(mug, *kitchen)


def test_insert_or_update_announces_both(kitchen, garden, mug):
    upsert = (
        "INSERT INTO catalogue_productimage (id, product_id, file, url, alt, position) VALUES (%s, %s, '', %s, '', 1)"
        " ON CONFLICT (id) DO UPDATE SET url = excluded.url"
    )
    with announced() as tags:
        run(upsert, A_NEW_ID, mug.pk, "https://pictures.example/2.jpg")
    assert tags == product_tags(mug, *kitchen)
    with announced() as tags:
        run(upsert, A_NEW_ID, mug.pk, "https://pictures.example/2.jpg")
    assert tags == set()
    with announced() as tags:
        run(upsert, A_NEW_ID, mug.pk, "https://pictures.example/3.jpg")
    assert tags == product_tags(mug, *kitchen)


def test_a_product_that_moves_is_announced_in_both_places(kitchen, garden, mug):
    with announced() as tags:
        Product.objects.filter(pk=mug.pk).update(category=garden)
    assert tags == product_tags(mug, *kitchen, garden) | count_tags(*kitchen, garden)


def test_a_product_that_becomes_or_was_featured_is_announced_among_those(kitchen, mug):
    featured = product_tags(mug, *kitchen) | {"products:featured"}
    for value in (True, False):
        with announced() as tags:
            Product.objects.update(is_featured=value)
        assert tags == featured
    with announced() as tags:
        Product.objects.update(name="Cup")
    assert tags == product_tags(mug, *kitchen)


def test_switching_a_product_off_and_on_changes_the_counts(kitchen, mug):
    for value in (False, True):
        with announced() as tags:
            Product.objects.update(is_active=value)
        assert tags == product_tags(mug, *kitchen) | count_tags(*kitchen)


def test_a_product_that_gets_another_id_is_announced_under_both(kitchen, mug):
    with announced() as tags:
        run("UPDATE catalogue_product SET id = %s", A_NEW_ID)
    assert tags == product_tags(mug, *kitchen) | product_tags(A_NEW_ID)


def test_deleting_a_product_with_all_it_has_announces_it(kitchen, mug):
    gone = product_tags(mug, *kitchen) | count_tags(*kitchen)
    with announced() as tags:
        mug.delete()
    assert tags == gone


def test_deleting_a_product_before_its_parts_announces_it_too(kitchen, mug):
    gone = product_tags(mug, *kitchen) | count_tags(*kitchen)
    with announced() as tags:
        run("DELETE FROM catalogue_product")
        run("DELETE FROM inventory_stock; DELETE FROM catalogue_variant; DELETE FROM catalogue_productimage")
    assert tags == gone


@pytest.mark.parametrize(
    "table", ["catalogue_category", "catalogue_product", "catalogue_productimage", "inventory_stock"]
)
def test_truncating_announces_everything(mug, table):
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with announced() as tags:
        run(f"TRUNCATE {table} CASCADE")
    assert "*" in tags


def test_truncating_variants_announces_everything(kitchen):
    with announced() as tags:
        run("TRUNCATE catalogue_variant CASCADE")
    assert tags == {"*"}


@pytest.mark.parametrize(
    "change",
    [
        {"sku": "X"},
        {"price": Decimal(3)},
        {"attributes": {"size": "L"}},
        {"position": 3},
        {"is_active": False},
    ],
)
def test_each_column_of_a_variant_is_announced_as_its_product(kitchen, mug, change):
    with announced() as tags:
        Variant.objects.update(**change)
    assert tags == product_tags(mug, *kitchen)


@pytest.mark.parametrize(
    "change",
    [{"file": "a.jpg", "url": ""}, {"url": "https://pictures.example/b"}, {"alt": "Blue"}, {"position": 3}],
)
def test_each_column_of_a_picture_is_announced_as_its_product(kitchen, mug, change):
    with announced() as tags:
        ProductImage.objects.update(**change)
    assert tags == product_tags(mug, *kitchen)


def test_parts_that_come_and_go_are_announced_as_their_product(kitchen, mug):
    with announced() as tags:
        variant = Variant.objects.create(product=mug, sku="LARGE")
    assert tags == product_tags(mug, *kitchen)
    with announced() as tags:
        variant.delete()
    assert tags == product_tags(mug, *kitchen)
    with announced() as tags:
        ProductImage.objects.all().delete()
    assert tags == product_tags(mug, *kitchen)


def test_parts_that_go_to_another_product_are_announced_as_both(kitchen, garden, mug):
    spade = add_product("Spade", category=garden, is_featured=True)
    both = product_tags(mug, *kitchen) | product_tags(spade, garden) | {"products:featured"}
    with announced() as tags:
        mug.images.update(product=spade)
    assert tags == both
    with announced() as tags:
        mug.variants.update(product=spade)
    assert tags == both


def test_a_category_that_comes_is_announced_for_those_above(kitchen):
    with announced() as tags:
        cups = add_category("Cups", parent=kitchen[1])
    assert tags == category_tags(cups, *kitchen)


@pytest.mark.parametrize(
    "change", [{"name": "Cups"}, {"slug": "cups"}, {"description": "x"}, {"sort_order": 3}]
)
def test_each_shown_column_of_a_category_is_announced(kitchen, mug, change):
    with announced() as tags:
        Category.objects.filter(name="Mugs").update(**change)
    assert tags == category_tags(kitchen[1], kitchen[0])


def test_switching_a_category_off_announces_all_below_it(kitchen, mug):
    for value in (False, True):
        with announced() as tags:
            Category.objects.filter(name="Kitchen").update(is_active=value)
        assert tags == category_tags(kitchen[0]) | category_tags(*reversed(kitchen))


def test_a_branch_that_moves_is_announced_in_both_places_with_all_below_it(kitchen, garden, mug):
    cups = add_category("Cups", parent=kitchen[1])
    with announced() as tags:
        Category.objects.filter(name="Mugs").update(parent=garden)
    assert tags == category_tags(kitchen[1], kitchen[0], garden) | category_tags(cups, *kitchen, garden)


def test_a_category_that_gets_another_id_is_announced_under_both(kitchen):
    mugs = kitchen[1]
    with announced() as tags:
        run("UPDATE catalogue_category SET id = %s WHERE id = %s", A_NEW_ID, mugs.pk)
    shown = category_tags(mugs, kitchen[0]) | category_tags(A_NEW_ID, kitchen[0])
    assert tags == shown | count_tags(*kitchen)
    assert Category.objects.get(pk=A_NEW_ID).path == [kitchen[0].pk, A_NEW_ID]


def test_a_category_that_goes_is_announced_for_those_above(kitchen):
    expected = category_tags(kitchen[1], kitchen[0])
    with announced() as tags:
        kitchen[1].delete()
    assert tags == expected
    with announced() as tags:
        run("DELETE FROM catalogue_category")
    assert tags == category_tags(kitchen[0])


def test_one_statement_is_one_change(kitchen, mug):
    add_variant(mug, position=7)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE caching_change")
        cursor.execute("UPDATE catalogue_variant SET price = 3")
        cursor.execute("SELECT count(*), min(xid::text) = pg_current_xact_id()::text FROM caching_change")
        assert cursor.fetchone() == (1, True)


def test_more_than_a_thousand_products_are_announced_as_all(kitchen):
    columns = {"category": kitchen[1], "price": 5, "is_active": False}
    products = [Product(name=f"P {n}", slug=f"p-{n}", sku=f"P-{n}", **columns) for n in range(1001)]
    Product.objects.bulk_create(products)
    with announced() as tags:
        Product.objects.update(name="x")
    assert tags == {"product:*", "products", *(f"products:category:{category.pk}" for category in kitchen)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_whoever_sees_the_past_announces_all_places(level):
    category = add_category("Mugs")
    mug = add_product("Mug", category=category)
    with announced() as tags, transaction.atomic():
        run(f"SET TRANSACTION ISOLATION LEVEL {level}")
        run("UPDATE catalogue_product SET name = 'Cup'")
    assert tags == product_tags(mug, category) | {"products:*"}


def test_nobody_ignores_announcements(kitchen, mug):
    with pgtrigger.ignore("catalogue.Product:announce_updated"), announced() as tags:
        Product.objects.update(name="Cup")
    assert tags == product_tags(mug, *kitchen)


def test_a_row_can_be_invalidated_in_one_call(kitchen, mug):
    with announced() as tags:
        mug.invalidate_cache()
    assert tags == {f"product:{mug.pk}"}
    with announced() as tags:
        kitchen[1].invalidate_cache()
    pk = kitchen[1].pk
    assert tags == {f"category:{pk}", f"products:category:{pk}", f"product-counts:{pk}"}
