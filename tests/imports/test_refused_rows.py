"""A product is imported whole or refused whole, and what is refused can be mended and imported."""

from pathlib import Path
from typing import Any

import pytest

from tests.imports.catalogues import HEADER, contents, jsonl, line, product, reasons, rejected, shopify
from torg.catalogue.models import Category, Product
from torg.imports.import_catalogue import import_catalogue
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db

BEFORE = product("before")
AFTER = product("after")
AMOUNT = "is not a plain amount such as 19.90, up to 9999999999.99"


def import_between(tmp_path: Path, *rows: dict[str, str] | str | bytes) -> list[tuple[str, str, str, str]]:
    """Import the rows with a good one before and after; only those arrive. Return the refusals."""
    summary = import_catalogue(shopify(tmp_path / "a.csv", BEFORE, *rows, AFTER))
    assert (summary.products_created, summary.products_rejected) == (2, 1)
    assert set(Product.objects.values_list("slug", flat=True)) == {"before", "after"}
    assert summary.rejected_file == tmp_path / "a.csv.rejected.csv"
    return reasons(summary.rejected_file)


@pytest.mark.parametrize(
    ("columns", "column", "value", "reason"),
    [
        ({"Title": " \u200b"}, "Title", "\u200b", "is empty"),
        ({"Title": "x" * 501}, "Title", "x" * 79 + "…", "has 501 characters, at most 500 are allowed"),
        ({"Handle": ""}, "Handle", "", "is empty"),
        ({"Handle": "h" * 256}, "Handle", "h" * 79 + "…", "has 256 characters, at most 255 are allowed"),
        ({"Vendor": "v" * 201}, "Vendor", "v" * 79 + "…", "has 201 characters, at most 200 are allowed"),
        ({"Variant SKU": "s" * 101}, "Variant SKU", "s" * 79 + "…", "has 101 characters, at most 100 are allowed"),
        ({"Type": "t" * 201}, "Type", "t" * 79 + "…", "has 201 characters, at most 200 are allowed"),
        ({"Variant Price": ""}, "Variant Price", "", "is empty"),
        ({"Variant Price": "0"}, "Variant Price", "0", "is 0; only --allow-free imports it as given away"),
        ({"Variant Price": "-1.00"}, "Variant Price", "-1.00", AMOUNT),
        ({"Variant Price": "NaN"}, "Variant Price", "NaN", AMOUNT),
        ({"Variant Price": "1e3"}, "Variant Price", "1e3", AMOUNT),
        ({"Variant Price": "1,000.00"}, "Variant Price", "1,000.00", AMOUNT),
        ({"Variant Price": "1.999"}, "Variant Price", "1.999", AMOUNT),
        ({"Variant Price": "12345678901"}, "Variant Price", "12345678901", AMOUNT),
        ({"Variant Price": "١٢"}, "Variant Price", "١٢", AMOUNT),
        ({"Variant Compare At Price": "x"}, "Variant Compare At Price", "x", AMOUNT),
        ({"Variant Inventory Qty": "1.5"}, "Variant Inventory Qty", "1.5", "is not a whole number up to 2147483647"),
        ({"Variant Inventory Qty": "2147483648"}, "Variant Inventory Qty", "2147483648",
         "is not a whole number up to 2147483647"),
        ({"Published": "maybe"}, "Published", "maybe", "is neither true nor false"),
        ({"Status": "sold"}, "Status", "sold", "is none of active, draft, archived, unlisted"),
        ({"Image Src": "ftp://example.com/x"}, "Image Src", "ftp://example.com/x",
         "is not an address that begins with http:// or https://"),
    ],
)  # fmt: skip
def test_a_bad_value_refuses_its_product(
    tmp_path: Path, columns: dict[str, str], column: str, value: str, reason: str
) -> None:
    bad = product("bad") | columns
    assert import_between(tmp_path, bad) == [("3", column, value, reason)]
    (row,) = rejected(tmp_path / "a.csv.rejected.csv")
    assert {name: row[name] for name in HEADER} == {name: bad.get(name, "") for name in HEADER}


