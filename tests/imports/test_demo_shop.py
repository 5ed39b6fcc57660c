"""The demo shop: what it holds, that it is the same each time, and that it goes only where nothing is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Count, F, Min

from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.imports.demo import DemoShop, ShopIsNotEmpty, create_demo_shop, shop
from torg.inventory.models import Stock
from torg.lib.text import clean_html, clean_line

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODELS = (Category, Product, Variant, Stock, ProductImage)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def all_rows():
    return [list(model.objects.order_by("pk").values_list()) for model in MODELS]


def empty():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit stands in the way
        cursor.execute("TRUNCATE catalogue_category CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def fill(products=400, **choices):
    return create_demo_shop(products=products, **{"seed": 7, "now": NOW, **choices})


@pytest.mark.django_db(transaction=True)
def test_the_shop_holds_what_was_asked_for():
    told = []

    summary = fill(2000, on_progress=lambda done, total: told.append((done, total)))

    assert summary == DemoShop(
        products=2000,
        categories=60,
        variants=Variant.objects.count(),
        images=ProductImage.objects.count(),
        files=65 * 8 * 3,
    )
    assert (Product.objects.count(), Category.objects.count()) == (2000, 60)
    assert told == [(2000, 2000)]
    assert Product.objects.filter(is_featured=True).count() == 20
    assert Product.objects.filter(is_active=False).count() == 10
    assert not Product.objects.filter(is_active=False, is_featured=True).exists()
    assert Stock.objects.count() == Variant.objects.count()
    assert set(Product.objects.annotate(n=Count("variants")).values_list("n", flat=True)) == {1, 3}
    three = Product.objects.annotate(n=Count("variants")).filter(n=3).count()
    assert 0.17 < three / 2000 < 0.23
    assert set(Product.objects.annotate(n=Count("images")).values_list("n", flat=True)) == {1, 2, 3}


def test_the_same_seed_gives_the_same_rows():
    fill()
    first = all_rows()
    empty()

    fill()

    assert all_rows() == first


def test_another_seed_gives_another_shop():
    fill()
    names = list(Product.objects.order_by("id").values_list("name", flat=True))
    empty()

    fill(seed=8)

    assert list(Product.objects.order_by("id").values_list("name", flat=True)) != names


def test_prices_and_skus_of_products_are_those_of_their_variants():
    fill(2000)

    assert not Variant.objects.filter(price__lte=F("product__price")).exists()
    cheapest_own = Product.objects.annotate(own=Min("variants__price"), plain=Count("variants"))
    assert cheapest_own.filter(own__isnull=False).exists()
    assert not Product.objects.exclude(variants__price=None).exists()
    first_skus = Variant.objects.filter(position=0).values_list("product__sku", "sku")
    assert first_skus.count() == 2000
    assert all(product_sku == sku for product_sku, sku in first_skus)
    assert {price % 1 for price in Product.objects.values_list("price", flat=True)} == {
        Decimal("0.95"),
        Decimal("0.90"),
        Decimal("0"),
    }


def test_a_currency_without_digits_has_whole_prices(settings):
    settings.TORG_CURRENCY = "JPY"

    fill()

    prices = Product.objects.values_list("price", flat=True)
    assert all(price == int(price) and price >= 500 for price in prices)


def test_ids_and_times_grow_together_over_the_two_years_before_now():
    fill()

    products = list(Product.objects.order_by("id"))
    times = [product.created_at for product in products]
    assert times == sorted(set(times))
    assert NOW - timedelta(days=730) <= times[0]
    assert times[-1] < NOW
    for product in products:
        assert product.id.version == 7
        assert product.id.int >> 80 == int(product.created_at.timestamp() * 1000)


def test_texts_need_no_cleaning():
    fill(2000)

    for name, description in Product.objects.values_list("name", "description"):
        assert clean_line(name) == name
        assert clean_html(description) == description
        assert 2 <= description.split("</p>")[0].count(".") <= 4


def test_pictures_are_files_that_exist(media_root):
    fill()

    files = {media_root / name for name in ProductImage.objects.values_list("file", flat=True)}
    assert all(path.read_text().startswith("<svg ") for path in files)
    assert not [path for path in (media_root / "demo").iterdir() if path.suffix != ".svg"]
    assert not ProductImage.objects.filter(alt="").exists()


@pytest.mark.parametrize("taken", ["product", "category", "other demo"])
def test_a_shop_that_is_not_empty_is_refused(taken, media_root):
    if taken == "other demo":
        fill(60)
    else:
        (add_product if taken == "product" else add_category)("Taken")
    before = all_rows()

    with pytest.raises(ShopIsNotEmpty):
        create_demo_shop(products=61, seed=7, now=NOW)

    assert all_rows() == before


def test_a_finished_shop_is_refused_when_asked_for_again():
    fill(60)
    before = all_rows()

    with pytest.raises(ShopIsNotEmpty):
        fill(60)

    assert all_rows() == before


def test_an_interrupted_run_is_continued_and_ends_with_the_same_rows(monkeypatch):
    monkeypatch.setattr(shop, "BATCH", 83)
    fill()
    whole = all_rows()
    empty()

    with pytest.raises(KeyboardInterrupt):
        fill(on_progress=interrupt)
    assert Product.objects.count() == 83
    fill(now=NOW + timedelta(hours=5))

    assert all_rows() == whole


def interrupt(done, total):
    raise KeyboardInterrupt


def test_an_interrupted_run_is_not_continued_after_somebody_added_products(monkeypatch):
    monkeypatch.setattr(shop, "BATCH", 83)
    with pytest.raises(KeyboardInterrupt):
        fill(on_progress=interrupt)
    add_product("Taken")

    with pytest.raises(ShopIsNotEmpty):
        fill()

    assert Product.objects.count() == 84


@pytest.mark.django_db(transaction=True)
def test_every_rule_of_the_database_holds():
    fill(1000)

    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT conname FROM pg_constraint
            WHERE conrelid::regclass::text ~ '^(catalogue|inventory)_' AND contype = 'c' AND NOT convalidated
        """)
        assert cursor.fetchall() == []
    counted = dict(Product.objects.filter(is_active=True).values_list("category").annotate(Count("id")))
    kept = dict(Category.objects.exclude(own_product_count=0).values_list("id", "own_product_count"))
    assert kept == counted
    assert not Category.objects.filter(is_visible=False).exists()


@pytest.mark.parametrize(("products", "categories"), [(1, 60), (2000, 60), (50_000, 500), (1_000_000, 500)])
def test_categories_grow_with_the_shop(products, categories):
    tree = shop.Tree(shop.Plan.ending_at(NOW, products=products, seed=7))

    assert len(tree.categories) == categories
    assert len({category.slug for category in tree.categories}) == categories
    depths = {}
    for category in tree.categories:
        depths[category.id] = 1 + depths.get(category.parent_id, 0)
    assert max(depths.values()) == (3 if categories == 60 else 4)


def test_a_shop_needs_a_product():
    with pytest.raises(ValueError, match="at least one product"):
        fill(0)
