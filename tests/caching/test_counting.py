"""What the cache does is counted to the last read, by however many threads and processes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from torg.caching import counting, flushing, tallies
from torg.caching.keys import key
from torg.caching.kinds import kinds
from torg.caching.redis import RedisAway, using
from torg.pages.product_list import PRODUCTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient_redis")]


@pytest.fixture
def redis(patient_redis):
    """Redis, with none of the figures of this shop; gives a function that runs a command."""

    def run(*parts):
        return using(lambda connected: connected.run(*parts), is_patient=True)

    for name in run("KEYS", key("stats:*")) + run("KEYS", key("reads:*")):
        run("DEL", name)
    return run


@pytest.fixture
def flusher(redis):
    made = flushing.Flusher(counting.total, counting.samples)
    made.flush()  # What other tests have counted.
    for name in redis("KEYS", key("stats:*")) + redis("KEYS", key("reads:*")):
        redis("DEL", name)
    return made


def counted(before, kind="k", outcome="memory"):
    return counting.total().outcomes.get((kind, outcome), 0) - before.outcomes.get((kind, outcome), 0)


def in_threads(number, work):
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_no_read_of_many_threads_is_lost_although_nobody_locks():
    before = counting.total()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    seen = []
    is_over = threading.Event()

    def look():
        while not is_over.is_set():
            seen.append(counted(before))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        in_threads(8, lambda: [counting.mine().count("k", "memory", "k:?") for _ in range(5_000)])
    finally:
        is_over.set()
        looking.join()
        sys.setswitchinterval(interval)
    assert counted(before) == 40_000
    assert seen == sorted(seen)


def test_what_a_thread_counted_outlives_it_and_takes_no_room_of_its_own():
    before = counting.total()
    for _ in range(50):
        in_threads(4, lambda: counting.mine().count("k", "memory", "k:?"))
    assert counted(before) == 200
    assert len(counting._registry._living) <= 2 + threading.active_count()


def test_a_child_process_does_not_tell_again_what_its_parent_counted():
    counting.mine().count("k", "memory", "k:?")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        counting.mine().count("k", "redis", "k:?")
        os.write(writing, repr(counting.total().outcomes).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1_000).decode() == "{('k', 'redis'): 1}"


def test_one_read_in_sixteen_is_sampled_but_none_of_what_anybody_may_make_up():
    counting.samples()
    counts = counting.mine()
    for number in range(16_000):
        counts.count("k", "memory", f"k:{number}?")
        if number % 100 == 0:
            counts.count("k", "missing", "k:junk?")
            counts.count("k", "bypass", "k:junk?")
            counts.count("k", "built", f"k:{'long' * 125}?")
        if number % 1_000 == 0:
            sampled = counting.samples()
            assert "k:junk?" not in sampled
            assert all(len(name) <= 500 for name in sampled)
            counts.sampled.extend(sampled)
    assert 800 < len(counts.sampled) < 1_250
    counting.samples()


def test_samples_that_nobody_fetches_take_a_bounded_room():
    counts = counting.mine()
    for _ in range(100_000):
        counts.count("k", "memory", "k:?")
    assert len(counting.samples()) == 2_000


def test_what_was_counted_is_added_to_the_minute_and_to_the_sum(flusher, redis):
    counts = counting.mine()
    for _ in range(3):
        counts.count("k", "memory", "k:?")
    counts.count("k", "built", "k:?")
    counts.builds["k"] = counts.builds.get("k", 0) + 1
    counts.build_seconds["k"] = counts.build_seconds.get("k", 0.0) + 0.25
    counts.marks_raised += 7
    flusher.flush()
    flusher.flush()
    counts.count("k", "memory", "k:?")
    flusher.flush()
    expected = {
        "read:k:memory": 4, "read:k:built": 1, "built:k": 1, "build_microseconds:k": 250_000, "marks_raised": 7,
    }  # fmt: skip
    assert using(tallies.in_all) == expected
    now = time.time()
    minutes = using(lambda redis: tallies.by_minute(redis, 2, now=now))
    summed = {}
    for _, figures in minutes:
        for name, number in figures.items():
            summed[name] = summed.get(name, 0) + number
    assert summed == expected
    assert [at for at, _ in minutes] == [int(now) // 60 * 60 - 60, int(now) // 60 * 60]
    (minute,) = redis("KEYS", key("stats:[0-9]*"))
    assert 10_000 < redis("TTL", minute) <= 10_800


def test_a_batch_whose_answer_was_lost_is_added_once(flusher, monkeypatch):
    add = tallies.add

    def add_but_hear_nothing(batch):
        add(batch)
        raise RedisAway("the answer got lost")

    monkeypatch.setattr(tallies, "add", add_but_hear_nothing)
    counting.mine().count("k", "memory", "k:?")
    with pytest.raises(RedisAway):
        flusher.flush()
    counting.mine().count("k", "memory", "k:?")
    monkeypatch.setattr(tallies, "add", add)
    flusher.flush()
    assert using(tallies.in_all)["read:k:memory"] == 1
    flusher.flush()
    assert using(tallies.in_all)["read:k:memory"] == 2


def test_what_is_counted_while_redis_is_away_is_added_when_it_is_back(flusher, monkeypatch):
    add = tallies.add

    def away(batch):
        raise RedisAway("nobody is there")

    monkeypatch.setattr(tallies, "add", away)
    for _ in range(5):
        counting.mine().count("k", "memory", "k:?")
        with pytest.raises(RedisAway):
            flusher.flush()
    monkeypatch.setattr(tallies, "add", add)
    flusher.flush()
    flusher.flush()
    assert using(tallies.in_all)["read:k:memory"] == 5


def batch(samples, at=None):
    return tallies.Batch({}, samples, **({} if at is None else {"at": at}))


def test_the_most_read_of_a_kind_are_those_of_two_days_together(redis):
    now = time.time()
    tallies.add(batch({"a:x?": 3, "a:y?": 2, "b:z?": 9}, at=now))
    tallies.add(batch({"a:y?": 2, "a:w?": 1, "ab:v?": 8}, at=now - 86_400))
    tallies.add(batch({"a:old?": 99}, at=now - 2 * 86_400))
    assert tallies.most_read("a", 10) == ["a:y?", "a:x?", "a:w?"]
    assert tallies.most_read("a", 1) == ["a:y?"]
    assert tallies.most_read("nothing", 10) == []
    assert 0 < redis("TTL", key(f"reads:{int(now) // 86_400}")) <= 172_800


def test_of_documents_nobody_reads_again_only_so_many_are_remembered(redis):
    now = time.time()
    tallies.add(batch({f"a:often-{number}?": 5 for number in range(1_000)}, at=now))
    for start in range(0, 40_000, 2_000):
        tallies.add(batch({f"a:once-{number}?": 1 for number in range(start, start + 2_000)}, at=now))
    assert redis("ZCARD", key(f"reads:{int(now) // 86_400}")) <= 25_000
    assert set(tallies.most_read("a", 1_000)) == {f"a:often-{number}?" for number in range(1_000)}


def test_what_was_asked_for_is_read_from_the_key_of_its_document():
    asked = PRODUCTS.parameters.read({"category": "mugs & cups", "brand": ["Ä", "B"], "page": "3"})
    assert counting.asked_of(PRODUCTS.key(asked)) == (PRODUCTS, asked)
    for kind in kinds():
        asked = {kind.place: "stoneware-mug"} if kind.place else {}
        assert counting.asked_of(kind.key(asked)) == (kind, asked)


@pytest.mark.parametrize(
    "stale", ["", "nothing:x?", "products:?colour=red", "products:?page=none", "products:mugs?", "products"]
)
def test_a_key_of_another_release_means_nothing(stale):
    assert counting.asked_of(stale) is None


def test_the_thread_of_a_process_flushes_by_itself_and_when_the_process_ends(redis, tmp_path):
    database = connection.settings_dict["NAME"]
    program = tmp_path / "counts.py"
    program.write_text(
        f"""
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
settings.TORG_COUNTS_ARE_KEPT = True
settings.REDIS_URL = {settings.REDIS_URL!r}
settings.DATABASES["default"]["NAME"] = {database!r}
django.setup()
import multiprocessing
from torg.caching import counting

def child():
    counting.mine().count("k", "redis", "k:?")

counting.mine().count("k", "memory", "k:?")
time.sleep(2.5)
counting.mine().count("k", "memory", "k:?")
forked = multiprocessing.get_context("fork").Process(target=child)
forked.start()
forked.join()
assert forked.exitcode == 0
"""
    )
    running = subprocess.Popen([sys.executable, program], env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    seen = set()
    while running.poll() is None:
        seen.add(using(tallies.in_all).get("read:k:memory", 0))
        time.sleep(0.05)
    assert running.returncode == 0
    assert 1 in seen
    assert using(tallies.in_all) == {"read:k:memory": 2, "read:k:redis": 1}
