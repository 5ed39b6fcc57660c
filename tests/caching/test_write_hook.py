"""What has been written is marked before whoever wrote it goes on, by whatever road it was written."""

import asyncio
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, connection, connections, transaction
from procrastinate.contrib.django import app

from tests.backoffice.conftest import owner, product_form
from tests.caching import kit
from tests.caching.kit import elsewhere, mark, record, seconds_of
from tests.shop import add_product, add_variant
from torg.caching import changes, keys, trust
from torg.caching.changes import invalidate
from torg.caching.redis import using
from torg.catalogue.models import Product
from torg.lib.embedded.processes import becomes_true

__all__ = ["owner", "product_form"]
pytestmark = pytest.mark.django_db(transaction=True)
TRUST = 0.25


@pytest.fixture(autouse=True)
def _anew(anew):
    pass


@pytest.fixture
def product():
    product = add_product()
    using(lambda it: it.run("DEL", keys.key("marks")))
    return product


def is_marked(product):
    return mark(f"product:{product.pk}") is not None


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


UPDATE = "UPDATE catalogue_product SET name = name || '!' WHERE id = %s"


def save(product):
    product.name += "!"
    product.save()


def bulk_update(product):
    product.name += "!"
    Product.objects.bulk_update([product], ["name"])


def executemany(product):
    with connection.cursor() as cursor:
        cursor.executemany(UPDATE, [(product.pk,), (product.pk,)])


def stream(product):
    with connection.cursor() as cursor:
        assert list(cursor.cursor.stream(f"{UPDATE} RETURNING 1", (product.pk,))) == [(1,)]


def by_hand(product):
    connection.set_autocommit(False)
    sql(UPDATE, product.pk)
    assert not is_marked(product)
    connection.commit()
    # Else the next line might be what has raised it.
    assert is_marked(product)
    connection.set_autocommit(True)


def raw(product):
    sql("BEGIN")
    sql(UPDATE, product.pk)
    assert not is_marked(product)
    sql("COMMIT")


def in_atomic(product):
    with transaction.atomic():
        sql(UPDATE, product.pk)
        assert not is_marked(product)


def in_nested(product):
    with transaction.atomic():
        with transaction.atomic():
            sql(UPDATE, product.pk)
        assert not is_marked(product)


def around_a_savepoint(product):
    with transaction.atomic():
        with pytest.raises(Error), transaction.atomic():
            sql("SELECT 1 / 0")
        sql(UPDATE, product.pk)


def two_statements(product):
    sql(f"BEGIN; UPDATE catalogue_product SET name = 'x' WHERE id = '{product.pk}'; COMMIT")


def a_block(product):
    sql(f"DO $$ BEGIN UPDATE catalogue_product SET name = 'x' WHERE id = '{product.pk}'; COMMIT; END $$")


def beside_a_pooled_connection(product):
    with connection.cursor():
        connection.connection.execute(UPDATE, (product.pk,))


def without_notices(product):
    sql("SET client_min_messages = error")
    sql(UPDATE, product.pk)
    sql("RESET client_min_messages")


def on_a_connection_that_was_used_before(product):
    for _ in range(3):
        connection.close()
        connection.ensure_connection()
    sql(UPDATE, product.pk)


def in_a_thread(product):
    elsewhere(lambda: sql(UPDATE, product.pk))


