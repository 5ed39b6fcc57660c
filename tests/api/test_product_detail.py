"""GET /api/v1/products/{slug} and /featured."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product, ProductImage

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shirt(db):
    clothes = add_category("Clothes")
    shirts = add_category("Shirts", parent=clothes)
    return add_product(
        "Shirt",
        category=shirts,
        sku="SHIRT",
        price="20.00",
        description="<p>Cotton.</p>",
        created_at=NEW_YEAR,
        rating_average=Decimal("4.25"),
        rating_count=4,
        variants=[
            {"sku": "SHIRT-M", "attributes": {"size": "M", "color": "Sky"}, "on_hand": 0},
            {
                "sku": "SHIRT-L",
                "attributes": {"size": "L", "color": "Sky"},
                "price": Decimal("22.00"),
                "on_hand": 4,
            },
            {"sku": "SHIRT-X", "attributes": {"size": "X"}, "is_active": False},
        ],
        images=["https://pictures.example/front.jpg", "https://pictures.example/back.jpg"],
    )


def test_a_product_says_everything(front, shirt):
    shirt.refresh_from_db()
    front_view = {"url": "https://pictures.example/front.jpg", "alt": "Shirt, picture 0"}
    assert front.json("/api/v1/products/shirt") == {
        "id": str(shirt.pk),
        "slug": "shirt",
        "sku": "SHIRT",
        "name": "Shirt",
        "brand": "",
        "price": {"amount": "20.00", "currency": "EUR"},
        "compare_at_price": None,
        "availability": "low_stock",
        "rating": {"average": 4.25, "count": 4},
        "image": front_view,
        "category": {
            "slug": "shirts",
            "name": "Shirts",
            "ancestors": [{"slug": "clothes", "name": "Clothes"}],
        },
        "is_featured": False,
        "created_at": "2026-01-01T00:00:00Z",
        "description": "<p>Cotton.</p>",
        "images": [front_view, {"url": "https://pictures.example/back.jpg", "alt": "Shirt, picture 1"}],
        "attributes": {"size": ["M", "L"], "color": ["Sky"]},
        "variants": [
            {
                "sku": "SHIRT-M",
                "price": {"amount": "20.00", "currency": "EUR"},
                "attributes": {"size": "M", "color": "Sky"},
                "availability": "out_of_stock",
            },
            {
                "sku": "SHIRT-L",
                "price": {"amount": "22.00", "currency": "EUR"},
                "attributes": {"size": "L", "color": "Sky"},
                "availability": "low_stock",
            },
        ],
        "updated_at": shirt.updated_at.isoformat().replace("+00:00", "Z"),
    }


def test_an_own_picture_is_addressed_on_this_shop(front, shirt):
    shirt.images.all().delete()
    ProductImage.objects.create(product=shirt, file="products/shirt.png", alt="A shirt")
    assert front.json("/api/v1/products/shirt")["image"] == {
        "url": "/media/products/shirt.png",
        "alt": "A shirt",
    }


def test_the_address_of_a_picture_is_a_proper_reference(front, shirt):
    shirt.images.all().delete()
    ProductImage.objects.create(product=shirt, file="products/gr\xf6\xdfe 1#a.png")
    assert (
        front.json("/api/v1/products/shirt")["image"]["url"] == "/media/products/gr%C3%B6%C3%9Fe%201%23a.png"
    )


def test_a_product_without_pictures_has_none(front):
    add_product("Mug")
    product = front.json("/api/v1/products/mug")
    assert (product["image"], product["images"]) == (None, [])


def test_what_is_not_for_sale_is_not_there(front, shirt):
    Product.objects.update(is_active=False)
    assert front.refusal("/api/v1/products/shirt", 404)["code"] == "not_found"
    Product.objects.update(is_active=True)
    Category.objects.filter(slug="clothes").update(is_active=False)
    assert front.refusal("/api/v1/products/shirt", 404)["code"] == "not_found"
    assert front.refusal("/api/v1/products/nothing", 404)["code"] == "not_found"


def test_unknown_parameters_are_refused(front, shirt):
    assert front.refusal("/api/v1/products/shirt?currency=USD")["errors"][0]["field"] == "currency"


@pytest.mark.parametrize("extra", [0, 30])
def test_a_detail_takes_one_statement_whatever_it_has(front, shirt, django_assert_num_queries, extra):
    parent = shirt.category
    for number in range(extra):
        shirt.variants.create(sku=f"EXTRA-{number}")
        shirt.images.create(url=f"https://pictures.example/{number}.jpg")
        parent = add_category(f"Deeper {number}", parent=parent)
    Product.objects.update(category=parent)
    with django_assert_num_queries(1):
        front.json("/api/v1/products/shirt")


def test_featured_products_are_the_newest_featured_on_sale(front, django_assert_num_queries):
    for number in range(60):
        add_product(
            f"Product {number}", is_featured=number != 59, created_at=NEW_YEAR + timedelta(days=number)
        )
    Product.objects.filter(name="Product 58").update(is_active=False)
    with django_assert_num_queries(1):
        names = front.names("/api/v1/products/featured")
    assert names == [f"Product {number}" for number in range(57, 47, -1)]
    assert len(front.names("/api/v1/products/featured?limit=50")) == 50
    assert front.names("/api/v1/products/featured?limit=1") == ["Product 57"]
    for limit in ("0", "51", "x", ""):
        assert front.refusal(f"/api/v1/products/featured?limit={limit}")["errors"][0]["field"] == "limit"
