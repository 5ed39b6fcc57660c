"""Where a document comes from, what is kept, and what is not."""

import json
import os
import random
import subprocess
import sys
import threading
import tracemalloc
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from django.db import connection, transaction

from tests.caching import kit
from tests.caching.kit import InThread, Page, elsewhere, shown
from tests.shop import add_product
from torg.caching import keys, reading
from torg.caching.document import Document
from torg.caching.marks import Proof
from torg.caching.memory import Kept, Memory, Sent, memory
from torg.caching.reading import read, warm
from torg.caching.redis import using
from torg.catalogue.models import Product
from torg.lib.embedded.processes import becomes_true
from torg.pages.product_list import PRODUCTS

pytestmark = pytest.mark.django_db(transaction=True)
MUG = {"slug": "mug"}


@pytest.fixture(autouse=True)
def _anew(anew, monkeypatch):
    monkeypatch.setattr(reading, "_was_asked_before", reading._AskedBefore())


@pytest.fixture
def mug():
    return add_product("Mug", slug="mug")


def rename(name, slug="mug"):
    """Rename a product, and say so by the tag of our pages."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_product SET name = %s WHERE slug = %s", [name, slug])
        cursor.execute("SELECT caching_record(ARRAY[%s])", [f"thing:{slug}"])
    kit.wait_for_others()


def ways(found):
    return found.cache, found.tier, shown(found)


def stored():
    """Return the names of the documents in Redis."""
    names = using(lambda it: it.run("KEYS", keys.key("document:*")))
    return sorted(name.decode().split(":", 4)[4] for name in names)


def test_a_document_is_built_once_and_found_in_memory_then_and_in_redis_by_others(mug):
    page = Page()
    assert ways(read(page.kind, MUG)) == ("miss", "built", "Mug")
    assert ways(read(page.kind, MUG)) == ("hit", "memory", "Mug")
    memory.clear()
    assert ways(read(page.kind, MUG)) == ("hit", "redis", "Mug")
    assert ways(read(page.kind, MUG)) == ("hit", "memory", "Mug")
    assert page.built == 1
    assert stored() == ["page:mug?"]


@pytest.mark.parametrize("is_in_memory", [True, False])
def test_after_a_write_it_is_built_anew(mug, is_in_memory):
    page = Page()
    read(page.kind, MUG)
    for name in ("Cup", "Glass"):
        rename(name)
        if not is_in_memory:
            memory.clear()
        assert ways(read(page.kind, MUG)) == ("miss", "built", name)
        assert ways(read(page.kind, MUG)) == ("hit", "memory", name)


def test_a_write_of_something_else_changes_nothing(mug):
    page = Page()
    read(page.kind, MUG)
    rename("Lid", slug="lid")
    assert ways(read(page.kind, MUG)) == ("hit", "memory", "Mug")


def test_the_mark_of_its_kind_counts(mug):
    page = Page()
    read(page.kind, MUG)
    kit.record(*(f"thing:{number}" for number in range(1001)))
    assert read(page.kind, MUG).cache == "miss"
    memory.clear()
    kit.record(*(f"thing:{number}" for number in range(1001)))
    assert read(page.kind, MUG).cache == "miss"


def test_what_changes_everything_counts(mug):
    page = Page()
    read(page.kind, MUG)
    kit.record("*")
    assert read(page.kind, MUG).cache == "miss"
    # Once this process has heard of the new epoch, it is kept again.
    assert becomes_true(lambda: read(page.kind, MUG).cache == "hit", seconds=5)


def begin_atomic():
    atomic = transaction.atomic()
    atomic.__enter__()
    return lambda: atomic.__exit__(KeyError, KeyError(), None)


def begin_by_hand():
    connection.set_autocommit(False)

    def end():
        connection.rollback()
        connection.set_autocommit(True)

    return end


def begin_raw():
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")

    def end():
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")

    return end


@pytest.mark.parametrize("begin", [begin_atomic, begin_by_hand, begin_raw])
def test_a_transaction_sees_its_own_and_keeps_nothing(mug, begin):
    page = Page()
    read(page.kind, MUG)
    end = begin()
    try:
        Product.objects.filter(slug="mug").update(name="Uncommitted")
        kit.record("thing:mug")
        assert ways(read(page.kind, MUG)) == ("bypass", "built", "Uncommitted")
        assert ways(elsewhere(lambda: read(page.kind, MUG))) == ("hit", "memory", "Mug")
        memory.clear()
        assert ways(read(page.kind, MUG)) == ("bypass", "built", "Uncommitted")
        assert ways(elsewhere(lambda: read(page.kind, MUG))) == ("hit", "redis", "Mug")
        # The transaction is still the caller's.
        assert Product.objects.get(slug="mug").name == "Uncommitted"
    finally:
        end()
    assert Product.objects.get(slug="mug").name == "Mug"
    assert shown(read(page.kind, MUG)) == "Mug"


def test_a_cache_that_is_off_keeps_nothing(mug, settings):
    settings.TORG_CACHE = False
    page = Page()
    assert [ways(read(page.kind, MUG)) for _ in range(2)] == [("bypass", "built", "Mug")] * 2
    assert (stored(), memory.documents) == ([], {})


def test_what_there_is_not_is_not_kept(mug):
    page = Page()
    assert read(page.kind, {"slug": "nothing"}) is None
    assert read(page.kind, {"slug": "nothing"}) is None
    assert page.built == 2
    assert (stored(), memory.documents) == ([], {})
    rename("Mug")
    add_product("Nothing yet", slug="nothing")
    assert shown(read(page.kind, {"slug": "nothing"})) == "Nothing yet"


def test_what_is_not_worth_keeping_is_not_kept(mug):
    page = Page()
    rename("Nothing")
    assert [ways(read(page.kind, MUG)) for _ in range(2)] == [("bypass", "built", "Nothing")] * 2
    assert (stored(), memory.documents) == ([], {})


def test_what_fails_to_be_built_is_not_kept_and_leaves_no_lease(mug):
    page = Page()

    def fail():
        raise KeyError("wrong")

    page.while_building = fail
    for _ in range(2):
        with pytest.raises(KeyError):
            read(page.kind, MUG)
    assert (stored(), memory.documents) == ([], {})
    assert reading._flights._under_way == {}
    page.while_building = lambda: None
    assert read(page.kind, MUG).cache == "miss"


def test_what_has_no_end_is_kept_when_it_is_asked_for_again(mug):
    page = Page(is_open=lambda asked: True)
    assert [read(page.kind, MUG).cache for _ in range(3)] == ["bypass", "miss", "hit"]


def test_what_is_too_old_is_built_anew(mug, settings):
    settings.TORG_CACHE_SECONDS = {"page": 1}
    page = Page()
    read(page.kind, MUG)
    kept = memory.get("page:mug?")
    assert kept.expires_at - kept.built_at == 1
    kept.expires_at -= 1
    using(lambda it: it.run("DEL", keys.document_key("page:mug?")))
    assert read(page.kind, MUG).cache == "miss"
    assert 0 < using(lambda it: it.run("PTTL", keys.document_key("page:mug?"))) <= 1000


def test_a_limit_that_was_lowered_holds_for_what_was_stored_before(mug, settings):
    page = Page()
    read(page.kind, MUG)
    memory.clear()
    settings.TORG_CACHE_MAX_AGE = -1
    assert read(page.kind, MUG).cache == "miss"


CORRUPT = [
    b"",
    b"\x00",
    b"\xc1",
    b"text",
    b"\x99" + b"\xc0" * 9,
    b"[]",
    b"\xdd\xff\xff\xff\xff",
    # As it would be, but that the compressed bytes are under their names.
    msgspec.msgpack.encode(
        [1, 1, 1.0, 9e9, [], '"etag"', "application/json", b"{}", {"br": b"", "gzip": b""}]
    ),
    # And with fewer of them than there are encodings, or more.
    msgspec.msgpack.encode([1, 1, 1.0, 9e9, [], '"etag"', "application/json", b"{}", [b"x"]]),
    msgspec.msgpack.encode([1, 1, 1.0, 9e9, [], '"etag"', "application/json", b"{}", [b"x"] * 3]),
]


@pytest.mark.parametrize("value", CORRUPT)
def test_what_nobody_can_read_is_built_anew(mug, value):
    page = Page()
    read(page.kind, MUG)
    memory.clear()
    using(lambda it: it.run("SET", keys.document_key("page:mug?"), value))
    assert ways(read(page.kind, MUG)) == ("miss", "built", "Mug")


def test_bytes_cut_off_or_of_another_kind_never_break_a_read(mug):
    page = Page()
    read(page.kind, MUG)
    name = keys.document_key("page:mug?")
    whole = using(lambda it: it.run("GET", name))
    chance = random.Random(7)
    for _ in range(300):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(spoilt) // 2)] = chance.randrange(256)
        spoilt = bytes(spoilt[: chance.randrange(1, len(spoilt) + 200)])
        memory.clear()
        using(lambda it, spoilt=spoilt: it.run("SET", name, spoilt))
        assert read(page.kind, MUG).cache in {"miss", "hit"}
    memory.clear()
    using(lambda it: it.pipeline([("DEL", name), ("LPUSH", name, "x")]))
    assert ways(read(page.kind, MUG)) == ("bypass", "built", "Mug")


def test_documents_of_another_build_are_left_alone(mug, monkeypatch):
    page = Page()
    read(page.kind, MUG)
    ours = keys.document_key("page:mug?")
    before = using(lambda it: it.run("GET", ours))
    monkeypatch.setattr(keys, "build", lambda: "another")
    memory.clear()
    rename("Cup")
    assert ways(read(page.kind, MUG)) == ("miss", "built", "Cup")
    assert keys.document_key("page:mug?") != ours
    assert using(lambda it: it.run("GET", ours)) == before


def test_junk_adds_nothing_to_redis_nor_to_the_process(mug):
    """Whatever is asked for once is not kept, whether there is such a thing or not."""
    page = Page()

    def junk(numbers):
        for number in numbers:
            found = read(PRODUCTS, {"price_min": Decimal(number), "brand": [f"junk {number}"]})
            assert found.cache == "bypass"
            assert read(page.kind, {"slug": f"junk-{number}"}) is None

    junk(range(300))
    keys_before = using(lambda it: it.run("DBSIZE"))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        junk(range(300, 1_500))
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert using(lambda it: it.run("DBSIZE")) <= keys_before
    assert (stored(), memory.documents, reading._flights._under_way) == ([], {}, {})
    # Less than what was asked for takes: hashes of it, and what Python keeps for the next time.
    assert grown < 1_200 * 500


def test_of_what_was_asked_for_once_only_so_much_is_remembered():
    was_asked_before = reading._AskedBefore()
    for number in range(100_000):
        assert not was_asked_before(f"name {number}")
        assert len(was_asked_before._recent) + len(was_asked_before._earlier) <= 2 * reading._REMEMBERED
    assert was_asked_before("name 99999")
    assert was_asked_before(f"name {100_000 - reading._REMEMBERED}")
    assert not was_asked_before("name 0")


def kept(size, name="x"):
    document = Document.of(b"x" * size, [f"thing:{name}"])
    return Kept(document, Proof(1, 1, b"check"), built_at=0, expires_at=0)


def test_memory_is_bounded_in_bytes():
    limit = 1_000_000
    held = Memory(lambda: limit)
    for number in range(3_000):
        held.put(f"name-{number}" * (1 + number % 50), kept(number % 5_000))
        assert held.bytes <= limit
    assert held.bytes == sum(len(name) + each.size for name, each in held.documents.items())
    assert held.bytes > 0.9 * limit
    held.put("too-big", kept(limit))
    assert "too-big" not in held.documents
    held.put("long-name" * limit, kept(1))
    assert len(held.documents) > 100
    held.put("again", kept(10))
    held.put("again", kept(20))
    held.remove("again")
    assert held.bytes == sum(len(name) + each.size for name, each in held.documents.items())
    held.clear()
    assert (held.bytes, held.documents) == (0, {})


def sent(each):
    """As it is when it was answered with: with its forms, and what of the answer is kept for the next time."""
    whole = Kept(each.document.compressed(), each.proof, built_at=1e9, expires_at=2e9)
    etag = f"{each.document.etag[:-1]}-br"
    whole.sent = Sent(None, "br", 200, etag, b"", whole.document.encoded("br"))
    return whole


def test_what_is_counted_is_about_what_it_takes():
    held, lines = Memory(lambda: 100_000_000), {}
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(2_000):
            held.put(f"product:{number:050}?", sent(kept(number, name=f"{number:036}")))
            lines[b"GET /api/v1/products/%050d HTTP/1.1" % number] = f"/api/v1/products/{number:050}"
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken < 1.1 * held.bytes


def test_what_was_read_has_a_second_chance():
    one = kept(1000)
    held = Memory(lambda: 10 * (one.size + 1))
    for name in "abcdefghij":
        held.put(name, kept(1000))
    for name in "acegi":
        held.get(name)
    for name in "0123":
        held.put(name, kept(1000))
    assert set("acegi") <= set(held.documents)
    assert "b" not in held.documents
    assert len(held.documents) == 10


def test_a_batch_is_warmed_for_all(mug):
    page = Page()
    add_product("Lid", slug="lid")
    batch = [MUG, {"slug": "lid"}, {"slug": "nothing"}]
    warmed = warm(page.kind, batch)
    assert (warmed.done, warmed.failures, page.built) == (3, [], 3)
    assert stored() == ["page:lid?", "page:mug?"]
    assert warm(page.kind, batch[:2]).done == 2
    assert page.built == 3
    rename("Cup")
    assert warm(page.kind, batch[:2]).done == 2
    assert page.built == 4
    assert ways(read(page.kind, MUG)) == ("hit", "redis", "Cup")
    assert warm(page.kind, []).done == 0


def test_500_first_requests_of_one_process_build_once(mug):
    page = Page()
    count = 500
    barrier = threading.Barrier(count)
    page.while_building = lambda: threading.Event().wait(0.05)

    def ask():
        barrier.wait(kit.PAUSE)
        return read(page.kind, MUG)

    asking = [InThread(ask) for _ in range(count)]
    found = [each.result() for each in asking]
    assert {shown(each) for each in found} == {"Mug"}
    assert page.built == 1
    assert [each.cache for each in found].count("miss") == 1
    assert reading._flights._under_way == {}


PROCESS = """
import sys, json, os
from django.conf import settings
given = json.loads(sys.argv[1])
settings.DATABASES["default"]["NAME"] = given["database"]
settings.REDIS_URL = given["redis"]
import django
django.setup()
import threading, time
from tests.caching.kit import InThread, Page, shown
from torg.caching.reading import read
page = Page()
page.while_building = lambda: time.sleep(0.05)
barrier = threading.Barrier(126)
def ask():
    barrier.wait(60)
    return read(page.kind, {"slug": "mug"})
asking = [InThread(ask) for _ in range(125)]
print("ready", flush=True)
sys.stdin.readline()
barrier.wait(60)
names = {shown(each.result()) for each in asking}
print(json.dumps([page.built, sorted(names)]), flush=True)
"""


def test_500_first_requests_of_four_processes_build_once(mug, settings):
    given = {"database": connection.settings_dict["NAME"], "redis": settings.REDIS_URL}
    command = [sys.executable, "-c", PROCESS, json.dumps(given)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    root = Path(__file__).parents[2]
    processes = [
        subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, **pipes)
        for _ in range(4)
    ]
    try:
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * 4
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for process in processes]
    finally:
        for process in processes:
            process.communicate(timeout=kit.PAUSE)
    assert sum(built for built, _ in answers) == 1
    assert [names for _, names in answers] == [["Mug"]] * 4
