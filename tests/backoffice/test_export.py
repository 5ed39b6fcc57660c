"""Downloads of products as CSV."""

import csv
import io

import pytest

from tests.shop import add_category, add_product
from torg.backoffice import export
from torg.catalogue.models import Product
from torg.imports.shopify_writer import write_shopify_csv
from torg.inventory.models import Stock

LIST = "/backoffice/catalogue/product/"


def rows_of(answer):
    assert answer.status_code == 200
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="products-')
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))


@pytest.mark.django_db
def test_the_selected_products_are_exported_with_all_their_variants(owner):
    mug = add_product("Mug", description="<p>Well, “made”</p>", variants=[{"sku": "M-1"}, {"sku": "M-2"}])
    add_product("Plate")
    chosen = {"action": "export_selected", "_selected_action": [str(mug.pk)]}
    rows = rows_of(owner.post(LIST, chosen))
    assert [(row["Handle"], row["Variant SKU"]) for row in rows] == [("mug", "M-1"), ("mug", "M-2")]
    assert (rows[0]["Title"], rows[0]["Body (HTML)"]) == ("Mug", "<p>Well, “made”</p>")


@pytest.mark.django_db
def test_an_export_of_all_that_match_follows_search_filters_and_order(owner):
    lamps = add_category("Lamps")
    for name in ("Red lamp", "Green lamp"):
        add_product(name, category=lamps)
    add_product("Blue lamp", category=lamps, is_active=False)
    add_product("Red mug")
    query = {"category__id__exact": str(lamps.pk), "is_active__exact": "1", "q": "lamp"}
    page = owner.get(LIST, query).content.decode()
    link = f"{LIST}export/?category__id__exact={lamps.pk}&amp;is_active__exact=1&amp;q=lamp"
    assert f'href="{link}"' in page
    handles = [row["Handle"] for row in rows_of(owner.get(f"{LIST}export/", query))]
    assert handles == ["green-lamp", "red-lamp"]


@pytest.mark.django_db(transaction=True)
def test_an_export_is_written_in_batches_under_one_header(owner, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 2)
    for number in range(5):
        add_product(f"Mug {number}")
    answer = owner.get(f"{LIST}export/")
    assert len(rows_of(answer)) == 5
    parts = list(owner.get(f"{LIST}export/").streaming_content)
    assert [part.count(b"\n") for part in parts] == [1, 2, 2, 1]


@pytest.mark.django_db
def test_a_filter_that_makes_no_sense_exports_nothing(owner):
    add_product()
    answer = owner.get(f"{LIST}export/", {"category__id__exact": "no id"})
    assert (answer.status_code, answer["Location"]) == (302, LIST)


@pytest.mark.django_db
def test_nothing_in_an_export_is_a_formula_to_a_spreadsheet(owner):
    add_product(
        '=HYPERLINK("http://evil","x")',
        slug="mug",
        brand="@SUM(A1)",
        description="\tcmd",
        variants=[{"sku": "+FO1", "attributes": {"-size": "-2"}, "on_hand": 3}],
    )
    Stock.objects.update(is_tracked=False, on_hand=-3)
    (row,) = rows_of(owner.get(f"{LIST}export/"))
    assert row["Title"] == '\'=HYPERLINK("http://evil","x")'
    assert (row["Vendor"], row["Body (HTML)"], row["Variant SKU"]) == ("'@SUM(A1)", "'\tcmd", "'+FO1")
    assert (row["Option1 Name"], row["Option1 Value"]) == ("'-size", "'-2")
    assert (row["Handle"], row["Variant Price"], row["Variant Inventory Qty"]) == ("mug", "10.00", "-3")


@pytest.mark.django_db
def test_what_is_imported_again_is_exact():
    add_product("=1+1", variants=[{"sku": "+FO1"}])
    stream = io.StringIO(newline="")
    write_shopify_csv(Product.objects.order_by("pk"), stream)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue(), newline=""))
    assert (row["Title"], row["Variant SKU"]) == ("=1+1", "+FO1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("permissions", "shown"),
    [
        (["catalogue.view_product"], ("", "")),
        (["catalogue.view_product", "inventory.view_stock"], ("shopify", "7")),
        (["catalogue.view_product", "inventory.change_stock"], ("shopify", "7")),
    ],
)
def test_stock_is_exported_for_who_may_see_it(staff, permissions, shown):
    mug = add_product("Mug", on_hand=7)
    browser = staff(*permissions)
    chosen = {"action": "export_selected", "_selected_action": [str(mug.pk)]}
    for answer in (browser.get(f"{LIST}export/"), browser.post(LIST, chosen)):
        (row,) = rows_of(answer)
        assert (row["Variant Inventory Tracker"], row["Variant Inventory Qty"]) == shown
        assert (row["Handle"], row["Variant Price"]) == ("mug", "10.00")
