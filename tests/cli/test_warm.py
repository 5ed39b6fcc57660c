"""``torg warm``, and workers that warm: whatever dies, what was begun is finished."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Command, get, is_ready, run
from tests.lib.embedded_users import query
from torg.lib.embedded import running
from torg.lib.embedded.processes import becomes_true
from torg.lib.embedded.redis import _ask as ask_redis

pytestmark = pytest.mark.embedded

JOBS = "SELECT job_type, status, attempts, done, total FROM caching_warmingjob ORDER BY created_at, id"
STATUS = "SELECT status FROM caching_warmingjob WHERE job_type = 'all' ORDER BY created_at DESC LIMIT 1"
DOCUMENTS = 8_000


def fill(data_dir: Path, products: int) -> None:
    status, printed = run(data_dir, "demo", "--products", str(products))
    assert status == 0, printed
    with running(data_dir):
        query(data_dir, "DELETE FROM caching_warmingjob RETURNING 1")


@pytest.fixture
def servers(data_dir) -> Iterator[Path]:
    with running(data_dir):
        yield data_dir


def test_without_a_worker_it_warms_by_itself_and_says_so(data_dir):
    fill(data_dir, 30)
    status, printed = run(data_dir, "warm")
    assert status == 0, printed
    assert "No worker of this build runs (torg worker), so this process warms.\n" in printed
    with running(data_dir):
        ((job_type, state, attempts, done, total),) = query(data_dir, JOBS)
    assert (job_type, state, attempts, done) == ("all", "completed", 1, total)
    assert total > 30
    assert f"all: completed, {total} of {total} documents in " in printed


def test_a_worker_does_it_where_one_runs(servers):
    worker = Command(servers, "worker")
    assert becomes_true(lambda: query(servers, STATUS) == [("completed",)], seconds=30), worker.printed
    status, printed = run(servers, "warm", "products", "posts", "products", "--json", LOG_LEVEL="ERROR")
    assert status == 0, printed
    jobs = json.loads(printed.splitlines()[-1])
    assert [(job["job_type"], job["status"]) for job in jobs] == [
        ("products", "completed"),
        ("posts", "completed"),
    ]
    assert worker.signal(signal.SIGTERM).exit_status() == 0


def test_a_worker_has_connections_enough_however_few_web_has(data_dir):
    fill(data_dir, 300)
    with running(data_dir):
        worker = Command(data_dir, "worker", "--concurrency", "1", WEB_THREADS="1")
        assert becomes_true(lambda: query(data_dir, STATUS) == [("completed",)], seconds=30), worker.printed
        assert "couldn't get a connection" not in worker.printed
        assert worker.signal(signal.SIGTERM).exit_status() == 0


def test_it_need_not_be_waited_for(data_dir):
    status, printed = run(data_dir, "warm", "homepage", "--no-wait", LOG_LEVEL="ERROR")
    assert status == 0
    assert "homepage: pending." in printed
    assert "No worker of this build runs; the jobs wait for one: torg worker" in printed
    with running(data_dir):
        assert query(data_dir, JOBS) == [("homepage", "pending", 0, 0, 0)]


def test_a_wrong_type_is_wrong_use_and_starts_nothing(data_dir):
    status, printed = run(data_dir, "warm", "products", "everything", LOG_LEVEL="ERROR")
    assert status == 2
    assert printed == (
        "'everything' cannot be warmed. Use one of products, categories, navigation, homepage, posts, all.\n"
    )
    with running(data_dir):
        assert query(data_dir, JOBS) == []


def test_interrupted_it_leaves_the_job_to_others(data_dir):
    fill(data_dir, DOCUMENTS)
    with running(data_dir):
        warm = Command(data_dir, "warm")
        assert becomes_true(lambda: query(data_dir, STATUS) == [("running",)], seconds=30), warm.printed
        warm.signal(signal.SIGINT)
        assert warm.exit_status() != 0
        assert query(data_dir, STATUS) == [("pending",)]


def test_a_job_whose_worker_is_killed_is_finished_by_another(data_dir):
    fill(data_dir, DOCUMENTS)
    with running(data_dir):
        killed, other = _killed_while_it_warms(data_dir), Command(data_dir, "worker")
        assert killed.process.returncode == -signal.SIGKILL
        assert query(data_dir, STATUS) == [("running",)]
        assert becomes_true(lambda: query(data_dir, STATUS) == [("completed",)], seconds=60), other.printed
        ((_, _, attempts, done, total),) = query(data_dir, JOBS)
        assert (attempts, done) == (2, total)
        assert total > DOCUMENTS
        assert other.signal(signal.SIGTERM).exit_status() == 0


def test_a_worker_that_is_asked_to_end_gives_its_job_back_at_once(data_dir):
    fill(data_dir, DOCUMENTS)
    with running(data_dir):
        worker = _one_that_warms(data_dir)
        asked_at = time.monotonic()
        assert worker.signal(signal.SIGTERM).exit_status() == 0
        assert time.monotonic() - asked_at < 10
        assert query(data_dir, STATUS) == [("pending",)]
        other = Command(data_dir, "worker")
        assert becomes_true(lambda: query(data_dir, STATUS) == [("completed",)], seconds=30), other.printed
        other.signal(signal.SIGTERM).exit_status()


def test_a_redis_that_was_flushed_is_warmed_again_by_itself(servers):
    worker = Command(servers, "worker")
    assert becomes_true(lambda: query(servers, STATUS) == [("completed",)], seconds=30), worker.printed
    assert "OK" in ask_redis(servers, "FLUSHALL")
    assert becomes_true(lambda: [row[1] for row in query(servers, JOBS)] == ["completed"] * 2, seconds=30)
    worker.signal(signal.SIGTERM).exit_status()


def test_a_new_build_is_warmed_before_it_is_ready_and_the_old_one_serves_on(data_dir, port):
    fill(data_dir, 300)
    with running(data_dir):
        old = [Command(data_dir, "worker", BUILD_VERSION="1")]
        old.append(Command(data_dir, "web", PORT=str(port), BUILD_VERSION="1").wait_for_port(port))
        query(data_dir, "UPDATE caching_warmingjob SET created_at = now() RETURNING 1")
        # A job that waits is waited for, however long the worker takes to start.
        assert run(data_dir, "warm", "--no-wait", BUILD_VERSION="2")[0] == 0
        new = Command(data_dir, "web", PORT=str(port + 1), BUILD_VERSION="2")
        assert becomes_true(lambda: _health(port + 1) == (503, "waits for a worker"), seconds=20), new.printed
        worker = Command(data_dir, "worker", BUILD_VERSION="2")
        new.wait_for_port(port + 1)
        builds = "SELECT count(DISTINCT build) FROM caching_warmingjob WHERE status = 'completed'"
        assert query(data_dir, builds) == [(2,)]
        assert is_ready(port)
        for each in (*old, new, worker):
            each.signal(signal.SIGTERM)
        for each in (*old, new, worker):
            assert each.exit_status() == 0


def _health(port: int) -> tuple[int, str] | None:
    try:
        status, body = get(port, "/readyz", seconds=3)
    except OSError:
        return None
    return status, json.loads(body)["checks"]["warming"]


def _one_that_warms(data_dir: Path) -> Command:
    worker = Command(data_dir, "worker")
    assert becomes_true(lambda: query(data_dir, STATUS) == [("running",)], seconds=30), worker.printed
    return worker


def _killed_while_it_warms(data_dir: Path) -> Command:
    worker = _one_that_warms(data_dir)
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.exit_status()
    return worker
