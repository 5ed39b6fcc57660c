"""``torg web`` and ``torg worker`` end in order: what was begun is finished."""

import signal
import threading

import psycopg
import pytest

from tests.cli.commands import Command, get, is_ready, torg_processes
from tests.lib.embedded_users import query
from torg.lib.embedded import postgresql_url, running
from torg.lib.embedded.processes import becomes_true, command_of

pytestmark = pytest.mark.embedded

DEFER = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', 'torg.lib.jobs.remove_finished_jobs', 0, NULL, NULL, '{"timestamp": 0}', NULL
    )]::procrastinate_job_to_defer_v1[])
"""


def test_a_request_in_flight_is_answered_after_sigterm(data_dir, port):
    web = Command(data_dir, "web", "--port", str(port)).wait_for_port(port)
    answers = []
    with psycopg.connect(postgresql_url(data_dir)) as blocker:
        blocker.execute("LOCK TABLE catalogue_product IN ACCESS EXCLUSIVE MODE")
        asking = threading.Thread(target=lambda: answers.append(get(port, "/api/v1/products")))
        asking.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        assert becomes_true(lambda: query(data_dir, waiting) == [(1,)], seconds=10)
        web.signal(signal.SIGTERM)
        assert becomes_true(lambda: not is_ready(port), seconds=10)
        assert answers == []
    asking.join(30)
    assert [status for status, _ in answers] == [200]
    assert web.exit_status() == 0
    assert torg_processes(data_dir) == []


def test_serving_processes_of_a_killed_web_end_by_themselves(data_dir, port):
    web = Command(data_dir, "web", PORT=str(port), WEB_PROCESSES="2").wait_for_port(port)
    serving = [number for number in torg_processes(data_dir) if "web" in command_of(number)]
    assert len(serving) == 3
    web.signal(signal.SIGKILL).exit_status()
    assert becomes_true(lambda: not any(command_of(number) for number in serving), seconds=20)


def test_a_worker_does_the_jobs_that_wait_and_ends_at_sigterm(data_dir):
    # Its own job alone: around the hour at which upkeep is due, the worker adds one of its own.
    ours = """SELECT status::text FROM procrastinate_jobs WHERE args = '{"timestamp": 0}'"""
    with running(data_dir):
        query(data_dir, DEFER)
        worker = Command(data_dir, "worker")
        assert becomes_true(lambda: query(data_dir, ours) == [("succeeded",)], seconds=30), worker.printed
        assert worker.signal(signal.SIGTERM).exit_status() == 0
    assert torg_processes(data_dir) == []


def test_a_worker_goes_on_when_postgresql_has_cut_its_connections(data_dir):
    ours = """SELECT status::text FROM procrastinate_jobs WHERE args = '{"timestamp": 0}'"""
    cut = "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name = 'torg'"
    with running(data_dir):
        worker = Command(data_dir, "worker")
        listening = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'"
        assert becomes_true(lambda: query(data_dir, listening) == [(True,)], seconds=30), worker.printed
        assert query(data_dir, cut) == [(True,)]
        query(data_dir, DEFER)
        assert becomes_true(lambda: query(data_dir, ours) == [("succeeded",)], seconds=60), worker.printed
        assert worker.signal(signal.SIGTERM).exit_status() == 0
    assert torg_processes(data_dir) == []
