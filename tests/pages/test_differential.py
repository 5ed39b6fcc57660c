"""Nothing that was asked for is stale after any write by any road: a differential test over all kinds of documents."""

import os
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.pages import asking
from tests.pages.columns import CHANGES, MODELS, NEW
from tests.pages.connections import run
from tests.pages.machine import Shop, hits_missing
from tests.pages.small_shop import fill
from torg.caching import faults, kinds
from torg.caching.document import Document
from torg.caching.kinds import kind_named

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient_redis")]

# For longer than CI has time: DIFFERENTIAL_EXAMPLES=1000, others each time.
EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "0"))
QUIET = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
AT_LENGTH = settings(max_examples=EXAMPLES or 10, stateful_step_count=20, derandomize=not EXAMPLES, **QUIET)
UNTIL_FOUND = settings(
    max_examples=60,
    stateful_step_count=20,
    derandomize=True,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    **QUIET,
)
ANNOUNCING = """
    SELECT relname, tgname FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE prosrc LIKE '%%caching_record%%' ORDER BY 1, 2
"""


class PatientShop(Shop):
    """One that finds what there is to be found, also beside other tests."""

    patience = 2.0


def test_every_document_in_the_cache_equals_one_built_anew_after_every_write():
    Shop.hits = Counter()
    run_state_machine_as_test(Shop, settings=AT_LENGTH)
    assert hits_missing(Shop.hits) == [], (
        "Nothing of these kinds was ever found in the cache, so nothing was proved of them. Give what to ask of them "
        "to SLUGS or TEXTS in tests/pages/asking.py, and to fill() in tests/pages/small_shop.py what they show."
    )


def test_every_table_that_announces_changes_is_written_to():
    announcing = {table for table, _ in run(ANNOUNCING)}
    assert announcing == {model._meta.db_table for model in MODELS.values()}, (
        "Give the table's columns to CHANGES, NEW and MODELS in tests/pages/columns.py."
    )
    assert set(MODELS) == set(CHANGES) == set(NEW)


FORGOTTEN = [
    ("product", "product"),
    ("product", "category"),
    ("products", "products"),
    ("products", "products:category"),
    ("featured", "products:featured"),
    ("category_tree", "categories"),
    ("category_tree", "product-counts"),
    ("categories", "categories"),
    ("categories", "product-counts"),
    ("category", "categories"),
    ("category", "product-counts"),
]


@pytest.mark.parametrize(("kind", "tag"), FORGOTTEN)
def test_a_kind_that_forgets_a_tag_is_found(monkeypatch, kind, tag):
    monkeypatch.setattr(kinds, "_kinds", {kind: _forgetful(kind_named(kind), tag)})
    with pytest.raises(AssertionError, match=f"^{kind}:.* is stale"):
        run_state_machine_as_test(PatientShop, settings=UNTIL_FOUND)


def test_every_tag_of_every_kind_is_among_those_forgotten():
    fill()
    tags = {
        (kind.name, ID.sub("", tag))
        for kind, asked in asking.warmed()
        if (document := kind.build(asked)) is not None
        for tag in document.tags
    }
    assert tags == set(FORGOTTEN)


# With what shows it. Who deletes a product deletes its variants, which tell of it, too.
SILENCED = [
    ("catalogue_category", "announce_updated", "category"),
    ("catalogue_category", "announce_count_updated", "category"),
    ("catalogue_product", "announce_updated", "product"),
    ("catalogue_productimage", "announce_deleted", "product"),
    ("catalogue_variant", "announce_inserted", "product"),
    ("inventory_stock", "announce_updated", "product"),
]


@pytest.mark.parametrize(("table", "name", "kind"), SILENCED)
def test_a_table_that_is_silent_about_some_writes_is_found(monkeypatch, table, name, kind):
    monkeypatch.setattr(kinds, "_kinds", {kind: kind_named(kind)})
    (trigger,) = [
        trigger
        for where, trigger in run(ANNOUNCING)
        if where == table and trigger.startswith(f"pgtrigger_{name}_")
    ]
    run(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    try:
        with pytest.raises(AssertionError, match=f"^{kind}:.* is stale"):
            run_state_machine_as_test(PatientShop, settings=UNTIL_FOUND)
    finally:
        run(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def test_a_writer_that_leaves_its_marks_to_others_is_found(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {"product": kind_named("product")})
    monkeypatch.setattr(faults, "MARKS_ARE_OFF", True)
    with pytest.raises(AssertionError, match="is stale"):
        run_state_machine_as_test(PatientShop, settings=UNTIL_FOUND)


ID = re.compile(":[0-9a-f-]{36}$")


def _forgetful(kind, forgotten):
    def build(asked):
        document = kind.build(asked)
        if document is None:
            return None
        tags = [tag for tag in document.tags if ID.sub("", tag) != forgotten]
        return Document.of(document.body, tags, is_kept=document.is_kept)

    return replace(kind, build=build, build_many=None)
