"""GET /api/v1/products: filters, sorts, pages."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product
from torg.lib import compiled

PRODUCTS = "/api/v1/products"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(db):
    kitchen = add_category("Kitchen")
    mugs = add_category("Mugs", parent=kitchen)
    garden = add_category("Garden")
    rows = [
        ("Bowl", kitchen, "20.00", {"brand": "Alder", "is_featured": True}),
        ("cup", mugs, "8.00", {"brand": "Finch", "on_hand": 0}),
        ("Mug", mugs, "12.00", {"brand": "Alder", "rating_average": Decimal("4.5"), "rating_count": 2}),
        ("Anvil", garden, "90.00", {"on_hand": 3, "rating_average": Decimal("3"), "rating_count": 1}),
        ("Hidden", garden, "1.00", {"is_active": False}),
    ]
    for day, (name, category, price, columns) in enumerate(rows):
        add_product(
            name, category=category, price=price, created_at=NEW_YEAR + timedelta(days=day), **columns
        )


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Anvil", "Mug", "cup", "Bowl"]),
        ("sort=-created_at", ["Anvil", "Mug", "cup", "Bowl"]),
        ("sort=price", ["cup", "Mug", "Bowl", "Anvil"]),
        ("sort=-price", ["Anvil", "Bowl", "Mug", "cup"]),
        ("sort=name", ["Anvil", "Bowl", "cup", "Mug"]),
        ("sort=-rating", ["Mug", "Anvil", "cup", "Bowl"]),
        ("category=kitchen", ["Mug", "cup", "Bowl"]),
        ("category=mugs", ["Mug", "cup"]),
        ("category=garden", ["Anvil"]),
        ("brand=Alder", ["Mug", "Bowl"]),
        ("brand=Alder&brand=Finch", ["Mug", "cup", "Bowl"]),
        ("brand=alder", []),
        ("price_min=12", ["Anvil", "Mug", "Bowl"]),
        ("price_max=12.00", ["Mug", "cup"]),
        ("price_min=12&price_max=12", ["Mug"]),
        ("in_stock=true", ["Anvil", "Mug", "Bowl"]),
        ("in_stock=false", ["cup"]),
        ("featured=true", ["Bowl"]),
        ("featured=false", ["Anvil", "Mug", "cup"]),
        ("rating_min=3", ["Anvil", "Mug"]),
        ("rating_min=4.5", ["Mug"]),
        ("rating_min=5", []),
        ("category=kitchen&brand=Alder&price_max=15&in_stock=true&sort=price", ["Mug"]),
    ],
)
def test_filters_and_sorts_give_exactly(front, query, names):
    page = front.json(f"{PRODUCTS}?{query}")
    assert [product["name"] for product in page["results"]] == names
    assert (page["count"], page["count_is_exact"]) == (len(names), True)


def test_attributes_hold_for_one_and_the_same_active_variant(front):
    add_product(
        "Shirt",
        variants=[
            {"attributes": {"size": "L", "color": "Red"}},
            {"attributes": {"size": "M", "color": "Sky"}},
        ],
    )
    add_product("Cap", variants=[{"attributes": {"color": "Sky"}}])
    add_product(
        "Sock", variants=[{"attributes": {"size": "L"}, "is_active": False}, {"attributes": {"size": "S"}}]
    )
    assert front.names(f"{PRODUCTS}?attr.size=L") == ["Shirt"]
    assert front.names(f"{PRODUCTS}?attr.size=L&attr.size=S") == ["Sock", "Shirt"]
    assert front.names(f"{PRODUCTS}?attr.color=Sky") == ["Cap", "Shirt"]
    assert front.names(f"{PRODUCTS}?attr.color=Sky&attr.size=M") == ["Shirt"]
    assert front.names(f"{PRODUCTS}?attr.color=Sky&attr.size=L") == []
    assert front.names(f"{PRODUCTS}?attr.fabric=Wool") == []


def test_a_card_says_all_that_a_list_needs(front):
    category = add_category("Mugs")
    product = add_product(
        "Mug",
        category=category,
        sku="MUG-1",
        brand="Alder",
        price="12.50",
        compare_at_price=Decimal("15.00"),
        on_hand=3,
        images=["https://pictures.example/1.jpg", "https://pictures.example/2.jpg"],
        created_at=NEW_YEAR,
    )
    assert front.json(PRODUCTS)["results"] == [
        {
            "id": str(product.pk),
            "slug": "mug",
            "sku": "MUG-1",
            "name": "Mug",
            "brand": "Alder",
            "price": {"amount": "12.50", "currency": "EUR"},
            "compare_at_price": {"amount": "15.00", "currency": "EUR"},
            "availability": "low_stock",
            "rating": {"average": None, "count": 0},
            "image": {"url": "https://pictures.example/1.jpg", "alt": "Mug, picture 0"},
            "category": {"slug": "mugs", "name": "Mugs"},
            "is_featured": False,
            "created_at": "2026-01-01T00:00:00Z",
        }
    ]


@pytest.mark.usefixtures("shop")
def test_what_stands_in_a_hidden_category_is_not_for_sale(front):
    Category.objects.filter(slug="kitchen").update(is_active=False)
    assert front.names(PRODUCTS) == ["Anvil"]
    assert front.json(PRODUCTS)["count"] == 1
    assert front.refusal(f"{PRODUCTS}?category=mugs")["errors"][0]["field"] == "category"


def walk(front, path, direction="next"):
    """Follow the links to the end and return the names page by page."""
    pages = []
    while path:
        page = front.json(path)
        pages.append([product["name"] for product in page["results"]])
        path, last = page[direction], page
    return pages, last


@pytest.mark.parametrize("sort", ["-created_at", "price", "-price", "name", "-rating"])
def test_cursors_walk_through_everything_once_and_back_again(front, sort):
    for number in range(23):
        # Many rows are equal in what is sorted by, so the id has to decide.
        add_product(
            f"Product {number}",
            price=str(1 + number % 3),
            created_at=NEW_YEAR + timedelta(days=number % 2),
            rating_average=Decimal(1 + number % 2),
            rating_count=1,
        )
    whole = front.names(f"{PRODUCTS}?sort={sort}&page_size=100")
    assert len(whole) == 23
    forward, last = walk(front, f"{PRODUCTS}?sort={sort}&page_size=5")
    assert forward == [whole[start : start + 5] for start in range(0, 23, 5)]
    backward, first = walk(front, last["previous"], "previous")
    assert [name for page in reversed(backward) for name in page] == whole[:20]
    assert first["previous"] is None


def test_a_cursor_keeps_its_place_while_products_come_and_go(front):
    for number in range(6):
        add_product(f"Product {number}", created_at=NEW_YEAR + timedelta(days=number))
    first = front.json(f"{PRODUCTS}?page_size=3")
    Product.objects.get(name="Product 3").delete()
    add_product("Newest", created_at=NEW_YEAR + timedelta(days=9))
    assert front.names(first["next"]) == ["Product 2", "Product 1", "Product 0"]


def test_the_way_back_is_open_when_all_that_followed_is_gone(front):
    for number in range(4):
        add_product(f"Product {number}", created_at=NEW_YEAR + timedelta(days=number))
    first = front.json(f"{PRODUCTS}?page_size=2")
    second = front.json(first["next"])
    Product.objects.filter(name__in=["Product 0", "Product 1"]).update(is_active=False)
    emptied = front.json(first["next"])
    assert (emptied["results"], emptied["next"]) == ([], None)
    assert front.names(emptied["previous"]) == ["Product 3"]
    Product.objects.update(is_active=True)
    Product.objects.filter(name__in=["Product 2", "Product 3"]).update(is_active=False)
    emptied = front.json(second["previous"])
    assert (emptied["results"], emptied["previous"]) == ([], None)
    assert front.names(emptied["next"]) == ["Product 1", "Product 0"]


def test_behind_the_last_numbered_page_the_cursor_goes_on(front, monkeypatch):
    monkeypatch.setattr("torg.pages.product_list.DEEPEST_ROW", 4)
    for number in range(7):
        add_product(f"Product {number}", created_at=NEW_YEAR - timedelta(days=number))
    pages, _ = walk(front, f"{PRODUCTS}?page=1&page_size=2")
    assert [name for page in pages for name in page] == [f"Product {number}" for number in range(7)]


def test_texts_are_compared_in_one_normal_form(front):
    add_product(
        "Mug",
        brand="Caf\N{LATIN SMALL LETTER E WITH ACUTE}",
        variants=[{"attributes": {"gr\xf6\xdfe": "\xc4"}}],
    )
    assert front.names(f"{PRODUCTS}?brand=Cafe\N{COMBINING ACUTE ACCENT}") == ["Mug"]
    assert front.names(f"{PRODUCTS}?attr.gro\N{COMBINING DIAERESIS}\xdfe=A\N{COMBINING DIAERESIS}") == ["Mug"]


def test_odd_questions_make_no_new_statements(front):
    add_product(brand="Alder")
    front.json(f"{PRODUCTS}?brand=A&attr.size=L&page=1")
    known = len(compiled._statements)
    for number in range(1, 40):
        front.json(
            f"{PRODUCTS}?page={number}&page_size={number}&attr.x{number}=1"
            + "".join(f"&brand=B{each}" for each in range(number))
        )
    assert len(compiled._statements) == known


def test_links_carry_the_filters_and_leave_defaults_out(front):
    for number in range(3):
        add_product(f"Café {number}", brand="A & B", variants=[{"attributes": {"größe": "L/XL"}}])
    page = front.json(f"{PRODUCTS}?attr.größe=L/XL&sort=-created_at&brand=A %26 B&page_size=1")
    assert page["next"].startswith(
        "/api/v1/products?brand=A+%26+B&attr.gr%C3%B6%C3%9Fe=L%2FXL&page_size=1&cursor="
    )
    assert front.names(page["next"]) == ["Café 1"]


def test_pages_by_number_jump_and_link_to_their_neighbours(front):
    for number in range(5):
        add_product(f"Product {number}", created_at=NEW_YEAR - timedelta(days=number))
    page = front.json(f"{PRODUCTS}?page=2&page_size=2")
    assert [product["name"] for product in page["results"]] == ["Product 2", "Product 3"]
    assert page["next"] == "/api/v1/products?page_size=2&page=3"
    assert page["previous"] == "/api/v1/products?page_size=2&page=1"
    assert front.json(page["next"])["next"] is None
    assert front.json(f"{PRODUCTS}?page=1&page_size=2")["previous"] is None
    assert front.names(f"{PRODUCTS}?page=9&page_size=2") == []


def cursor(*packed):
    return base64.urlsafe_b64encode(json.dumps(packed).encode()).decode().rstrip("=")


ID = "01920a5b-6c00-7000-8000-0000000000a1"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("colour=red", ["colour"]),
        ("category=", ["category"]),
        ("category=nowhere", ["category"]),
        ("category=mugs&category=garden", ["category"]),
        ("brand=%00", ["brand"]),
        ("brand=" + "x" * 501, ["brand"]),
        ("price_min=-1", ["price_min"]),
        ("price_min=1e3", ["price_min"]),
        ("price_min=NaN", ["price_min"]),
        ("price_max=1.999", ["price_max"]),
        ("price_max=99999999999", ["price_max"]),
        ("price_min=5&price_max=4", ["price_min"]),
        ("in_stock=yes", ["in_stock"]),
        ("featured=1", ["featured"]),
        ("rating_min=0", ["rating_min"]),
        ("rating_min=5.01", ["rating_min"]),
        ("attr.=x", ["attr."]),
        ("attr.size=", ["attr.size"]),
        ("attr.a%00b=x", ["attr.a\0b"]),
        ("attrsize=L", ["attrsize"]),
        ("sort=cheapest", ["sort"]),
        ("page_size=0", ["page_size"]),
        ("page_size=101", ["page_size"]),
        ("page_size=ten", ["page_size"]),
        ("page=0", ["page"]),
        ("page=501", ["page"]),
        ("page=٣", ["page"]),
        ("page=2&cursor=" + cursor("-created_at", ["2026-01-01", ID], False), ["page"]),
        ("cursor=x", ["cursor"]),
        ("cursor=%00", ["cursor"]),
        ("cursor=" + cursor("price", ["1.00", ID], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", ["yesterday", ID], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", ["2026-01-01"], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", ["2026-01-01", "1"], False), ["cursor"]),
        ("sort=price&cursor=" + cursor("price", ["1e999999", ID], False), ["cursor"]),
        ("sort=price&cursor=" + cursor("price", ["NaN", ID], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", [["2026-01-01"], ID], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", ["2026-01-01T00:00:00", ID], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", ["0001-01-01T00:00:00%2B23:59", ID], False), ["cursor"]),
        ("cursor=" + cursor("-created_at", ["9999-12-31T23:59:59-23:59", ID], False), ["cursor"]),
        ("format=xml", ["format"]),
        ("&".join(f"attr.a{number}=x" for number in range(11)), ["attr."]),
        ("foo=1&bar=2&price_min=x", ["foo", "bar", "price_min"]),
    ],
)
def test_bad_parameters_are_refused_by_name(front, query, fields):
    problem = front.refusal(f"{PRODUCTS}?{query}")
    assert problem["code"] == "invalid_parameters"
    assert [error["field"] for error in problem["errors"]] == fields


def test_many_matches_are_estimated_and_said_to_be(front, monkeypatch):
    for number in range(30):
        add_product(brand="Alder", price=str(number + 1))
    with connection.cursor() as database:
        database.execute("ANALYZE catalogue_product")
    assert front.json(f"{PRODUCTS}?brand=Alder")["count_is_exact"] is True
    monkeypatch.setattr("torg.pages.product_list.COUNTED_EXACTLY", 10)
    page = front.json(f"{PRODUCTS}?brand=Alder")
    assert page["count_is_exact"] is False
    assert 11 <= page["count"] <= 300
    assert front.json(PRODUCTS)["count"] == 30
    assert front.json(f"{PRODUCTS}?category=things")["count_is_exact"] is True


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        ("", 2),
        ("category=things", 2),
        ("category=things&sort=name&page=2&page_size=10", 2),
        ("category=things&brand=Alder&in_stock=true&attr.size=L&price_min=1&rating_min=1", 3),
    ],
)
@pytest.mark.parametrize("products", [1, 25])
def test_a_list_takes_the_same_statements_however_long_it_is(
    front, django_assert_num_queries, query, statements, products
):
    for _ in range(products):
        add_product(
            brand="Alder",
            variants=[{"attributes": {"size": "L"}}, {}],
            images=["https://a.example/1.jpg"] * 3,
        )
    with django_assert_num_queries(statements):
        front.json(f"{PRODUCTS}?{query}")