GOOD_LINE = line(product("bad"))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("bad,Too,few\n", "has 3 fields, the header has 19"),
        (GOOD_LINE.rstrip("\n") + ",surplus\n", "has 20 fields, the header has 19"),
        (GOOD_LINE.replace("Bad", '"Bad'), "a quote opens and never closes"),
        (GOOD_LINE.replace("Bad", '"Ba"d'), "is not CSV: ',' expected after '\"'"),
        (GOOD_LINE.replace("active", '"active'), "a quote opens and never closes"),
        (GOOD_LINE.encode().replace(b"Bad", b"B\xe4d"), "is not UTF-8"),
    ],
)
def test_a_broken_line_refuses_its_product_only(tmp_path: Path, raw: str | bytes, reason: str) -> None:
    ((at, _, _, said),) = import_between(tmp_path, raw)
    assert (at, said) == ("3", reason)


def test_a_broken_line_takes_the_other_rows_of_its_product_along(tmp_path: Path) -> None:
    second = {"Handle": "bad", "Option1 Value": "L", "Variant Price": "1,5"}
    third = {"Handle": "bad", "Image Src": "https://example.com/x.jpg"}
    assert import_between(tmp_path, product("bad"), "bad,ragged\n", second, third) == [
        ("4", "", "bad,ragged", "its product is refused: has 2 fields, the header has 19"),
        ("4", "", "bad,ragged", "has 2 fields, the header has 19"),
        ("4", "", "bad,ragged", "its product is refused: has 2 fields, the header has 19"),
        ("4", "", "bad,ragged", "its product is refused: has 2 fields, the header has 19"),
    ]


def test_a_stray_quote_in_a_long_description_refuses_one_product(tmp_path: Path) -> None:
    text = line(product("bad") | {"Body (HTML)": "one\ntwo\nthree"}).replace("one", 'o"ne')
    refusals = import_between(tmp_path, text)
    assert [at for at, *_ in refusals] == ["3", "4", "5"]


def test_what_stands_in_the_file_before_is_refused(tmp_path: Path) -> None:
    rows = [
        product("a"),
        product("b"),
        product("a") | {"Variant SKU": "S-new"},
        product("c") | {"Variant SKU": "S-b"},
    ]
    summary = import_catalogue(shopify(tmp_path / "a.csv", *rows))
    assert (summary.products_created, summary.products_rejected) == (2, 2)
    assert reasons(tmp_path / "a.csv.rejected.csv") == [
        ("4", "Handle", "a", "stands in the file before, in line 2"),
        ("5", "Variant SKU", "S-b", "stands in the file before, in line 3"),
    ]


def test_the_same_sku_twice_in_a_product_is_refused(tmp_path: Path) -> None:
    second = {"Handle": "bad", "Variant SKU": "S-bad", "Variant Price": "1", "Option1 Value": "L"}
    assert import_between(tmp_path, product("bad"), second)[1] == (
        "4", "Variant SKU", "S-bad", "stands twice in this product",
    )  # fmt: skip


def test_what_contradicts_the_shop_is_refused(tmp_path: Path) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", *(product(name) for name in "abcd")))
    Stock.objects.filter(variant__sku="S-c").update(allocated=5)
    before = contents()
    rows = [
        product("a") | {"Variant SKU": "S-b"},
        product("new") | {"Variant SKU": "S-new"},
        {"Handle": "new", "Variant SKU": "S-d", "Variant Price": "1"},
        product("c") | {"Variant Inventory Qty": "4"},
    ]
    summary = import_catalogue(shopify(tmp_path / "b.csv", *rows))
    assert (summary.products_rejected, summary.products_accepted, summary.rows_rejected) == (3, 0, 4)
    assert summary.accepted_nothing
    assert contents() == before
    assert [(at, column, value) for at, column, value, _ in reasons(tmp_path / "b.csv.rejected.csv")] == [
        ("2", "Variant SKU", "S-b"),
        ("3", "Variant SKU", "S-d"),
        ("3", "Variant SKU", "S-d"),
        ("5", "Variant Inventory Qty", "4"),
    ]
    assert [refusal.reason for refusal in summary.refusals] == [
        "is the SKU of the product b, and a is another one",
        "is the SKU of a variant of another product, d",
        "is below the 5 of S-c that are allocated to orders",
    ]


