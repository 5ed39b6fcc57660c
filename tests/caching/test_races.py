"""What happens between two steps of a read, a write or a confirmation, each at its worst moment."""

import threading
import time

import pytest
from django.db import connection, transaction

from tests.caching import kit
from tests.caching.kit import InThread, Page, elsewhere, mark, seconds_of, shown
from tests.shop import add_product
from torg.caching import building, changes, freshness, keys, marks, reading, redis, store, trust
from torg.caching.keys import key
from torg.caching.memory import memory
from torg.caching.reading import read
from torg.caching.redis import using

pytestmark = pytest.mark.django_db(transaction=True)
MUG = {"slug": "mug"}


@pytest.fixture(autouse=True)
def _anew(anew):
    add_product("Mug", slug="mug")
    using(trust.confirm)


def rename(name, *, begun=None, go_on=None):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_product SET name = %s WHERE slug = 'mug'", [name])
        cursor.execute("SELECT caching_record(ARRAY['thing:mug'])")
        if begun:
            begun.set()
            assert go_on.wait(kit.PAUSE)


def once(monkeypatch, place, name, *, before=None, after=None):
    """Do something at a moment, the first time it comes."""
    real = getattr(place, name)
    left = [True]

    def instead(*args, **options):
        is_first = left and left.pop()
        if is_first and before:
            before()
        result = real(*args, **options)
        if is_first and after:
            after()
        return result

    monkeypatch.setattr(place, name, instead)


def assert_fresh(page, name):
    assert shown(read(page.kind, MUG)) == name
    memory.clear()
    assert shown(read(page.kind, MUG)) == name


def rename_elsewhere():
    elsewhere(lambda: (rename("Cup"), kit.wait_for_others()))


def test_a_write_after_the_epoch_was_read_and_before_the_horizon_is_shown(monkeypatch):
    page = Page()
    once(monkeypatch, store, "take_lease", after=rename_elsewhere)
    assert shown(read(page.kind, MUG)) == "Cup"
    assert_fresh(page, "Cup")
    assert page.built == 1


def test_a_write_between_the_horizon_and_the_rows_is_not_hidden(monkeypatch):
    """The snapshot is as old as the horizon, so what was built then is not fresh."""
    page = Page()
    build = page.kind.build

    def late(asked):
        if not page.built:
            rename_elsewhere()
        return build(asked)

    object.__setattr__(page.kind, "build", late)
    assert shown(read(page.kind, MUG)) == "Mug"  # It was asked for before the write.
    assert_fresh(page, "Cup")


def test_a_write_between_the_rows_and_the_store_is_not_hidden():
    page = Page()
    page.while_building = lambda: page.built == 1 and rename_elsewhere()
    assert shown(read(page.kind, MUG)) == "Mug"
    assert_fresh(page, "Cup")


def test_a_write_after_the_build_and_before_the_store_is_not_hidden(monkeypatch):
    page = Page()
    once(monkeypatch, store, "put_many", before=rename_elsewhere)
    assert shown(read(page.kind, MUG)) == "Mug"
    assert_fresh(page, "Cup")


def test_who_joins_after_a_write_does_not_get_what_was_read_before_it():
    page = Page()
    is_built, go_on = threading.Event(), threading.Event()

    def wait():
        if page.built == 1:
            is_built.set()
            assert go_on.wait(kit.PAUSE)

    page.while_building = wait
    first = InThread(lambda: read(page.kind, MUG))
    assert is_built.wait(kit.PAUSE)
    rename("Cup")
    kit.wait_for_others()
    joiners = [InThread(lambda: read(page.kind, MUG)) for _ in range(5)]
    time.sleep(0.1)
    assert not any(joiner.is_over for joiner in joiners)
    go_on.set()
    assert shown(first.result()) == "Mug"
    assert {shown(joiner.result()) for joiner in joiners} == {"Cup"}
    assert page.built == 2


def test_who_waits_for_another_process_compares_the_marks(monkeypatch):
    """What another one stores while we wait may have been overwritten before we asked."""
    page = Page()
    page.while_building = lambda: page.built == 1 and rename_elsewhere()
    read(page.kind, MUG)  # As the other process stores it: built before the write.
    memory.clear()
    name = "page:mug?"
    using(lambda it: store.take_lease(it, name))
    threading.Timer(0.1, lambda: using(lambda it: store.give_lease_back(it, name))).start()
    assert shown(read(page.kind, MUG)) == "Cup"


