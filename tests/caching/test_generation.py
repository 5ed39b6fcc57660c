"""What tells the runs of a database apart, on a PostgreSQL that is stopped and killed."""

import os
import signal
import time
from importlib import import_module

import psycopg
import pytest

from torg.lib.embedded import postgresql_url, running

SQL = import_module("torg.caching.migrations.0004_generation").GENERATION
pytestmark = pytest.mark.embedded


def ask(url, statement="SELECT caching_generation()"):
    deadline = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                return connection.execute(statement).fetchone()[0]
        except psycopg.OperationalError:  # It recovers.
            assert time.monotonic() < deadline
            time.sleep(0.05)


def kill_a_backend(url):
    with psycopg.connect(url, autocommit=True) as victim:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            victim.execute("SELECT pg_sleep(30)")


def test_a_crash_begins_a_new_generation_and_a_restart_does_not(tmp_path):
    url = postgresql_url(tmp_path)
    with running(tmp_path, needs_redis=False):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SQL)
        first = ask(url)
        assert ask(url) == first
    with running(tmp_path, needs_redis=False):
        assert ask(url) == first
        kill_a_backend(url)
        second = ask(url)
        assert second != first
        assert second.split(":")[:3] == first.split(":")[:3]
        assert ask(url) == second


def test_a_role_without_privileges_may_ask_for_it(tmp_path):
    url = postgresql_url(tmp_path)
    with running(tmp_path, needs_redis=False):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE ROLE shop LOGIN")
            connection.execute("CREATE SCHEMA shop AUTHORIZATION shop")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET ROLE shop")
            connection.execute("SET search_path = shop")
            connection.execute(SQL)
            assert connection.execute("SELECT caching_generation()").fetchone()[0].count(":") == 3