def test_two_rows_that_change_one_product_are_not_both_taken(tmp_path: Path) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", product("a")))
    rows = [product("a") | {"Variant SKU": "S-other"}, product("b") | {"Variant SKU": "S-a"}]
    summary = import_catalogue(shopify(tmp_path / "b.csv", *rows))
    assert (summary.products_updated, summary.products_rejected) == (1, 1)
    assert summary.refusals[0].reason == "is of the product that line 2 changes"


def test_the_mended_file_can_be_imported(tmp_path: Path) -> None:
    bad = [product("bad", Title=""), product("worse") | {"Variant Price": "x"}]
    import_catalogue(shopify(tmp_path / "a.csv", product("good"), *bad, "ragged,row\n"))
    path = tmp_path / "a.csv.rejected.csv"
    again = import_catalogue(path)
    assert (again.products_accepted, again.products_rejected) == (0, 3)
    path.write_text(path.read_text().replace("bad,,", "bad,Bad,").replace(",x,", ",5.00,"))
    mended = import_catalogue(path)
    assert (mended.products_created, mended.products_rejected) == (2, 1)
    assert set(Product.objects.values_list("slug", flat=True)) == {"good", "bad", "worse"}


def test_an_old_file_of_refused_rows_goes_when_nothing_is_refused(tmp_path: Path) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", product("a", Title="")))
    assert (tmp_path / "a.csv.rejected.csv").exists()
    import_catalogue(shopify(tmp_path / "a.csv", product("a")))
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_refused_products_make_no_categories(tmp_path: Path) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", product("a"), product("b")))
    bad = product("a", Type="Never") | {"Variant SKU": "S-b"}
    import_catalogue(shopify(tmp_path / "b.csv", bad))
    assert list(Category.objects.values_list("slug", flat=True)) == ["other"]