WAYS = [
    save, bulk_update, executemany, stream, by_hand, raw, in_atomic, in_nested, around_a_savepoint, two_statements,
    a_block, beside_a_pooled_connection, without_notices, on_a_connection_that_was_used_before, in_a_thread,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_write_is_marked(product, way):
    way(product)
    assert is_marked(product)
    number = changes.Snapshot.parsed(snapshot()).xmax
    assert mark(f"product:{product.pk}") < number


def snapshot():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return cursor.fetchone()[0]


def test_all_that_the_orm_does_is_marked(product):
    Product.objects.filter(pk=product.pk).update(name="By update")
    assert is_marked(product)
    with transaction.atomic():
        (created,) = Product.objects.bulk_create(
            [Product(name="New", slug="new", sku="NEW", price=1, category=product.category)]
        )
        add_variant(created)
    assert is_marked(created)
    before = mark("products")
    created.delete()
    assert mark("products") > before


def test_a_copy_is_marked():
    record("before:1")
    sql("CREATE TABLE copied (tag text)")
    try:
        sql(TRIGGER.format(table="copied"))
        with connection.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write_row(["by:copy"])
            assert mark("by:copy") is None
        assert mark("by:copy") is not None
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy("COPY copied FROM STDIN") as copy:
                copy.write_row(["by:copy-in-atomic"])
            assert mark("by:copy-in-atomic") is None
        assert mark("by:copy-in-atomic") is not None
    finally:
        sql("DROP TABLE copied; DROP FUNCTION copied()")


TRIGGER = """
    CREATE FUNCTION {table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM caching_record(ARRAY[NEW.tag]); RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER told AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION {table}();
"""


def test_what_a_trigger_does_at_the_commit_is_marked():
    sql("CREATE TABLE deferred (tag text)")
    try:
        sql(TRIGGER.format(table="deferred"))
        with transaction.atomic():
            sql("INSERT INTO deferred VALUES ('at:commit')")
            assert not changes.told(connection.connection).tags
        assert mark("at:commit") is not None
    finally:
        sql("DROP TABLE deferred; DROP FUNCTION deferred()")


def test_callbacks_after_the_commit_find_the_mark(product):
    seen = []
    with transaction.atomic():
        transaction.on_commit(lambda: seen.append(is_marked(product)))
        sql(UPDATE, product.pk)
    assert seen == [True]


def roll_back(product):
    with transaction.atomic():
        sql(UPDATE, product.pk)
        transaction.set_rollback(True)


def test_what_is_rolled_back_is_not_marked(product):
    roll_back(product)
    connection.set_autocommit(False)
    sql(UPDATE, product.pk)
    connection.rollback()
    connection.set_autocommit(True)
    record("something:else")
    assert mark("something:else") is not None
    assert not is_marked(product)


def test_a_savepoint_that_is_rolled_back_does_no_harm(product):
    with transaction.atomic():
        place = transaction.savepoint()
        sql(UPDATE, product.pk)
        transaction.savepoint_rollback(place)
        record("outer:1")
    assert mark("outer:1") is not None


def test_an_uncommitted_write_on_a_connection_that_is_given_back_is_forgotten(product):
    sql("BEGIN")
    sql(UPDATE, product.pk)
    backend = connection.connection.info.backend_pid
    connection.close()

    def is_given_again():
        connection.close()
        connection.ensure_connection()
        return connection.connection.info.backend_pid == backend

    assert becomes_true(is_given_again, seconds=5)
    record("next:1")
    assert mark("next:1") is not None
    assert not is_marked(product)


def test_a_notice_is_heard_once_however_often_a_connection_is_given_back(product, monkeypatch):
    heard = []
    hear = changes.Told.hear
    monkeypatch.setattr(
        changes.Told, "hear", lambda self, it: (heard.append(it.message_primary), hear(self, it))
    )
    connection.connection and connection.connection.close()
    connection.close()
    connections["default"].close_pool()
    for _ in range(5):
        record("same:1")
        connection.close()
    assert len(heard) == 5


def test_a_truncation_ends_the_epoch(product):
    before = using(trust.confirm)
    sql("TRUNCATE catalogue_productimage")
    assert mark("epoch") is None
    assert using(trust.confirm) != before


def test_a_cursor_with_parameters_bound_by_the_server_raises_marks(product):
    other = connections.create_connection("default")
    other.settings_dict = {**other.settings_dict}
    other.settings_dict["OPTIONS"] = {"server_side_binding": True}
    try:
        with other.cursor() as cursor:
            cursor.execute(UPDATE, (product.pk,))
        assert is_marked(product)
    finally:
        other.close()


def test_another_alias_raises_marks_too(product):
    other = connections.create_connection("default")
    other.settings_dict = {**other.settings_dict, "OPTIONS": {}}
    try:
        with other.cursor() as cursor:
            cursor.execute(UPDATE, (product.pk,))
        assert is_marked(product)
        other.set_autocommit(False)
        record("on:other", on=other)
        other.commit()
        assert mark("on:other") is not None
    finally:
        other.close()


def test_the_first_write_of_a_process_raises_its_mark_and_leaves_no_transaction(product):
    def first(write):
        kit.forget()
        connection.close()
        write(product)
        found = keys._namespaces.copy()
        assert found
        assert connection.connection.info.transaction_status == 0
        assert is_marked(product)

    for write in (save, in_atomic_unseen, raw_unseen, by_hand_unseen):
        using(lambda it: it.run("FLUSHDB"))
        first(write)


def in_atomic_unseen(product):
    with transaction.atomic():
        sql(UPDATE, product.pk)


def raw_unseen(product):
    sql("BEGIN")
    sql(UPDATE, product.pk)
    sql("COMMIT")


def by_hand_unseen(product):
    connection.set_autocommit(False)
    sql(UPDATE, product.pk)
    connection.commit()
    connection.set_autocommit(True)


def test_an_invalidation_follows_the_transaction():
    with transaction.atomic():
        invalidate("by:hand")
        assert mark("by:hand") is None
    assert mark("by:hand") is not None
    for tag in ("", "a b", "a,b", "x" * 201, "a\n"):
        with pytest.raises(changes.UnusableTag):
            invalidate(tag)


def test_more_than_a_thousand_of_a_kind_raise_the_mark_of_the_kind():
    record(*(f"many:{number}" for number in range(1001)), "few:1")
    assert mark("many:*") is not None
    assert mark("many:1") is None
    assert mark("few:1") == mark("many:*")


def test_many_statements_of_one_transaction_raise_all_their_marks():
    with transaction.atomic():
        for start in range(0, 5000, 1000):
            record(*(f"some:{number}" for number in range(start, start + 1000)))
    names = [f"some:{number}" for number in range(5000)]
    assert None not in using(lambda it: it.run("ZMSCORE", keys.key("marks"), *names))


def test_a_product_saved_in_the_back_office_is_marked(product, owner, product_form):
    data = product_form(product, name="From the back office")
    answer = owner.post(f"/backoffice/catalogue/product/{product.pk}/change/", data)
    assert answer.status_code == 302
    product.refresh_from_db()
    assert product.name == "From the back office"
    assert is_marked(product)


def test_a_command_raises_marks(product):
    call_command(
        "shell",
        command=f"""
from torg.catalogue.models import Product
from torg.lib.embedded.processes import becomes_true
Product.objects.filter(pk="{product.pk}").update(name="By command")
""",
        stdout=StringIO(),
    )
    assert is_marked(product)


def test_a_job_of_the_worker_raises_marks(product):
    """As the worker runs it: in a thread of an event loop, with a connection of that thread."""

    @app.task(name="tests.rename")
    def rename():
        Product.objects.filter(pk=product.pk).update(name="By job")
        seen.append(is_marked(product))
        connection.close()

    seen = []
    rename.defer()
    try:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            asyncio.run(run_jobs(working))
    finally:
        del app.tasks["tests.rename"]
    assert seen == [True]


async def run_jobs(working):
    async with working.open_async():
        await working.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)


