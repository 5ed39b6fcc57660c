"""A server of several processes tells one sum of what all of them counted, whichever is asked."""

import http.client
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.api.metrics import Figures
from tests.cli.commands import Command, free_port
from tests.shop import add_category, add_product
from torg.caching import processes

# The rows of the shop are committed, and stay until all tests here are done: no app's tables are emptied before.
pytestmark = pytest.mark.django_db(transaction=True, available_apps=[])

PATHS = ["/api/v1/products", "/api/v1/products/mug", "/api/v1/categories/tree"]


class Web:
    """A server of two processes on the database of the tests."""

    def __init__(self, folder: Path, **given: str) -> None:
        self.port = free_port()
        database = urlsplit(settings.ENVIRONMENT.database_url)._replace(
            path=f"/{settings.DATABASES['default']['NAME']}"
        )
        self.folder = folder
        (folder / "run").mkdir()
        self.command = Command(
            folder / "data",
            *("web", "--port", str(self.port), "--processes", "2", "--threads", "4"),
            **{
                "DATABASE_URL": database.geturl(),
                "REDIS_URL": settings.REDIS_URL,
                "SECRET_KEY": settings.SECRET_KEY,
                "LOG_LEVEL": "ERROR",
                "CACHE_WARM_LIMIT": "0",  # There is no worker that it could wait for.
                "TMPDIR": str(folder / "run"),
                **given,
            },
        )

    def get(self, path: str, *, method: str = "GET", **headers: str) -> tuple[int, HTTPMessage, str]:
        """Ask on a connection of its own, so that any process may answer."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asking.request(
                method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
            )
            response = asking.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            asking.close()

    def figures(self) -> "Figures":
        status, _, body = self.get("/metrics")
        assert status == 200, body
        return Figures(body)

    def stop(self) -> None:
        self.command.process.terminate()
        assert self.command.exit_status() == 0
        # One of them is killed below.
        assert all("Unexpected exit" in line for line in self.command.printed.splitlines())


@pytest.fixture(scope="module")
def web(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Web]:
    with django_db_blocker.unblock():
        add_product("Mug", category=add_category("Kitchen"))
    # A path in which a socket has room.
    serving = Web(tmp_path_factory.mktemp("m"))
    try:
        serving.command.wait_for_port(serving.port)
        yield serving
        serving.stop()
        assert list((serving.folder / "run").iterdir()) == []
    finally:
        if serving.command.process.poll() is None:
            os.killpg(serving.command.process.pid, signal.SIGKILL)
        with django_db_blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)


def test_each_read_and_request_of_two_processes_is_counted_once_whoever_is_asked(web):
    before = web.figures()
    answered = Counter()
    with ThreadPoolExecutor(8) as pool:
        asked = [PATHS[number % 3] for number in range(300)]
        for status, headers, _ in pool.map(web.get, asked):
            answered[status, headers["X-Cache"]] += 1
        missing = sum(status == 404 for status, _, _ in pool.map(web.get, ["/api/v1/products/none"] * 20))
    assert missing == 20
    assert sum(answered.values()) == 300
    after = web.figures()
    reads = after.reads() - before.reads()
    assert sum(reads[kind, "missing"] for kind in ("product", "products", "category_tree")) == 20
    for kind in ("product", "products", "category_tree"):
        assert (
            sum(number for (its, outcome), number in reads.items() if its == kind and outcome != "missing")
            == 100
        )
    hits = sum(number for (_, outcome), number in reads.items() if outcome in {"memory", "redis"})
    assert hits == answered[200, "hit"]
    assert (
        sum(number for (_, outcome), number in reads.items() if outcome == "built") == answered[200, "miss"]
    )
    by_status = {
        status: after("torg_http_requests_total", "GET", status)
        - before("torg_http_requests_total", "GET", status)
        for status in ("2xx", "4xx", "5xx")
    }
    assert by_status == {"2xx": 301, "4xx": 20, "5xx": 0}  # One of them is the scrape before.
    timed = after("torg_http_request_duration_seconds_count") - before(
        "torg_http_request_duration_seconds_count"
    )
    assert timed == 321
    assert after("torg_http_request_duration_seconds_bucket", "+Inf") == after(
        "torg_http_request_duration_seconds_count"
    )
    assert after("torg_web_processes") == 2
    assert [web.figures().reads() for _ in range(10)] == [after.reads()] * 10


def test_what_both_processes_served_is_among_it(web):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(web.get, [PATHS[1]] * 200))
    assert len([key for key in web.figures().samples if key[0] == "torg_process_threads"]) == 2
    directory = next((web.folder / "run").glob("torg-web-*"))
    told = [processes._asked(path, time.monotonic() + 5) for path in directory.glob("*.socket")]
    assert len(told) == 2
    assert all(sum(each.answers.values()) > 0 for each in told)
    reads = sum(sum(each.reads.values()) for each in told)
    assert reads == web.figures().summed("torg_cache_reads_total")


def test_an_answer_304_and_each_build_are_counted(web):
    _, headers, _ = web.get(PATHS[1])
    before = web.figures()
    assert web.get(PATHS[1], If_None_Match=headers["ETag"])[0] == 304
    after = web.figures()
    assert after("torg_cache_not_modified_total") - before("torg_cache_not_modified_total") == 1
    assert (
        after("torg_http_requests_total", "GET", "3xx") - before("torg_http_requests_total", "GET", "3xx")
        == 1
    )
    assert web.get("/api/v1/products?page_size=7")[0] == 200
    built = web.figures()
    name = "torg_cache_build_seconds_count", "products"
    assert built(*name) - after(*name) == 1
    assert built("torg_cache_build_seconds_sum", "products") > after(
        "torg_cache_build_seconds_sum", "products"
    )


def test_made_up_methods_take_no_room(web):
    for number in range(30):
        web.get("/nothing", method=f"MADEUP{number}")
    figures = web.figures()
    assert {key[1] for key in figures.samples if key[0] == "torg_http_requests_total"} <= {"GET", "other"}
    assert figures("torg_http_requests_total", "other", "4xx") >= 30


def test_how_the_shop_stands_is_told(web):
    for _ in range(10):  # Redis has 50 ms, which a busy machine may need for other things.
        figures = web.figures()
        if ("torg_cache_changes_unconfirmed",) in figures.samples:
            break
    assert figures("torg_redis_up") == 1
    assert figures("torg_postgresql_up") == 1
    for name in (
        "torg_redis_memory_bytes", "torg_redis_keys", "torg_cache_epoch", "torg_cache_marks", "torg_cache_changes",
        "torg_cache_changes_unconfirmed", "torg_cache_relay_lag_seconds", "torg_cache_horizon_lag_transactions",
        "torg_cache_horizon_lag_seconds", "torg_cache_memory_documents", "torg_cache_memory_bytes",
    ):  # fmt: skip
        assert (name,) in figures.samples, name
    assert figures("torg_cache_memory_documents") >= 1
    assert figures.summed("torg_process_resident_memory_bytes") > 40_000_000


def test_a_head_request_is_answered_and_others_are_refused(web):
    status, headers, body = web.get("/metrics", method="HEAD")
    assert (status, body) == (200, "")
    assert headers["Content-Type"].startswith("text/plain; version=")
    status, headers, _ = web.get("/metrics", method="POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_a_process_that_was_killed_takes_nothing_of_the_sum_with_it(web):
    before = web.figures()
    victim = int(next(key[1] for key in before.samples if key[0] == "torg_process_threads"))
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while True:
        try:
            after = web.figures()
        except (OSError, http.client.HTTPException):
            continue
        pids = {key[1] for key in after.samples if key[0] == "torg_process_threads"}
        if len(pids) == 2 and str(victim) not in pids:
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not before.reads() - after.reads()
    for name in ("torg_cache_passes_total", "torg_http_request_duration_seconds_count"):
        assert after(name) >= before(name)


def test_a_process_that_hangs_holds_nobody_up(web):
    before = web.figures()
    victim = int(next(key[1] for key in before.samples if key[0] == "torg_process_threads"))
    os.kill(victim, signal.SIGSTOP)
    try:
        started = time.monotonic()
        # A connection that the stopped one has taken is not answered at all, so more than one try.
        with ThreadPoolExecutor(12) as pool:
            answers = [pool.submit(web.figures) for _ in range(12)]
            while not any(answer.done() and not answer.exception() for answer in answers):
                assert time.monotonic() - started < 5
                time.sleep(0.02)
            seen = next(answer.result() for answer in answers if answer.done())
            assert not before.reads() - seen.reads()
            os.kill(victim, signal.SIGCONT)
    finally:
        os.kill(victim, signal.SIGCONT)
