"""Importing creates and updates products, and twice changes nothing."""

import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.imports.catalogues import contents, jsonl, product, shopify
from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.imports.import_catalogue import import_catalogue
from torg.imports.source import CatalogueRefused
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db


def counts(summary: Any) -> tuple[int, int, int, int]:
    return (
        summary.products_created,
        summary.products_updated,
        summary.products_unchanged,
        summary.products_rejected,
    )


def test_a_product_is_made_of_its_rows(tmp_path: Path) -> None:
    rows = [
        product("shirt", Title="T&amp;T  Shirt", Vendor="Acme", Option1_Name="Size", Option1_Value="S")
        | {
            "Body (HTML)": "<p>Soft<script>x()</script>",
            "Product Category": "Clothes > Tops",
            "Image Position": "2",
        }
        | {
            "Image Src": "https://example.com/2.jpg",
            "Image Alt Text": "Back",
            "Variant Compare At Price": "20",
        },
        {"Handle": "shirt", "Option1 Value": "L", "Variant Price": "14", "Variant Inventory Qty": "-3"}
        | {
            "Image Src": "https://example.com/1 a.jpg",
            "Image Position": "1",
            "Variant Inventory Tracker": "shopify",
        },
    ]
    summary = import_catalogue(shopify(tmp_path / "a.csv", *rows))
    assert counts(summary) == (1, 0, 0, 0)
    assert (summary.rows, summary.variants_created, summary.images_written) == (2, 2, 2)
    assert (summary.categories_created, summary.rejected_file) == (2, None)
    shirt = Product.objects.get()
    assert (shirt.slug, shirt.sku, shirt.name, shirt.brand) == ("shirt", "S-shirt", "T&T Shirt", "Acme")
    assert (shirt.description, shirt.price, shirt.compare_at_price) == (
        "<p>Soft</p>",
        Decimal("12.50"),
        Decimal(20),
    )
    assert (shirt.is_active, shirt.is_free, shirt.is_featured) == (True, False, False)
    assert list(shirt.variants.values_list("sku", "price", "attributes", "position", "is_active")) == [
        ("S-shirt", None, {"size": "S"}, 0, True),
        ("shirt.l", Decimal(14), {"size": "L"}, 1, True),
    ]
    assert list(
        Stock.objects.order_by("-on_hand").values_list("on_hand", "is_tracked", "low_stock_threshold")
    ) == [
        (7, True, 5),
        (0, True, 5),
    ]
    assert list(shirt.images.values_list("url", "alt", "position")) == [
        ("https://example.com/1%20a.jpg", "", 0),
        ("https://example.com/2.jpg", "Back", 1),
    ]
    top = Category.objects.get(slug="tops")
    assert (top.name, top.parent.name, shirt.category_id, top.own_product_count) == (
        "Tops",
        "Clothes",
        top.id,
        1,
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"Published": "FALSE"}, {"is_active": False}),
        ({"Status": "draft"}, {"is_active": False}),
        ({"Type": "Hats"}, {"category__name": "Hats"}),
        ({"Type": ""}, {"category__slug": "other"}),
        ({"Variant Compare At Price": "12.50"}, {"compare_at_price": None}),
        ({"Handle": "Чашка 1"}, {"slug": "chashka-1"}),
        ({"Handle": "Mixed_Case-9"}, {"slug": "Mixed_Case-9"}),
        ({"Title": "Cafe\u0301\x00\u2028now"}, {"name": "Café now"}),
        ({"Variant SKU": ""}, {"sku": "cup", "variants__sku": "cup"}),
        ({"Variant SKU": "", "Option1 Name": "Size", "Option1 Value": "X/L"}, {"variants__sku": "cup.x-l"}),
        (
            {"Variant Inventory Tracker": ""},
            {"variants__stock__is_tracked": False, "variants__stock__on_hand": 7},
        ),
        ({"Variant Inventory Policy": "continue"}, {"variants__stock__is_tracked": False}),
        ({"Variant Inventory Qty": ""}, {"variants__stock__on_hand": 0, "variants__stock__is_tracked": True}),
    ],
)
def test_a_column_becomes(tmp_path: Path, columns: dict[str, str], expected: dict[str, Any]) -> None:
    summary = import_catalogue(shopify(tmp_path / "a.csv", product("cup") | columns))
    assert counts(summary) == (1, 0, 0, 0)
    assert Product.objects.values(*expected).get() == expected


