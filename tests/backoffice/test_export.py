"""Downloads of products as CSV."""

import csv
import io

import pytest

from tests.shop import add_category, add_product
from torg.backoffice import export

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
