"""What counts as stale, judged by hand-made answers."""

import pytest

from tests.cli.proving import WORLD, Shop
from torg.cli.prove.judge import Complaint
from torg.cli.prove.ledger import REMEMBERED, Ledger
from torg.cli.prove.plan import Plan
from torg.cli.prove.report import LONG_ENOUGH_SECONDS, wrong_with
from torg.cli.prove.run import Findings
from torg.cli.prove.targets import targets
from torg.cli.prove.world import CATEGORIES, COMETS, PRODUCTS, is_outside

JUDGED = [fact for fact in WORLD.facts if fact.kind != "truncated"]


def all_complaints(shop: Shop, judge) -> list[Complaint]:
    """Have every document of ``shop`` judged."""
    return [
        *(each for slug in (*PRODUCTS, *COMETS) for each in judge.product(slug, shop.product(slug))),
        *judge.products(shop.products()),
        *(
            each
            for slug in CATEGORIES
            for each in judge.products(shop.products(category=slug), category=slug)
        ),
        *judge.products(shop.products(featured=True), featured=True),
        *judge.products(shop.products(in_stock=True), in_stock=True),
        *(each for slug in CATEGORIES for each in judge.category(slug, shop.category(slug))),
        *judge.tree(shop.tree()),
    ]


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_documents_that_show_what_was_acknowledged_are_fresh(version):
    shop = Shop({(fact.kind, fact.slug): version for fact in JUDGED})

    assert all_complaints(shop, shop.judge()) == []


@pytest.mark.parametrize("fact", JUDGED, ids=str)
def test_every_fact_that_is_one_version_behind_is_noticed(fact):
    now = Shop({(fact.kind, fact.slug): 1})

    assert all_complaints(Shop(), now.judge()) != []


@pytest.mark.parametrize("fact", JUDGED, ids=str)
def test_what_is_under_way_may_be_seen_or_not(fact):
    name = (fact.kind, fact.slug)
    judge = Shop().judge(attempted={name: 1})

    assert all_complaints(Shop(), judge) == []
    assert all_complaints(Shop({name: 1}), judge) == []


@pytest.mark.parametrize("fact", JUDGED, ids=str)
def test_what_nobody_has_attempted_yet_is_noticed(fact):
    assert all_complaints(Shop({(fact.kind, fact.slug): 1}), Shop().judge()) != []


def test_the_complaint_tells_what_was_seen_and_what_was_to_be():
    complaints = list(
        Shop({("price", "p03"): 7}).judge().product("p03", Shop({("price", "p03"): 4}).product("p03"))
    )

    (complaint,) = complaints
    assert (complaint.why, complaint.about, complaint.seen, complaint.expected, complaint.version) == (
        "stale",
        "price of p03",
        "v4",
        "v7 or later",
        4,
    )


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (lambda page: page.update(name="p03 rolled back"), "name of p03"),
        (lambda page: page.update(price={"amount": "0.01"}), "price of p03"),
        (lambda page: page["image"].update(alt="p03 rolled back"), "alt of p03"),
        (lambda page: page["variants"][0]["price"].update(amount="0.01"), "variant_price of p03"),
        (lambda page: page["variants"][0]["attributes"].update(version="rolled back"), "attribute of p03"),
        (lambda page: page["category"].update(name="roving rolled back"), "category_name of roving-deep"),
    ],
)
def test_what_was_rolled_back_may_never_be_seen(change, about):
    shop = Shop({("place", "p03"): 3})  # in roving-deep
    page = shop.product("p03")
    change(page)

    assert [(each.why, each.about) for each in shop.judge().product("p03", page)] == [
        ("never committed", about)
    ]


def test_a_page_that_is_gone_is_stale_unless_the_product_may_be_deleted():
    assert [each.why for each in Shop().judge().product("p03", None)] == ["gone"]
    assert [each.why for each in Shop().judge().product("comet-1", None)] == ["gone"]
    assert list(Shop().judge(attempted={("comet", "comet-1"): 1}).product("comet-1", None)) == []


def test_a_page_of_a_deleted_product_is_stale():
    judge = Shop({("comet", "comet-1"): 1}).judge()

    assert [each.why for each in judge.product("comet-1", Shop().product("comet-1"))] == ["there", "stale"]


def test_a_picture_may_be_missing_only_while_the_table_is_emptied():
    page = {**Shop().product("p03"), "image": None}

    assert [each.why for each in Shop().judge().product("p03", page)] == ["gone"]
    assert list(Shop().judge(attempted={("truncated", "images"): 1}).product("p03", page)) == []