def test_running_it_twice_writes_nothing(tmp_path: Path) -> None:
    rows = [
        product(f"cup-{n}", Type="Cups") | {"Image Src": f"https://example.com/{n}.jpg"} for n in range(5)
    ]
    path = shopify(tmp_path / "a.csv", *rows)
    assert counts(import_catalogue(path)) == (5, 0, 0, 0)
    before = contents()
    again = import_catalogue(path)
    assert counts(again) == (0, 0, 5, 0)
    assert (again.variants_created, again.variants_updated, again.images_written) == (0, 0, 0)
    assert contents() == before


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    rows = [
        product("a", Type="Cups"),
        product("b", Type="Cups"),
        product("c", Type="Cups"),
        product("d", Type="Cups"),
    ]
    import_catalogue(shopify(tmp_path / "a.csv", *rows))
    before = contents()
    rows[1] |= {"Title": "Better"}
    rows[2] |= {"Variant Inventory Qty": "9"}
    rows[3] |= {"Image Src": "https://example.com/new.jpg"}
    summary = import_catalogue(shopify(tmp_path / "a.csv", *rows))
    assert counts(summary) == (0, 3, 1, 0)
    after = contents()
    products = zip(before["catalogue_product"], after["catalogue_product"], strict=True)
    assert [old == new for old, new in products] == [True, False, True, True]
    assert after["catalogue_variant"] == before["catalogue_variant"]
    assert Product.objects.get(slug="b").name == "Better"
    assert Stock.objects.get(variant__product__slug="c").on_hand == 9
    assert ProductImage.objects.get().product.slug == "d"


def test_a_dry_run_counts_the_same_and_changes_nothing(tmp_path: Path) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", product("a", Type="Cups"), product("b", Type="Cups")))
    before = contents()
    rows = [
        product("a", Type="Bowls"),
        product("b", Type="Cups"),
        product("c", Type="Bowls > Deep"),
        product("d", Title=""),
    ]
    path = shopify(tmp_path / "b.csv", *rows)
    tried = import_catalogue(path, dry_run=True)
    assert contents() == before
    assert tried.is_dry_run
    assert (tmp_path / "b.csv.rejected.csv").exists()
    done = import_catalogue(path)
    assert counts(tried) == counts(done) == (1, 1, 1, 1)
    assert tried.categories_created == done.categories_created == 2


def test_a_product_is_found_by_sku_when_its_handle_changed(tmp_path: Path) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", product("old")))
    summary = import_catalogue(shopify(tmp_path / "a.csv", product("new") | {"Variant SKU": "S-old"}))
    assert counts(summary) == (0, 1, 0, 0)
    assert Product.objects.values_list("slug", "sku", "name").get() == ("old", "S-old", "New")


def test_what_the_file_does_not_tell_stays(tmp_path: Path) -> None:
    import_catalogue(
        shopify(tmp_path / "a.csv", product("cup", Vendor="Acme", Type="Cups") | {"Body (HTML)": "Old"})
    )
    Product.objects.update(is_featured=True)
    Variant.objects.update(attributes={"size": "S"})
    Variant.objects.create(product=Product.objects.get(), sku="EXTRA", attributes={"size": "L"}, position=1)
    ProductImage.objects.create(product=Product.objects.get(), file="products/a.png", position=0)
    path = tmp_path / "b.csv"
    path.write_text("Handle,Title,Variant SKU,Variant Price\ncup,Mug,S-cup,9.99\n")
    assert counts(import_catalogue(path)) == (0, 1, 0, 0)
    mug = Product.objects.get()
    assert (mug.name, mug.price, mug.brand, mug.description) == ("Mug", Decimal("9.99"), "Acme", "Old")
    assert (mug.is_featured, mug.category.name) == (True, "Cups")
    assert set(mug.variants.values_list("sku", flat=True)) == {"S-cup", "EXTRA"}
    assert mug.variants.get(sku="S-cup").attributes == {"size": "S"}
    assert Stock.objects.get(variant__sku="S-cup").on_hand == 7
    assert mug.images.get().file.name == "products/a.png"


def test_pictures_from_the_file_leave_uploaded_ones_alone(tmp_path: Path) -> None:
    cup = product("cup") | {"Image Src": "https://example.com/1.jpg"}
    import_catalogue(shopify(tmp_path / "a.csv", cup))
    ProductImage.objects.create(product=Product.objects.get(), file="products/a.png", position=5)
    assert counts(import_catalogue(shopify(tmp_path / "a.csv", cup))) == (0, 0, 1, 0)
    import_catalogue(shopify(tmp_path / "a.csv", cup | {"Image Src": "https://example.com/2.jpg"}))
    assert list(ProductImage.objects.values_list("url", "file")) == [
        ("https://example.com/2.jpg", ""),
        ("", "products/a.png"),
    ]