CUP = {
    "type": "product",
    "slug": "cup",
    "sku": "CUP",
    "name": "Cup",
    "price": "1.00",
    "variants": [{"sku": "C"}],
}


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        ("{oops", "", "JSON is malformed: object keys must be strings (byte 1)"),
        ({"slug": "cup"}, "", "object missing required field `type`"),
        (CUP | {"type": "thing"}, "type", "invalid value 'thing'"),
        (CUP | {"colour": "red"}, "", "object contains unknown field `colour`"),
        (CUP | {"price": 1.5}, "price", "expected `str`, got `float`"),
        (CUP | {"price": "1,5"}, "price", AMOUNT),
        (CUP | {"price": "0"}, "price", "is 0 exactly where is_free is true, and only there"),
        (CUP | {"compare_at_price": "1.00"}, "compare_at_price", "is not above the price"),
        (CUP | {"variants": []}, "variants", "expected `array` of length >= 1"),
        (CUP | {"variants": [{"sku": "C", "price": "0.00"}]}, "variants[0].price",
         "is 0; leave it out for the product's price"),
        (CUP | {"variants": [{"sku": "C"}, {"sku": "C"}]}, "variants[1].sku", "stands twice in this product"),
        (CUP | {"variants": [{"sku": "C", "stock": {"on_hand": -1}}]}, "variants[0].stock.on_hand",
         "is below 0, and it is not untracked"),
        (CUP | {"images": [{"alt": "x"}]}, "images", "has both a url and a file, or neither"),
        (CUP | {"images": [{"file": "../secret"}]}, "images", "is not the name of a file below the shop's media"),
        (CUP | {"created_at": "2024-01-01T00:00:00"}, "created_at", "expected `datetime` with a timezone component"),
        (CUP | {"images": [{"file": "\u200b/etc/passwd"}]}, "images",
         "is not the name of a file below the shop's media"),
        (CUP | {"images": [{"file": ".\u200b./.\u200b./x"}]}, "images",
         "is not the name of a file below the shop's media"),
        (CUP | {"images": [{"file": "a//x"}]}, "images", "is not the name of a file below the shop's media"),
        (CUP | {"images": [{"file": "./x"}]}, "images", "is not the name of a file below the shop's media"),
        (CUP | {"created_at": "9999-12-31T23:59:59-10:00"}, "created_at", "is not between the years 1970 and 2200"),
        (CUP | {"created_at": "0001-01-01T00:00:00+10:00"}, "created_at", "is not between the years 1970 and 2200"),
        (CUP | {"created_at": "9999-12-31T23:59:59-23:00"}, "created_at", "is not between the years 1970 and 2200"),
        (CUP | {"created_at": "2200-01-01T00:00:00Z"}, "created_at", "is not between the years 1970 and 2200"),
        (CUP | {"created_at": "1970-01-01T00:00:00+01:00"}, "created_at", "is not between the years 1970 and 2200"),
        (CUP | {"variants": [{"sku": "C", "attributes": {"": "x"}}]}, "variants[0].attributes", "has no name"),
        (CUP | {"variants": [{"sku": "C", "attributes": {"Size": "L", "Size ": "M"}}]}, "variants[0].attributes",
         "stands twice in this variant"),
        (CUP | {"category": "nowhere"}, "category", "is the slug of no category, here or earlier in the file"),
        (CUP | {"slug": "no slug"}, "slug", "has more in it than the letters a to z, digits, - and _"),
        ({"type": "category", "slug": "x", "name": "X", "parent": "y"}, "parent",
         "is the slug of no category, here or earlier in the file"),
        ({"type": "category", "slug": "x", "name": " "}, "name", "is empty"),
    ],
)  # fmt: skip
def test_a_bad_line_of_jsonl_is_refused(
    tmp_path: Path, bad: str | dict[str, Any], column: str, reason: str
) -> None:
    good = CUP | {"slug": "good", "sku": "GOOD", "variants": [{"sku": "G"}]}
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", bad, good))
    kind = bad.get("type") if isinstance(bad, dict) else None
    assert (summary.products_created, summary.rows_rejected) == (1, 1)
    assert summary.products_rejected == (kind == "product")
    assert summary.categories_rejected == (kind == "category")
    assert Product.objects.get().slug == "good"
    ((at, where, _, said),) = reasons(tmp_path / "a.jsonl.rejected.csv")
    assert (at, where, said) == ("1", column, reason)


def test_refused_lines_of_jsonl_can_be_mended_and_imported(tmp_path: Path) -> None:
    import_catalogue(jsonl(tmp_path / "a.jsonl", CUP | {"name": ""}))
    path = tmp_path / "a.jsonl.rejected.csv"
    assert import_catalogue(path).products_rejected == 1
    path.write_text(path.read_text().replace('""name"": """"', '""name"": ""Cup""'))
    assert import_catalogue(path).products_created == 1
    assert Product.objects.get().name == "Cup"


def test_a_category_below_itself_is_refused(tmp_path: Path) -> None:
    lines = [
        {"type": "category", "slug": "a", "name": "A"},
        {"type": "category", "slug": "b", "name": "B", "parent": "a"},
    ]
    import_catalogue(jsonl(tmp_path / "a.jsonl", *lines))
    before = contents()
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", lines[0] | {"parent": "b"}, CUP))
    assert [refusal.reason for refusal in summary.refusals] == ["stands below this category itself"]
    assert contents()["catalogue_category"][:2] == before["catalogue_category"]