def test_a_lease_that_nobody_gives_back_costs_half_a_second():
    page = Page()
    using(lambda it: store.take_lease(it, "page:mug?"))
    asking = [InThread(lambda: read(page.kind, MUG)) for _ in range(10)]
    took = seconds_of(lambda: [each.result() for each in asking])
    assert reading.WAIT_SECONDS * 0.9 <= took < reading.WAIT_SECONDS + 2
    assert page.built == 1
    assert read(page.kind, MUG).cache == "hit"


def test_what_another_process_builds_is_waited_for_and_not_built_twice():
    page, other = Page(), Page()
    read(other.kind, MUG)
    packed = using(lambda it: it.run("GET", document()))
    using(lambda it: it.run("DEL", document()))
    memory.clear()
    using(lambda it: store.take_lease(it, "page:mug?"))
    asking = InThread(lambda: read(page.kind, MUG))
    time.sleep(0.1)
    using(lambda it: it.run("SET", document(), packed))
    found = asking.result()
    assert (found.cache, found.tier, page.built) == ("hit", "redis", 0)


def document():
    return store.document_key("page:mug?")


def flush():
    using(lambda it: it.run("FLUSHDB"))


@pytest.mark.parametrize("when", ["before the horizon", "after the rows"])
def test_a_flush_while_a_document_is_built_makes_it_stale(monkeypatch, when):
    """The write before the flush has no mark any more, and what is stored does not belong to the new epoch."""
    page = Page()

    def lose():
        elsewhere(lambda: (rename("Cup"), flush(), using(trust.confirm)))

    if when == "before the horizon":
        once(monkeypatch, building, "read_again_when_disconnected", before=lose)
    else:
        page.while_building = lambda: page.built == 1 and lose()
    read(page.kind, MUG)
    assert_fresh(page, "Cup")


@pytest.mark.parametrize("begins_anew", [True, False])
def test_marks_that_are_lost_take_all_documents_with_them(begins_anew):
    page = Page()
    read(page.kind, MUG)
    rename("Cup")
    using(lambda it: it.run("DEL", key("marks")))
    if begins_anew:
        begin_epoch_in_another_process()
    assert_fresh(page, "Cup")


def begin_epoch_in_another_process():
    """Leave this one with what it knew."""
    known = dict(vars(trust.held))
    using(trust.confirm)
    vars(trust.held).update(known, until=time.monotonic() + marks.TRUST_MILLISECONDS / 1000)


def test_a_confirmation_of_an_epoch_that_has_ended_meanwhile_is_none(monkeypatch):
    def end():
        using(lambda it: it.run("DEL", key("marks")))
        begin_epoch_in_another_process()

    once(monkeypatch, trust, "_news_since", after=end)
    assert using(trust.confirm) == mark("epoch")
    confirmed = using(lambda it: it.run("GET", key("confirmed")))
    assert int(confirmed.split()[0]) == mark("epoch")


def test_only_one_of_those_who_begin_an_epoch_at_once_begins_it(monkeypatch):
    flush()
    both = threading.Barrier(2)
    real = trust._news_since
    asked = []

    def together(*args):
        news = real(*args)
        if len(asked) < 2:
            asked.append(1)
            both.wait(kit.PAUSE)
        return news

    monkeypatch.setattr(trust, "_news_since", together)
    epochs = [each.result() for each in [InThread(lambda: using(trust.confirm)) for _ in range(2)]]
    assert epochs == [mark("epoch")] * 2


def test_a_write_between_the_snapshot_of_a_confirmation_and_its_script_is_not_lost(monkeypatch):
    """It is not in the snapshot, so the next one finds it, although the writer never told."""
    page = Page()
    read(page.kind, MUG)
    monkeypatch.setattr(changes.Told, "settle", lambda self, *_: self.tags.clear())
    once(monkeypatch, trust, "_news_since", after=rename_elsewhere)
    using(trust.confirm)
    assert shown(read(page.kind, MUG)) == "Mug"
    using(trust.confirm)
    assert_fresh(page, "Cup")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_beside_the_beginning_of_an_epoch_is_not_lost(monkeypatch, when):
    page = Page()
    read(page.kind, MUG)
    flush()
    once(monkeypatch, trust, "_news_since", **{when: rename_elsewhere})
    using(trust.confirm)
    assert_fresh(page, "Cup")