def test_a_list_whose_count_is_of_another_state_is_noticed():
    document = {**Shop().products(), "count": 4}

    assert [each.why for each in Shop().judge().products(document)] == ["mixed"]


def test_the_ledger_tells_what_was_acknowledged_before_a_moment(tmp_path):
    writer, reader = Ledger(tmp_path / "ledger", 2), Ledger(tmp_path / "ledger", 2)
    assert reader.all_acknowledged(at=5.0) == [0, 0]

    writer.attempt(1, 1)
    assert (reader.acknowledged(1, at=99.0), reader.all_attempted()) == (0, [0, 1])

    writer.acknowledge(1, 1, at=10.0)
    assert reader.acknowledged(1, at=10.0) == 0
    assert reader.acknowledged(1, at=10.1) == 1

    writer.attempt(1, 2)  # Came to nothing.
    writer.attempt(1, 3)
    assert reader.acknowledged(1, at=99.0) == 1
    writer.acknowledge(1, 3, at=20.0)
    assert reader.acknowledged(1, at=99.0) == 3
    assert reader.acknowledged_at(1, 2) == float("inf")


def test_the_ledger_says_so_when_it_does_not_remember(tmp_path):
    ledger = Ledger(tmp_path / "ledger", 1)
    for version in range(1, REMEMBERED + 2):
        ledger.attempt(0, version)

    assert ledger.acknowledged(0, at=99.0) is None


def test_each_fact_has_one_writer_and_rows_are_not_shared():
    for writers in (1, 2, 3, 5):
        owned = [WORLD.of_writer(number, writers) for number in range(writers)]
        assert sorted(fact.index for facts in owned for fact in facts) == [
            fact.index for fact in WORLD.facts if not is_outside(fact)
        ]
    assert {fact.slug for fact in WORLD.outside()} == {"p16", "p17", "alpha-two"}


def plan(tmp_path, *, seconds: float) -> Plan:
    return Plan(
        folder=tmp_path,
        seconds=seconds,
        seed=1,
        processes=1,
        writers=1,
        readers=1,
        ports=(1, 2),
        faults=("redis-flushed", "redis-away"),
    )


def tried(**found) -> Findings:
    reads = [("product", "hit", 10), ("product", "miss", 2)]
    return Findings(1, **{"reads": reads, "writes": {"save": 3}, "faults": {"redis-flushed": 1}, **found})


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({}, []),
        ({"stale": {"product": 2}}, ["2 reads were stale"]),
        ({"stale_at_rest": [{}]}, ["1 reads were stale when writers had rested for 2 s"]),
        ({"reads": [("product", "miss", 9)]}, ["no read was answered from the cache"]),
        ({"writes": {"save": 0, "failed": 5}}, ["nothing was written"]),
        ({"wrong": ["it was interrupted"]}, ["it was interrupted"]),
    ],
)
def test_it_holds_only_if_nothing_was_stale_and_it_was_tried(tmp_path, found, wrong):
    assert wrong_with(tried(**found), plan(tmp_path, seconds=5)) == wrong


KINDS = sorted({target.kind for target in targets()})


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({}, []),
        ({"faults": {"redis-flushed": 1}}, ["never happened: redis-away"]),
        (
            {"reads": [(kind, "miss" if kind in {"featured", "category"} else "hit", 10) for kind in KINDS]},
            ["never answered from the cache: category, featured"],
        ),
        ({"failed_requests": {"503": 5 * len(KINDS) - 1}}, []),
        (
            {"failed_requests": {"503": 5 * len(KINDS)}},
            [f"{5 * len(KINDS)} requests failed for {10 * len(KINDS)} that were answered"],
        ),
    ],
)
def test_in_a_long_run_every_fault_has_to_happen_every_kind_to_be_hit_and_few_requests_may_fail(
    tmp_path, found, wrong
):
    all_of_it = {
        "reads": [(kind, "hit", 10) for kind in KINDS],
        "faults": {"redis-flushed": 1, "redis-away": 1},
    }

    assert wrong_with(tried(**{**all_of_it, **found}), plan(tmp_path, seconds=LONG_ENOUGH_SECONDS)) == wrong


def test_a_short_run_need_not_have_tried_everything(tmp_path):
    found = tried(failed_requests={"503": 100})

    assert wrong_with(found, plan(tmp_path, seconds=LONG_ENOUGH_SECONDS - 1)) == []
