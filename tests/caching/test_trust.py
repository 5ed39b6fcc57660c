"""When the marks in Redis are believed, and what makes them complete again."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from tests.caching import kit
from tests.caching.kit import InThread, Page, elsewhere, mark, shown
from tests.shop import add_product
from torg.caching import changes, keys, marks, trust
from torg.caching.keys import key
from torg.caching.memory import memory
from torg.caching.reading import read
from torg.caching.redis import RedisAway, using
from torg.caching.relay import Relay, tidy
from torg.caching.trust import Untrusted, confirm
from torg.lib.embedded.processes import becomes_true

pytestmark = pytest.mark.django_db(transaction=True)
MUG = {"slug": "mug"}
# A quarter of a second is promised; the rest is for busy machines.
SEEN_WITHIN = 0.25 + 0.25


@pytest.fixture(autouse=True)
def _anew(anew):
    add_product("Mug", slug="mug")


@pytest.fixture
def psql():
    """A connection that is not Torg's, and says that it is psql's."""
    parameters = connection.get_connection_params()
    parameters = {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if name in parameters
    }
    with psycopg.connect(**parameters, autocommit=True, application_name="psql") as opened:
        heard = []
        opened.add_notice_handler(heard.append)
        yield opened
        assert heard == []


def change(database, tag="thing:mug", name=None):
    with database.transaction():
        if name:
            database.execute("UPDATE catalogue_product SET name = %s WHERE slug = 'mug'", [name])
        database.execute("SELECT caching_record(ARRAY[%s])", [tag])


def run_out():
    """Let the trust that this process and Redis have run out."""
    time.sleep(marks.TRUST_MILLISECONDS / 1000 + 0.01)


def epoch():
    return mark("epoch")


@pytest.fixture
def relays():
    started = []

    def start(count=1):
        for _ in range(count):
            started.append(Relay())
            started[-1].start()

    yield start
    for relay in started:
        relay.stop()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_is_written_behind_torgs_back_is_seen_in_time(psql, relays, count):
    page = Page()
    relays(count)
    for number in range(8):
        kit.wait_for_others()
        read(page.kind, MUG)
        assert read(page.kind, MUG).cache == "hit"
        change(psql, name=f"Name {number}")
        written = time.monotonic()
        assert becomes_true(lambda name=f"Name {number}": shown(read(page.kind, MUG)) == name, seconds=5)
        assert time.monotonic() - written < SEEN_WITHIN


WRITER = """
import os, sys, signal
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.REDIS_URL = sys.argv[1:]
django.setup()
from django.db import connection, transaction
from torg.caching import changes
changes.Told.settle = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("UPDATE catalogue_product SET name = 'Cup' WHERE slug = 'mug'")
    cursor.execute("SELECT caching_record(ARRAY['thing:mug'])")