def test_free_products_need_to_be_allowed(tmp_path: Path) -> None:
    path = shopify(tmp_path / "a.csv", product("gift") | {"Variant Price": "0.00"})
    refused = import_catalogue(path)
    assert counts(refused) == (0, 0, 0, 1)
    assert refused.accepted_nothing
    assert not Product.objects.exists()
    assert counts(import_catalogue(path, allow_free=True)) == (1, 0, 0, 0)
    assert Product.objects.values_list("price", "is_free").get() == (Decimal(0), True)
    assert not (tmp_path / "a.csv.rejected.csv").exists()


def test_category_slugs_tell_namesakes_apart(tmp_path: Path) -> None:
    paths = ["Men > Shoes", "Women > Shoes", "Shoes", "Women > Shoes", "A > B > Shoes", "A&B", "A B"]
    rows = [product(f"p{n}") | {"Product Category": path} for n, path in enumerate(paths)]
    import_catalogue(shopify(tmp_path / "a.csv", *rows))
    assert [Product.objects.get(slug=f"p{n}").category.slug for n in range(7)] == [
        "men-shoes", "women-shoes", "shoes", "women-shoes", "b-shoes", "a-b", "a-b-2",
    ]  # fmt: skip


def test_packed_files_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    plain = shopify(tmp_path / "a.csv", product("cup"))
    packed = tmp_path / "a.bin"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n")))
    assert counts(import_catalogue(packed)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        ("Handle,Title\ncup,Cup\n".encode("utf-16"), "The file is UTF-16, not UTF-8."),
        (b"Handle;Title\ncup;Cup\n", "has no column Handle and no column Title"),
        (b"Title,Price\nCup,1\n", "has no column Handle."),
        (b"Handle,Title,caf\xe9\n", "it is not UTF-8."),
        (gzip.compress(b"Handle,Title\n" * 99, mtime=0)[:40], "is damaged"),
        (
            b'{"type":"torg-catalogue","version":1,"currency":"JPY"}\n',
            "prices are in JPY, this shop's in EUR",
        ),
        (b'{"type":"torg-catalogue","version":2,"currency":"EUR"}\n', "has version 2 of the format"),
    ],
)
def test_a_file_is_refused_as_a_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueRefused) as refusal:
        import_catalogue(path)
    assert reason in str(refusal.value)
    assert not Product.objects.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused, match="cannot be read: No such file"):
        import_catalogue(tmp_path / "nothing.csv")


def test_jsonl_tells_everything(tmp_path: Path) -> None:
    lines = [
        {"type": "torg-catalogue", "version": 1, "currency": "EUR"},
        {"type": "category", "slug": "home", "name": "Home", "description": "At home", "sort_order": 3},
        {"type": "category", "slug": "cups", "name": "Cups", "parent": "home", "is_active": False},
        {
            "type": "product", "slug": "cup", "sku": "CUP", "name": "Cup", "price": "0.00", "is_free": True,
            "category": "cups", "is_featured": True, "created_at": "2024-02-03T04:05:06Z",
            "variants": [
                {"sku": "CUP-1", "attributes": {"size": "L"}, "is_active": False},
                {"sku": "CUP-2", "price": "3.50", "position": 7,
                 "stock": {"on_hand": 4, "low_stock_threshold": 1, "is_tracked": False}},
            ],
            "images": [{"file": "products/a.png", "alt": "A"}, {"url": "https://example.com/b.jpg"}],
        },
    ]  # fmt: skip
    path = jsonl(tmp_path / "a.jsonl", *lines)
    summary = import_catalogue(path)
    assert counts(summary) == (1, 0, 0, 0)
    assert (summary.categories_created, summary.images_written) == (2, 2)
    told = contents(with_ids=False)
    assert told["catalogue_category"] == [
        ("cups", "Cups", "", False, 0, False, 1, 2),
        ("home", "Home", "At home", True, 3, True, 0, 1),
    ]
    assert told["catalogue_product"] == [
        ("cup", "CUP", "Cup", "", "", Decimal(0), None, True, True, True),
    ]
    assert told["catalogue_variant"] == [
        ("CUP-1", None, '{"size": "L"}', 0, False),
        ("CUP-2", Decimal("3.50"), "{}", 7, True),
    ]
    assert told["inventory_stock"] == [(0, 0, 5, True), (4, 0, 1, False)]
    before = contents()
    again = import_catalogue(path)
    assert counts(again) == (0, 0, 1, 0)
    assert (again.categories_unchanged, again.categories_updated) == (2, 0)
    assert contents() == before
    lines[2] |= {"name": "Mugs", "parent": None, "is_active": True}
    assert import_catalogue(jsonl(path, *lines)).categories_updated == 1
    assert Category.objects.filter(slug="cups").values_list("name", "parent", "is_visible").get() == (
        "Mugs",
        None,
        True,
    )
