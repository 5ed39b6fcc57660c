"""The list of stock, and corrections of it."""

import pytest

from tests.shop import add_product
from torg.backoffice.stock import on_hand_after
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db

LIST = "/backoffice/inventory/stock/"


def skus(page):
    return [stock.variant.sku for stock in page.context["cl"].result_list]


@pytest.fixture
def shop():
    add_product(
        variants=[{"sku": "MANY", "on_hand": 50}, {"sku": "NONE", "on_hand": 0}, {"sku": "FEW", "on_hand": 2}]
    )


def test_what_runs_out_stands_first(owner, shop):
    assert skus(owner.get(LIST)) == ["NONE", "FEW", "MANY"]


def test_search_by_sku_and_filter_by_availability(owner, shop):
    assert skus(owner.get(LIST, {"q": "ma"})) == ["MANY"]
    assert skus(owner.get(LIST, {"availability": "low_stock"})) == ["FEW"]
    assert skus(owner.get(LIST, {"availability": "out_of_stock"})) == ["NONE"]


def test_more_rows_need_no_more_statements(owner, shop, django_assert_num_queries):
    for _ in range(20):
        add_product()
    with django_assert_num_queries(4):  # session, user, count, rows
        assert len(skus(owner.get(LIST))) == 23


def test_a_correction_adds_to_what_there_is_by_then(owner):
    add_product(on_hand=10)
    stock = Stock.objects.get()
    form = {"on_hand": "15", "initial-on_hand": "10", "low_stock_threshold": "5", "is_tracked": "on"}
    Stock.objects.update(on_hand=7)
    assert owner.post(f"{LIST}{stock.pk}/change/", form).status_code == 302
    stock.refresh_from_db()
    assert stock.on_hand == 12


def test_a_correction_below_what_orders_wait_for_is_refused(owner):
    add_product(on_hand=10)
    Stock.objects.update(allocated=4)
    stock = Stock.objects.get()
    form = {"on_hand": "3", "initial-on_hand": "10", "low_stock_threshold": "9", "is_tracked": "on"}
    page = owner.post(f"{LIST}{stock.pk}/change/", form)
    assert page.context["adminform"].form.errors == {
        "on_hand": ["4 of them are allocated to orders, so there cannot be fewer."]
    }
    stock.refresh_from_db()
    assert (stock.on_hand, stock.low_stock_threshold) == (10, 5)


def test_stock_is_neither_added_nor_deleted_by_itself(owner):
    add_product()
    stock = Stock.objects.get()
    assert owner.get(f"{LIST}add/").status_code == 403
    assert owner.post(f"{LIST}{stock.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Stock.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "shown", "current", "after"),
    [
        (15, "10", 10, 15),
        (15, "10", 7, 12),
        (0, "-3", -3, 0),
        *((5, shown, 7, 5) for shown in (None, "", "x", "--5", "-", "²", "9" * 5000)),
    ],
)
def test_a_correction_is_the_difference_to_what_was_shown(typed, shown, current, after):
    assert on_hand_after(typed, shown, current) == after


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(str(2**31), "10"), (str(-(2**31)), "10"), ("15", str(-(10**30))), ("15", str(10**30))],
)
def test_a_correction_beyond_all_numbers_is_refused(owner, typed, shown):
    add_product(on_hand=10)
    stock = Stock.objects.get()
    form = {"on_hand": typed, "initial-on_hand": shown, "low_stock_threshold": "9"}
    page = owner.post(f"{LIST}{stock.pk}/change/", form)
    assert page.context["adminform"].form.errors == {"on_hand": ["There can be 2147483647 at most."]}
    stock.refresh_from_db()
    assert (stock.on_hand, stock.low_stock_threshold, stock.is_tracked) == (10, 5, True)
