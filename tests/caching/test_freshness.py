"""The shared question: who may take another's answer, and what it is worth when the epoch is gone."""

import threading
import time

import psycopg
import pytest
from django.db import connection, transaction

from tests.caching.kit import PAUSE, Page, record, shown
from tests.shop import add_product
from torg.caching import changes, freshness, redis
from torg.caching.memory import memory
from torg.caching.postgresql.base import Settles, settling
from torg.caching.reading import read
from torg.catalogue.models import Product

ASKED = {"slug": "mug"}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("anew")]


@pytest.fixture
def page():
    add_product("0", slug="mug")
    return Page()


@pytest.fixture
def asked(monkeypatch):
    """Count the questions that are put to Redis, by what they are."""
    counted = {"pulse": 0, "marks": 0}
    differs, run = redis.Connection.differs, redis.Connection.run

    def count_pulse(self, command, expected):
        counted["pulse"] += 1
        return differs(self, command, expected)

    def count_marks(self, *parts):
        counted["marks"] += parts[0] == "ZMSCORE"
        return run(self, *parts)

    monkeypatch.setattr(redis.Connection, "differs", count_pulse)
    monkeypatch.setattr(redis.Connection, "run", count_marks)
    return counted


def test_while_nobody_writes_the_pulse_is_all_that_is_asked_for(page, asked):
    read(page.kind, ASKED)
    read(page.kind, ASKED)  # Its own marks, for the first time.
    asked.update(pulse=0, marks=0)
    for _ in range(5):
        assert read(page.kind, ASKED).cache == "hit"
    assert asked == {"pulse": 5, "marks": 0}
    record("elsewhere:1")
    assert read(page.kind, ASKED).cache == "hit"
    assert asked["marks"] == 1


def test_an_answer_is_shared_only_with_who_had_begun_before_it_was_asked_for(page, asked):
    read(page.kind, ASKED)
    read(page.kind, ASKED)
    asked.update(pulse=0)
    shared = freshness._shared
    began = time.monotonic()
    shared.asked_after(began)
    shared.asked_after(began)
    assert asked["pulse"] == 1
    shared.asked_after(time.monotonic())
    assert asked["pulse"] == 2


def test_no_pulse_is_not_equal_to_no_pulse(page, monkeypatch):
    """The epoch is gone; one thread has found so for this document, while another still waits for the pulse."""
    read(page.kind, ASKED)
    read(page.kind, ASKED)
    kept = memory.get(page.kind.key(ASKED))
    assert kept.pulse is not None

    def gone(_moment):
        kept.pulse = None

    monkeypatch.setattr(freshness._shared, "asked_after", gone)
    changes.invalidate("*")
    assert not freshness.is_fresh(kept)


def test_many_who_read_while_everything_is_invalidated_see_what_was_written(page):
    read(page.kind, ASKED)
    read(page.kind, ASKED)
    stale, stop = [], threading.Event()
    least = [0]

    def reader():
        while not stop.is_set():
            at_least = least[0]
            version = int(shown(read(page.kind, ASKED)))
            if version < at_least:
                stale.append((version, at_least))
        connection.close()

    readers = [threading.Thread(target=reader) for _ in range(6)]
    for thread in readers:
        thread.start()
    try:
        for version in range(1, 40):
            with transaction.atomic():
                Product.objects.update(name=str(version))
                record("*" if version % 3 == 0 else "thing:mug")
            least[0] = version
    finally:
        stop.set()
        for thread in readers:
            thread.join(PAUSE)
    assert stale == []


def test_a_tolerated_lag_spares_the_question_also_while_others_are_written(page, asked):
    read(page.kind, ASKED)
    kept = memory.get(page.kind.key(ASKED))
    assert freshness.is_fresh(kept)
    record("elsewhere:1")
    asked.update(pulse=0, marks=0)
    assert freshness.is_fresh(kept, lag=60)
    assert asked == {"pulse": 0, "marks": 0}
    assert freshness.is_fresh(kept)
    assert sum(asked.values()) >= 1


def test_a_lag_is_no_longer_than_tolerated(page):
    read(page.kind, ASKED)
    kept = memory.get(page.kind.key(ASKED))
    assert freshness.is_fresh(kept)
    record(*kept.document.tags)
    assert freshness.is_fresh(kept, lag=60)
    time.sleep(0.05)
    assert not freshness.is_fresh(kept, lag=0.04)


def test_a_cursor_of_the_projects_own_settles_too():
    class Own(psycopg.ClientCursor):
        pass

    made = settling(Own)
    assert issubclass(made, Own)
    assert issubclass(made, Settles)
    assert settling(Own) is made
