"""The SQL function that triggers call, and the row that it writes."""

import pytest
from django.db import connection, transaction

from torg.caching.models import Change

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_change_of_others(db):
    """What other tests committed, the emptying of their tables too, is announced."""
    Change.objects.all().delete()


@pytest.fixture
def heard():
    """Listen to what PostgreSQL says to this connection."""
    connection.ensure_connection()
    messages = []

    def hear(diagnostic):
        messages.append((diagnostic.severity, diagnostic.message_primary))

    connection.connection.add_notice_handler(hear)
    yield messages
    connection.connection.remove_notice_handler(hear)


def record(tags, *, before=""):
    with connection.cursor() as cursor:
        if before:
            cursor.execute(before)
        cursor.execute("SELECT caching_record(%s::text[])", [tags])


def this_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


def test_a_change_is_one_row_of_distinct_tags_with_its_transaction(heard):
    record(["b:2", "a:1", "b:2", None, "a"])
    change = Change.objects.get()
    assert (change.xid, change.tags) == (this_transaction(), ["a", "a:1", "b:2"])
    assert heard == [("INFO", f"torg.change {this_transaction()} a a:1 b:2")]


def test_the_row_says_when_and_is_found_by_its_transaction():
    record(["a"])
    record(["b"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now = cursor.fetchone()[0]
    found = Change.objects.filter(xid=this_transaction(), created_at__lte=now).order_by("tags")
    assert [change.tags for change in found] == [["a"], ["b"]]
    assert not Change.objects.filter(xid__gt=this_transaction()).exists()
    assert Change.objects.get(pk=found[1].pk) == found[1]


def test_an_inner_transaction_has_the_number_of_the_outer_one(heard):
    outer = this_transaction()
    with transaction.atomic():
        record(["a"])
    assert Change.objects.get().xid == outer
    assert heard == [("INFO", f"torg.change {outer} a")]


@pytest.mark.parametrize("tags", [None, [], [None, None]])
def test_nothing_is_no_change(heard, tags):
    record(tags)
    assert not Change.objects.exists()
    assert heard == []


def test_a_thousand_tags_of_a_kind_are_named_and_one_more_becomes_the_kind(heard):
    few = [f"few:{number}" for number in range(1000)]
    many = [f"many:{number}" for number in range(1001)]
    record([*few, *many, "many", "*", *few])
    assert Change.objects.get().tags == sorted([*few, "many:*", "many", "*"])
    assert len(heard) == 1


def test_names_without_a_kind_are_named_however_many():
    names = [f"name-{number}" for number in range(1001)]
    record([*names, ":x"])
    assert len(Change.objects.get().tags) == 1002


def test_a_kind_ends_at_the_first_colon():
    record([f"things:{number % 2}:{number}" for number in range(1001)])
    assert Change.objects.get().tags == ["things:*"]


@pytest.mark.parametrize("program", ["psql", "pg_dump", "pg_restore"])
def test_who_would_see_it_on_the_screen_is_spared(heard, program):
    record(["a"], before=f"SET application_name = '{program}'")
    assert Change.objects.get().tags == ["a"]
    assert heard == []


def test_the_writer_is_told_whatever_it_wants_to_hear(heard):
    record(["a"], before="SET client_min_messages = error")
    assert len(heard) == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_is_none():
    with transaction.atomic():
        record(["rolled back"])
        transaction.set_rollback(True)
    assert not Change.objects.filter(tags=["rolled back"]).exists()


def test_ranges_of_transactions_are_read_from_the_index():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO caching_change (xid, tags) SELECT n::text::xid8, '{a}' FROM generate_series(1, 20000) AS n;"
            "ANALYZE caching_change"
        )
        cursor.execute("EXPLAIN SELECT tags FROM caching_change WHERE xid >= '19990'")
        assert "Index Scan using caching_change_xid" in cursor.fetchone()[0]


def test_changes_outlive_a_crash_as_prepared_transactions_do():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE oid = 'caching_change'::regclass")
        assert cursor.fetchone()[0] == "p"