"""


def test_what_a_writer_wrote_who_was_killed_before_its_marks_is_seen_in_time():
    page = Page()
    read(page.kind, MUG)
    command = [sys.executable, "-c", WRITER, connection.settings_dict["NAME"], settings.REDIS_URL]
    writer = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(Path.cwd())}, check=False)
    assert writer.returncode == -signal.SIGKILL
    died = time.monotonic()
    assert becomes_true(lambda: shown(read(page.kind, MUG)) == "Cup", seconds=5)
    assert time.monotonic() - died < SEEN_WITHIN


def test_a_confirmation_reads_exactly_what_is_new(psql, monkeypatch):
    """Each change once, also those of transactions that were running when others were confirmed."""
    raised = []
    monkeypatch.setattr(marks, "raise_marks", lambda tags, **_: raised.append(set(tags)))
    using(confirm)
    change(psql, "one:1")
    with psycopg.connect(psql.info.dsn, password=psql.info.password, application_name="psql") as slow:
        slow.execute("SELECT caching_record(ARRAY['slow:1'])")
        change(psql, "two:1")
        using(confirm)
        change(psql, "three:1")
        using(confirm)
        slow.execute("SELECT caching_record(ARRAY['slow:2'])")
        slow.commit()
        change(psql, "four:1")
        using(confirm)
    using(confirm)
    assert raised == [{"one:1", "two:1"}, {"three:1"}, {"slow:1", "slow:2", "four:1"}]


def test_trust_is_as_long_as_it_is_told_and_not_shortened():
    using(confirm)
    left = using(lambda it: it.run("PTTL", key("trusted")))
    assert 0 < left <= marks.TRUST_MILLISECONDS
    assert trust.held.until - time.monotonic() <= marks.TRUST_MILLISECONDS / 1000
    before = using(lambda it: it.run("GET", key("trusted")))
    began_earlier(using(lambda it: it))
    assert using(lambda it: it.run("GET", key("trusted"))) == before


def began_earlier(redis):
    real = trust._milliseconds
    try:
        trust._milliseconds = lambda redis: real(redis) - 100
        confirm(redis)
    finally:
        trust._milliseconds = real


def test_a_confirmation_that_takes_too_long_grants_no_trust(monkeypatch):
    using(confirm)
    run_out()
    real = trust._news_since
    monkeypatch.setattr(trust, "_news_since", lambda *args: (real(*args), run_out())[0])
    using(confirm)
    assert using(lambda it: it.run("GET", key("trusted"))) is None
    assert trust.held.until < time.monotonic()


def test_what_another_process_confirmed_is_believed_for_no_longer():
    using(confirm)
    trust.held.until = 0.0
    passes = trust.counting.mine().passes
    left = using(lambda it: it.run("PTTL", key("trusted")))
    assert using(trust.trusted_epoch) == epoch()
    assert trust.counting.mine().passes == passes
    assert trust.held.until <= time.monotonic() + left / 1000


def test_what_was_confirmed_of_another_epoch_is_not_believed():
    using(confirm)
    before = epoch()
    trust.held.until = 0.0
    using(lambda it: it.run("ZADD", key("marks"), before + 1, "epoch"))
    assert using(trust.trusted_epoch) not in {before, before + 1}
    assert epoch() == using(trust.trusted_epoch)


@pytest.mark.parametrize("lost", ["marks", "confirmed"])
def test_without_the_marks_or_what_is_confirmed_an_epoch_ends(lost):
    using(confirm)
    before = epoch()
    using(lambda it: it.run("DEL", key(lost)))
    after = using(confirm)
    assert after == epoch() != before


def test_without_what_is_trusted_it_is_only_confirmed_again():
    before = using(confirm)
    using(lambda it: it.run("DEL", key("trusted")))
    trust.held.until = 0.0
    passes = trust.counting.mine().passes
    assert using(trust.trusted_epoch) == before
    assert trust.counting.mine().passes == passes + 1


def test_a_database_that_has_gone_back_in_time_ends_the_epoch():
    before = using(confirm)
    later = changes.news_since(connection, None).snapshot.xmax + 1000
    using(lambda it: it.run("SET", key("confirmed"), f"{before} {later}:{later}:"))
    assert using(confirm) != before


def test_another_run_of_the_database_ends_the_epoch():
    page = Page()
    read(page.kind, MUG)
    before = epoch()
    with connection.cursor() as cursor:  # As the crash of a server does.
        cursor.execute("DELETE FROM caching_run")
    assert using(confirm) == epoch() != before
    assert read(page.kind, MUG).cache == "miss"


def test_another_database_in_its_place_is_noticed(monkeypatch):
    """Its keys are others, and the marks that are left of the first say nothing about it."""
    page = Page()
    read(page.kind, MUG)
    assert read(page.kind, MUG).cache == "hit"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM caching_run")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE catalogue_product SET name = 'Cup' WHERE slug = 'mug'")
        cursor.execute("RESET session_replication_role")
    monkeypatch.setattr(keys, "_IDENTITY", "SELECT 'another', 'database'")
    run_out()
    assert shown(read(page.kind, MUG)) == "Cup"
    assert shown(read(page.kind, MUG)) == "Cup"


def test_a_writer_to_another_run_of_the_database_waits_while_the_old_marks_are_trusted():
    """Transactions may have the numbers again that documents were built by."""
    using(confirm)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM caching_run")
    assert kit.seconds_of(lambda: kit.record("thing:mug")) >= 0.25


def restart(own):
    own.stop()
    own.start()


def test_a_redis_that_was_restarted_empty_is_not_believed(own_redis):
    page = Page()
    read(page.kind, MUG)
    before = epoch()
    restart(own_redis)
    assert epoch() is None
    rename("Cup")
    assert shown(read(page.kind, MUG)) == "Cup"
    assert epoch() not in {None, before}


def rename(name):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_product SET name = %s WHERE slug = 'mug'", [name])
        cursor.execute("SELECT caching_record(ARRAY['thing:mug'])")


@pytest.mark.parametrize("reads_first", [True, False])
def test_a_redis_that_came_back_from_an_old_snapshot_is_not_believed(own_redis, reads_first):
    page = Page()
    read(page.kind, MUG)
    using(lambda it: it.run("CONFIG", "SET", "save", "3600 1"))
    using(lambda it: it.run("SAVE"))
    before = epoch()
    rename("Cup")
    if reads_first:
        assert shown(read(page.kind, MUG)) == "Cup"
    else:
        memory.clear()
    restart(own_redis)
    assert epoch() == before  # And without the mark of the cup.
    assert shown(read(page.kind, MUG)) == "Cup"
    assert epoch() != before


def test_a_writer_to_a_redis_that_came_back_waits_for_those_who_trusted_it(own_redis):
    using(confirm)
    using(lambda it: it.run("SAVE"))
    restart(own_redis)
    took = kit.seconds_of(lambda: kit.record("thing:mug"))
    assert took >= 0.25


def test_redis_away_everything_is_built_and_nothing_old_is_believed_after(own_redis):
    page = Page()
    read(page.kind, MUG)
    own_redis.freeze()
    try:
        assert [(read(page.kind, MUG).cache) for _ in range(3)] == ["bypass"] * 3
        InThread(lambda: rename("Cup")).result()
        assert shown(read(page.kind, MUG)) == "Cup"
    finally:
        own_redis.thaw()
    assert becomes_true(lambda: read(page.kind, MUG).cache != "bypass", seconds=5)
    assert shown(read(page.kind, MUG)) == "Cup"
    assert read(page.kind, MUG).cache == "hit"


def test_readers_of_a_redis_that_hangs_do_not_wait_for_each_other(own_redis):
    """They all have a connection and no trust, so one of them is asking while the others wait for it."""
    pages = [Page(f"page-{number}") for number in range(12)]
    for page in pages:
        read(page.kind, MUG)
    ready, go = threading.Barrier(13), threading.Event()

    def ask(page):
        using(lambda it: it.run("PING"))
        ready.wait(kit.PAUSE)
        assert go.wait(kit.PAUSE)
        return read(page.kind, MUG)

    asking = [InThread(lambda page=page: ask(page)) for page in pages]
    ready.wait(kit.PAUSE)
    run_out()
    own_redis.freeze()
    try:
        began = time.monotonic()
        go.set()
        assert {each.result().cache for each in asking} == {"bypass"}
        assert time.monotonic() - began < 0.4  # 12 times 50 ms were 0.6.
    finally:
        own_redis.thaw()


def test_a_confirmation_is_not_made_in_a_transaction():
    """It would see its own changes, of which there may be more to come, or not see those of others."""
    with transaction.atomic():
        kit.record("own:1")
        with pytest.raises(Untrusted):
            using(confirm)


def test_without_postgresql_nothing_is_believed(monkeypatch):
    using(confirm)
    run_out()

    def fail(*_):
        raise trust.OperationalError("the server is gone")

    monkeypatch.setattr(changes, "news_since", fail)
    with pytest.raises(Untrusted, match="gone"):
        using(trust.trusted_epoch)


def test_a_round_number_is_a_number_however_redis_writes_it():
    """From 7.2 on, Redis writes 100000000 as 1e+8."""
    proof = marks.Proof(epoch=4503599627370497, horizon=100_000_000, tags=("thing:mug",))
    for score, fresh in [(b"1e+8", False), (b"100000000", False), (b"9e+7", True), (b"99999999", True)]:
        scores = [b"4503599627370497", b"4503599627370496", score, None]
        assert bool(proof.judged(scores)) is fresh


# What is tidied up.


def age(database, **hours):
    for tag, age_in_hours in hours.items():
        database.execute(
            "UPDATE caching_change SET created_at = now() - %s * interval '1 hour' WHERE tags = ARRAY[%s]",
            [age_in_hours, f"{tag}:1"],
        )


def rows(database):
    return {
        tags[0].split(":")[0] for (tags,) in database.execute("SELECT tags FROM caching_change").fetchall()
    }


def test_changes_go_when_they_are_old_and_confirmed(psql):
    psql.execute("DELETE FROM caching_change")
    for tag in ("old", "young"):
        change(psql, f"{tag}:1")
    with psycopg.connect(psql.info.dsn, password=psql.info.password, application_name="psql") as slow:
        slow.execute("SELECT caching_record(ARRAY['running:1'])")
        change(psql, "above:1")
        using(confirm)
        slow.commit()
        change(psql, "unconfirmed:1")
        age(psql, old=2, young=0.9, running=2, above=2, unconfirmed=2)
        using(tidy)
        assert rows(psql) == {"young", "running", "above", "unconfirmed"}
        using(confirm)
        using(tidy)
        assert rows(psql) == {"young"}
        assert mark("running:1") is not None


def test_marks_go_when_no_document_is_old_enough_to_need_them(settings):
    settings.TORG_CACHE_MAX_AGE = 100
    using(confirm)
    kit.record("old:1")
    kit.wait_for_others()
    using(confirm)
    using(tidy)
    kit.record("young:1")
    kit.wait_for_others()
    using(confirm)
    name = key(f"horizons:{epoch()}")
    (entry,) = using(lambda it: it.run("ZRANGE", name, 0, -1))
    using(lambda it: it.run("ZADD", name, int(time.time()) - 100 - 3_590, entry))
    before = epoch()
    using(tidy)
    assert mark("old:1") is not None
    using(lambda it: it.run("ZADD", name, int(time.time()) - 100 - 3_610, entry))
    using(tidy)
    assert mark("old:1") is None
    assert mark("young:1") is not None
    assert epoch() == before == using(confirm)


def test_tidying_up_leaves_documents_as_fresh_as_they_were(settings):
    page = Page()
    read(page.kind, MUG)
    using(tidy)
    rename("Cup")
    kit.wait_for_others()
    using(confirm)
    using(tidy)
    memory.clear()
    assert shown(read(page.kind, MUG)) == "Cup"
    assert read(page.kind, MUG).cache == "hit"


# The thread.


def test_a_relay_keeps_trust_alive(relays):
    relays()
    assert becomes_true(lambda: using(lambda it: it.run("GET", key("trusted"))) is not None, seconds=5)
    passes = trust.counting.mine().passes
    for _ in range(20):
        time.sleep(0.02)
        elsewhere(lambda: using(trust.trusted_epoch))
    assert trust.counting.mine().passes == passes


def test_a_relay_outlives_a_redis_that_is_restarted(own_redis, relays):
    relays()
    assert becomes_true(lambda: epoch() is not None, seconds=5)
    own_redis.stop()
    time.sleep(0.3)
    own_redis.start()

    def is_confirmed():
        try:
            return epoch() is not None
        except RedisAway:
            return False

    assert becomes_true(is_confirmed, seconds=5)


def test_several_relays_agree_on_one_epoch(relays, psql):
    relays(4)
    assert becomes_true(lambda: epoch() is not None, seconds=5)
    first = epoch()
    for number in range(5):
        change(psql, f"thing:{number}")
        assert becomes_true(lambda number=number: mark(f"thing:{number}") is not None, seconds=5)
    assert epoch() == first