def test_what_changes_while_a_long_transaction_writes_is_built_each_time():
    page = Page()
    begun, go_on = threading.Event(), threading.Event()
    long = InThread(lambda: hold(begun, go_on))
    assert begun.wait(kit.PAUSE)
    rename("Cup")
    assert [read(page.kind, MUG).tier for _ in range(3)] == ["built"] * 3
    assert shown(read(page.kind, MUG)) == "Cup"
    go_on.set()
    long.result()
    kit.wait_for_others()
    # What was built meanwhile does not become fresh by that.
    assert [read(page.kind, MUG).tier for _ in range(2)] == ["built", "memory"]
    assert_fresh(page, "Cup")


def hold(begun, go_on):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        begun.set()
        assert go_on.wait(kit.PAUSE)


def test_a_lower_transaction_that_commits_later_is_seen():
    """Its mark is below that of the later one, which must not be lowered by it; both are above the horizon."""
    page = Page()
    begun, go_on = threading.Event(), threading.Event()
    lower = InThread(lambda: rename("Cup", begun=begun, go_on=go_on))
    assert begun.wait(kit.PAUSE)
    kit.record("thing:mug")
    higher = mark("thing:mug")
    assert shown(read(page.kind, MUG)) == "Mug"
    go_on.set()
    lower.result()
    assert mark("thing:mug") == higher
    assert_fresh(page, "Cup")


def test_a_lower_transaction_that_commits_later_is_seen_in_what_was_built_in_between():
    page = Page()
    begun, go_on = threading.Event(), threading.Event()
    lower = InThread(lambda: rename("Cup", begun=begun, go_on=go_on))
    assert begun.wait(kit.PAUSE)
    for _ in range(20):
        kit.record("other:1")
    assert shown(read(page.kind, MUG)) == "Mug"
    assert read(page.kind, MUG).cache == "hit"
    go_on.set()
    lower.result()
    assert_fresh(page, "Cup")


def test_a_mark_is_never_lowered():
    marks.raise_marks({"thing:mug": 90})
    marks.raise_marks({"thing:mug": 80})
    assert mark("thing:mug") == 90


def test_who_shares_an_answer_of_redis_was_there_before_it_was_asked_for(monkeypatch):
    """A pulse that was asked for before a write does not speak for who reads after it."""
    page = Page()
    for _ in range(2):
        read(page.kind, MUG)
    asked, go_on = threading.Event(), threading.Event()
    answered = freshness._Pulse.ask

    def late(self, redis):
        told = answered(self, redis)
        if not asked.is_set():
            asked.set()
            assert go_on.wait(kit.PAUSE)
        return told

    monkeypatch.setattr(freshness._Pulse, "ask", late)
    first = InThread(lambda: shown(read(page.kind, MUG)))
    assert asked.wait(kit.PAUSE)
    rename("Cup")
    second = InThread(lambda: shown(read(page.kind, MUG)))
    time.sleep(0.05)
    go_on.set()
    assert (first.result(), second.result()) == ("Mug", "Cup")


def test_who_shares_an_answer_of_redis_was_there_before_it_was_trusted(monkeypatch):
    """A thread may stand still after it has seen that Redis is trusted, until that is long over."""
    page = Page()
    for _ in range(2):
        read(page.kind, MUG)
    trusted, go_on = threading.Event(), threading.Event()
    real = freshness.trusted_epoch

    def late(redis):
        epoch = real(redis)
        if not trusted.is_set():
            trusted.set()
            assert go_on.wait(kit.PAUSE)
        return epoch

    monkeypatch.setattr(freshness._shared, "_pulse", freshness._Pulse(late))
    first = InThread(lambda: shown(read(page.kind, MUG)))
    assert trusted.wait(kit.PAUSE)
    time.sleep(marks.TRUST_MILLISECONDS / 1000)
    # As if the writer had found no Redis, and waited.
    monkeypatch.setattr(changes.Told, "settle", lambda self, *_: self.tags.clear())
    rename("Cup")
    second = InThread(lambda: shown(read(page.kind, MUG)))
    time.sleep(0.05)
    go_on.set()
    assert (first.result(), second.result()) == ("Mug", "Cup")


