"""What is exported can be imported, and nothing is lost on the way."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imports.catalogues import contents, product, shopify
from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product, ProductImage
from torg.imports.export_catalogue import ExportRefused, export_catalogue
from torg.imports.import_catalogue import import_catalogue
from torg.imports.shopify_writer import write_shopify_csv
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DELETE FROM inventory_stock")
        cursor.execute("DELETE FROM catalogue_productimage")
    Product.objects.all().delete()
    Category.objects.filter(parent__isnull=False).update(parent=None)
    Category.objects.all().delete()


def add_odd_shop() -> None:
    home = add_category("Home & > Garden", slug="home", description="At home", sort_order=4)
    cups = add_category("Cups", parent=home, is_active=False)
    add_product(
        "Tea &amp; Cup > Mug",
        slug="Tea_Cup",
        category=cups,
        price="0.00",
        is_free=True,
        brand="Чашка 👨\u200d👩\u200d👧",
        description="<p>“Café” &amp; more</p>",
        is_featured=True,
        is_active=False,
        created_at=datetime(2024, 2, 3, 4, 5, 6, 789, UTC),
        variants=[
            {"sku": "=T-1", "price": Decimal("3.50"), "attributes": {"size": "L", "colour": 'a, "b" c'}},
            {
                "sku": "T 2",
                "is_active": False,
                "stock": {"is_tracked": False, "low_stock_threshold": 0},
                "on_hand": -4,
            },
        ],
        images=["https://example.com/1.jpg", "https://example.com/2.jpg"],
    )
    ProductImage.objects.create(product=Product.objects.get(), file="products/x.png", alt="X", position=9)
    add_product("Plain", category=home, price="19.90", compare_at_price=Decimal("25.00"))


def test_a_round_trip_through_jsonl_loses_nothing(tmp_path: Path) -> None:
    add_odd_shop()
    before = contents(with_ids=False)
    created = list(Product.objects.order_by("slug").values_list("created_at", flat=True))
    export_catalogue(tmp_path / "a.jsonl")
    clear()
    assert contents(with_ids=False)["catalogue_product"] == []
    summary = import_catalogue(tmp_path / "a.jsonl")
    assert (summary.products_created, summary.products_rejected) == (2, 0)
    after = contents(with_ids=False)
    pictures = "catalogue_productimage"
    assert [row[:3] for row in after.pop(pictures)] == [row[:3] for row in before.pop(pictures)]
    assert after == before
    assert list(Product.objects.order_by("slug").values_list("created_at", flat=True)) == created
    export_catalogue(tmp_path / "b.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()


def test_importing_an_export_changes_nothing(tmp_path: Path) -> None:
    add_odd_shop()
    before = contents()
    for name in ("a.jsonl", "a.jsonl.gz"):
        export_catalogue(tmp_path / name)
        summary = import_catalogue(tmp_path / name)
        assert (summary.products_unchanged, summary.categories_unchanged) == (2, 2)
        assert contents() == before


def test_a_round_trip_through_shopify_keeps_what_it_can_say(tmp_path: Path) -> None:
    rows = [
        product("shirt", Vendor="A & B", Option1_Name="Size", Option1_Value="S")
        | {"Product Category": "A > B & C"},
        {"Handle": "shirt", "Option1 Value": "L", "Variant Price": "14.00", "Variant Inventory Qty": "3"},
        {"Handle": "shirt", "Image Src": "https://example.com/1.jpg", "Image Alt Text": "x > y"},
        product("cup", Status="draft") | {"Variant Compare At Price": "20", "Title": "R&amp;amp;D &gt; Mug"},
    ]
    import_catalogue(shopify(tmp_path / "a.csv", *rows))
    before = contents(with_ids=False)
    assert Product.objects.get(slug="cup").name == "R&amp;D > Mug"
    export_catalogue(tmp_path / "b.csv")
    assert import_catalogue(tmp_path / "b.csv").products_unchanged == 2
    clear()
    import_catalogue(tmp_path / "b.csv")
    assert contents(with_ids=False) == before
    export_catalogue(tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_selection_is_written_as_shopify_csv_in_its_order() -> None:
    for name in ("a", "b", "c"):
        add_product(name, price="5.00", variants=[{"attributes": {"size": "L"}}, {"is_active": False}])
    stream = io.StringIO()
    assert write_shopify_csv(Product.objects.exclude(slug="a").order_by("-slug"), stream) == 2
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [
        (row["Handle"], row["Option1 Name"], row["Option1 Value"], row["Variant Price"]) for row in rows
    ] == [
        ("c", "size", "L", "5.00"),
        ("b", "size", "L", "5.00"),
    ]


def test_a_product_with_all_variants_switched_off_is_a_draft() -> None:
    add_product("a", variants=[{"is_active": False}])
    stream = io.StringIO()
    write_shopify_csv(Product.objects.all(), stream)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue()))
    assert (row["Status"], row["Published"]) == ("draft", "false")


def test_the_standard_output_gets_the_catalogue_alone() -> None:
    add_product("Cup")
    stream = io.BytesIO()
    summary = export_catalogue(stream)
    assert (summary.destination, summary.products, summary.categories) == ("-", 1, 1)
    header, category, cup = map(json.loads, stream.getvalue().splitlines())
    assert header == {"type": "torg-catalogue", "version": 1, "currency": "EUR"}
    assert (category["slug"], cup["slug"], cup["category"]) == ("things", "cup", "things")
    assert not {"id", "allocated", "rating_average"} & {
        *cup,
        *cup["variants"][0],
        *cup["variants"][0]["stock"],
    }


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportRefused, match="cannot be written: No such file"):
        export_catalogue(tmp_path / "nowhere" / "a.jsonl")


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
amounts = st.decimals("0.01", "9999999999.99", places=2, allow_nan=False)
products = st.fixed_dictionaries(
    {
        "name": names.map(lambda text: f"n{text}"),
        "brand": names,
        "description": names,
        "price": amounts,
        "sku": names.map(lambda text: f"s{text}"),
        "attributes": st.dictionaries(names.map(lambda text: f"a{text}"), names, max_size=3),
        "on_hand": st.integers(0, 2**31 - 1),
        "is_tracked": st.booleans(),
        "is_featured": st.booleans(),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=products)
def test_any_product_comes_through_both_forms(tmp_path: Path, told: dict[str, Any]) -> None:
    clear()
    line = {
        "type": "product", "slug": "it", "sku": told["sku"], "name": told["name"], "price": str(told["price"]),
        "brand": told["brand"], "description": told["description"], "is_featured": told["is_featured"],
        "variants": [{"sku": told["sku"], "attributes": told["attributes"],
                      "stock": {"on_hand": told["on_hand"], "is_tracked": told["is_tracked"]}}],
    }  # fmt: skip
    (tmp_path / "a.jsonl").write_text(json.dumps(line))
    summary = import_catalogue(tmp_path / "a.jsonl")
    assert summary.refusals == []
    before = contents()
    for name in ("b.jsonl", "b.csv"):
        export_catalogue(tmp_path / name)
        again = import_catalogue(tmp_path / name)
        if name == "b.csv" and set(told["attributes"]) != {key.lower().strip() for key in told["attributes"]}:
            continue  # Shopify's option names come back in lower case.
        assert again.refusals == []
        assert again.products_unchanged == 1
        assert contents() == before
    assert Stock.objects.get().on_hand == told["on_hand"]
