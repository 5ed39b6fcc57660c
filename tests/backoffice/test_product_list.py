"""The list of products the staff works from."""

import re
from datetime import UTC, datetime

import pytest

from tests.shop import add_category, add_product
from torg.backoffice.counting import EstimatingPaginator
from torg.catalogue.models import Product

pytestmark = pytest.mark.django_db

LIST = "/backoffice/catalogue/product/"


def names(page):
    return [product.name for product in page.context["cl"].result_list]


def run(owner, action, *products, **more):
    chosen = {"action": action, "_selected_action": [str(product.pk) for product in products], **more}
    answer = owner.post(LIST, chosen, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_a_row_shows_what_the_staff_looks_for(owner):
    add_product(
        "Blue Mug",
        sku="MUG",
        brand="Kivi",
        price="19.90",
        on_hand=3,
        is_featured=True,
        images=["https://example.com/a.jpg", "https://example.com/b.jpg"],
    )
    page = owner.get(LIST).content.decode()
    row = page[page.index('id="result_list"') :]
    shown = [text for text in (part.strip() for part in re.sub(r"<[^>]*>", "\n", row).split("\n")) if text]
    for text in ("Blue Mug", "MUG", "Kivi", "Things", "19.90 EUR", "low stock", "featured"):
        assert text in shown
    assert row.count("https://example.com/a.jpg") == 1
    assert "https://example.com/b.jpg" not in row


def test_the_newest_stands_first(owner):
    for day in (2, 3, 1):
        add_product(f"Of day {day}", created_at=datetime(2026, 1, day, tzinfo=UTC))
    assert names(owner.get(LIST)) == ["Of day 3", "Of day 2", "Of day 1"]


def test_more_rows_need_no_more_statements(owner, django_assert_num_queries):
    def fill(number):
        for _ in range(number):
            add_product(variants=[{}, {}], images=["https://example.com/1.jpg", "https://example.com/2.jpg"])

    fill(2)
    with django_assert_num_queries(5):  # session, user, count, rows, pictures
        owner.get(LIST)
    fill(38)
    with django_assert_num_queries(5):
        assert len(names(owner.get(LIST))) == 40


@pytest.mark.parametrize("term", ["blue m", "MUG-X", "azure", "mug-x-0", "AZURE mug"])
def test_search_knows_names_slugs_and_skus_of_products_and_variants(owner, term):
    add_product("Blue Mug", sku="MUG-X", slug="azure", variants=[{}, {}])
    add_product("Red plate", sku="PLATE")
    assert names(owner.get(LIST, {"q": term})) == ["Blue Mug"]


def test_the_filter_by_category_covers_the_subtree(owner):
    clothing = add_category("Clothing")
    shoes = add_category("Shoes", parent=clothing)
    add_product("Boot", category=shoes)
    add_product("Shirt", category=clothing)
    add_product("Lamp")
    assert names(owner.get(LIST, {"category__id__exact": str(clothing.pk)})) == ["Shirt", "Boot"]
    assert names(owner.get(LIST, {"category__id__exact": str(shoes.pk)})) == ["Boot"]
    assert owner.get(LIST, {"category__id__exact": "no id"})["Location"] == f"{LIST}?e=1"


def test_filters_by_availability_brand_and_switches(owner):
    add_product("Plenty", brand="Kivi", variants=[{"on_hand": 0}, {"on_hand": 50}])
    add_product("Few", brand="Nord", variants=[{"on_hand": 0}, {"on_hand": 2}], is_featured=True)
    add_product("None", variants=[{"on_hand": 0}, {"on_hand": 50, "is_active": False}], is_active=False)
    for query, expected in (
        ({"availability": "in_stock"}, ["Plenty"]),
        ({"availability": "low_stock"}, ["Few"]),
        ({"availability": "out_of_stock"}, ["None"]),
        ({"brand": "kiv"}, ["Plenty"]),
        ({"is_active__exact": "0"}, ["None"]),
        ({"is_featured__exact": "1"}, ["Few"]),
        ({"is_active__exact": "1", "availability": "in_stock"}, ["Plenty"]),
    ):
        assert names(owner.get(LIST, query)) == expected


def test_the_list_and_the_filter_agree_on_availability(owner):
    add_product("Plenty", variants=[{"on_hand": 0}, {"on_hand": 50}])
    add_product("Few", variants=[{"on_hand": 2}, {"on_hand": 0}])
    add_product("None", variants=[{"on_hand": 0}])
    add_product("Endless", variants=[{"on_hand": 0, "stock": {"is_tracked": False}}])
    for code, number in (("in_stock", 2), ("low_stock", 1), ("out_of_stock", 0)):
        rows = owner.get(LIST, {"availability": code}).context["cl"].result_list
        assert {row.availability for row in rows} == {number}


def test_products_are_switched_on_and_off_together(owner):
    mug, plate, lamp = (add_product(name) for name in ("Mug", "Plate", "Lamp"))
    assert run(owner, "deactivate", mug, plate) == ["2 products were deactivated."]
    assert set(Product.objects.filter(is_active=True)) == {lamp}
    assert run(owner, "activate", mug, lamp) == ["1 product was activated."]
    assert set(Product.objects.filter(is_active=True)) == {mug, lamp}
    assert run(owner, "feature", mug, plate) == ["2 products were featured."]
    assert set(Product.objects.filter(is_featured=True)) == {mug, plate}
    assert run(owner, "unfeature", mug) == ["1 product was no longer featured."]
    assert set(Product.objects.filter(is_featured=True)) == {plate}


def test_an_action_on_all_that_match_leaves_the_others(owner):
    for number in range(60):
        add_product(f"Mug {number}")
    lamp = add_product("Lamp")
    first = Product.objects.exclude(pk=lamp.pk).first()
    chosen = {"action": "feature", "_selected_action": [str(first.pk)], "select_across": "1"}
    owner.post(f"{LIST}?q=mug", chosen)
    assert Product.objects.filter(is_featured=True).count() == 60
    lamp.refresh_from_db()
    assert not lamp.is_featured


def test_who_may_only_look_changes_nothing(staff):
    browser = staff("catalogue.view_product")
    mug = add_product("Mug")
    page = browser.get(LIST)
    assert page.status_code == 200
    assert [value for value, _ in page.context["action_form"].fields["action"].choices] == [
        "",
        "export_selected",
    ]
    browser.post(LIST, {"action": "deactivate", "_selected_action": [str(mug.pk)]})
    assert browser.post(f"{LIST}{mug.pk}/change/", {"name": "Cup"}).status_code == 403
    mug.refresh_from_db()
    assert (mug.name, mug.is_active) == ("Mug", True)


def test_a_list_is_counted_exactly_while_it_is_short():
    for _ in range(3):
        add_product()
    assert EstimatingPaginator(Product.objects.order_by("pk"), 50).count == 3


def test_a_long_list_is_estimated_by_the_planner(monkeypatch):
    monkeypatch.setattr("torg.backoffice.counting.EXACT_UP_TO", 5)
    for _ in range(7):
        add_product()
    monkeypatch.setattr("torg.backoffice.counting._estimate", lambda rows: 1_000)
    assert EstimatingPaginator(Product.objects.order_by("pk"), 50).count == 1_000
    monkeypatch.setattr("torg.backoffice.counting._estimate", lambda rows: 0)
    assert EstimatingPaginator(Product.objects.order_by("pk"), 50).count == 6


def test_a_list_says_whether_its_count_is_estimated(owner, monkeypatch):
    for _ in range(60):
        add_product()

    def counts(page):
        text = " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())
        return re.findall(r"(?:about )?\b[\d,]+ (?:results|products)\b", text)

    assert counts(owner.get(LIST)) == ["60 results", "60 products", "60 products"]
    monkeypatch.setattr("torg.backoffice.counting.EXACT_UP_TO", 5)
    monkeypatch.setattr("torg.backoffice.counting._estimate", lambda rows: 46_000)
    page = owner.get(LIST)
    assert counts(page) == ["about 46,000 results", "about 46,000 products", "about 46,000 products"]
    assert page.context["cl"].paginator.num_pages == 920