def found_fresh():
    """Return a page, its document, and what has just found that fresh."""
    page = Page()
    for _ in range(2):
        read(page.kind, MUG)
    kept, are_fresh = memory.get(page.kind.key(MUG)), freshness.BatchFreshness(lag=0)
    assert are_fresh([kept]) == [True]
    return page, kept, are_fresh


def test_a_batch_waits_for_no_other_thread():
    """While another thread asks PostgreSQL whether the marks are complete, the accelerator goes on with others."""
    page, kept, are_fresh = found_fresh()
    redis.connector.make()  # For when it gives up its connection, which may be to a run that others have left.
    trust.forget()
    with trust._lock, pytest.raises(trust.Untrusted):
        are_fresh([kept])
    with pytest.raises(trust.Untrusted):  # PostgreSQL would have to be asked, and is not.
        are_fresh([kept])
    assert read(page.kind, MUG).cache == "hit"
    assert are_fresh([kept]) == [True]


def test_a_batch_tells_what_is_stale_from_what_is_not():
    pages = [Page(name) for name in ("one", "two", "three")]
    for page in pages:
        for _ in range(2):
            read(page.kind, MUG)
    kept = [memory.get(page.kind.key(MUG)) for page in pages]
    kept[1].expires_at = 0
    are_fresh = freshness.BatchFreshness(lag=0)
    assert are_fresh(kept) == [True, False, True]
    kit.record("elsewhere:1")
    assert are_fresh(kept) == [True, False, True]
    rename("Cup")
    assert are_fresh(kept) == [False, False, False]
    changes.invalidate("*")
    assert are_fresh(kept[:1]) == [False]


def test_a_batch_asks_for_each_document_once_and_nothing_within_the_lag(monkeypatch):
    page = Page()
    for _ in range(2):
        read(page.kind, MUG)
    kept = memory.get(page.kind.key(MUG))
    asked = []
    pipeline, differs = redis.Connection.pipeline, redis.Connection.differs
    monkeypatch.setattr(
        redis.Connection,
        "pipeline",
        lambda it, commands: (asked.append(len(commands)), pipeline(it, commands))[1],
    )
    monkeypatch.setattr(
        redis.Connection, "differs", lambda it, *parts: (asked.append("pulse"), differs(it, *parts))[1]
    )
    kit.record("elsewhere:1")
    asked.clear()
    assert freshness.BatchFreshness(lag=0)([kept] * 5) == [True] * 5
    assert asked == ["pulse", 1]
    tolerant = freshness.BatchFreshness(lag=60)
    assert tolerant([kept]) == [True]
    rename("Cup")
    asked.clear()
    assert tolerant([kept]) == [True]
    assert asked == []
    assert freshness.BatchFreshness(lag=0)([kept]) == [False]


def test_a_batch_does_not_ask_who_the_database_is(monkeypatch):
    page, kept, are_fresh = found_fresh()
    keys.forget_namespace()
    before = using(id)
    with monkeypatch.context() as patched:
        patched.setattr(keys, "_read_namespace", lambda: pytest.fail("PostgreSQL was asked"))
        with pytest.raises(trust.Untrusted):
            are_fresh([kept])
    assert using(id) == before  # The connection is kept: nothing was asked on it.
    trust.held.until = 0.0  # As it is after a quarter of a second.
    assert read(page.kind, MUG).cache == "hit"
    assert are_fresh([kept]) == [True]


def test_a_batch_leaves_it_to_others_to_try_whether_redis_is_there_again():
    """It would not come to ask: nothing is trusted by then. And while it is let through, nobody else is."""
    page, kept, are_fresh = found_fresh()
    redis.breaker.trip()
    trust.held.until = 0.0
    redis.breaker.asks_again_at = time.monotonic()
    for _ in range(3):
        with pytest.raises(redis.RedisAway):
            are_fresh([kept])
    assert read(page.kind, MUG).cache == "hit"
    assert are_fresh([kept]) == [True]