@pytest.fixture
def writer(own_redis):
    """Have a mark whose writer has no Redis: returns what commits it."""
    record("before:1")
    return lambda: record("lost:1")


def test_without_redis_a_writer_waits_until_no_trust_is_left(writer, own_redis):
    own_redis.stop()
    assert seconds_of(writer) >= TRUST
    assert elsewhere(lambda: changes.news_since(connection, changes.Snapshot("", 0, 0, ()))).tags["lost:1"]
    own_redis.start()
    using(trust.confirm, is_patient=True)
    # Without marks of before, there is no document of before.
    assert mark("epoch") is not None


def test_with_a_redis_that_hangs_a_writer_waits_until_no_trust_is_left(writer, own_redis):
    using(trust.confirm)
    own_redis.freeze()
    try:
        assert TRUST <= seconds_of(writer) < TRUST + 1
    finally:
        own_redis.thaw()
    using(trust.confirm, is_patient=True)
    assert mark("lost:1") is not None


def test_what_a_writer_could_not_mark_is_marked_by_the_next_confirmation(writer, own_redis, monkeypatch):
    using(trust.confirm)
    monkeypatch.setattr(
        changes.marks, "raise_marks", away(changes.marks.raise_marks, until=time.monotonic() + 9)
    )
    assert seconds_of(writer) >= TRUST
    assert mark("lost:1") is None
    monkeypatch.undo()
    using(trust.confirm)
    assert mark("lost:1") is not None


def away(raise_marks, *, until):
    def raised(tags, **options):
        if time.monotonic() < until:
            raise changes.RedisAway
        raise_marks(tags, **options)

    return raised


def test_a_writer_goes_on_as_soon_as_redis_is_back(writer, monkeypatch):
    monkeypatch.setattr(
        changes.marks, "raise_marks", away(changes.marks.raise_marks, until=time.monotonic() + 0.1)
    )
    assert 0.1 <= seconds_of(writer) < TRUST
    assert mark("lost:1") is not None


def test_a_redis_that_wakes_up_takes_the_mark_within_the_wait(writer, own_redis):
    using(trust.confirm)
    own_redis.freeze()
    with own_redis.thawed_after(0.1):
        assert 0.09 <= seconds_of(writer) < TRUST
    assert mark("lost:1") is not None
