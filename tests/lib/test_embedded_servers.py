"""The embedded servers start, are shared, taken over and stopped, whatever was killed before."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from tests.lib.embedded_users import (
    User,
    is_running,
    kill_servers,
    postmaster_id,
    processes_of,
    query,
    redis_id,
)
from torg.lib.embedded import postgresql_url, running
from torg.lib.embedded.paths import socket_dir
from torg.lib.embedded.processes import becomes_true
from torg.lib.embedded.programs import postgresql_program

pytestmark = pytest.mark.embedded


@pytest.fixture
def data_dir(tmp_path):
    directory = tmp_path / "data"
    yield directory
    kill_servers(directory)


def test_both_answer_while_used_and_are_gone_afterwards(data_dir):
    with running(data_dir):
        assert query(data_dir, "SHOW server_encoding") == [("UTF8",)]
        assert query(data_dir, "SELECT datlocale FROM pg_database WHERE datname = 'torg'") == [("C.UTF-8",)]
        assert redis_id(data_dir)
    assert processes_of(data_dir) == []


def test_only_what_is_needed_is_started(data_dir):
    with running(data_dir, needs_postgresql=False):
        assert redis_id(data_dir)
        assert not (data_dir / "postgresql").exists()


def test_nobody_else_may_reach_the_sockets(data_dir):
    with running(data_dir):
        assert socket_dir(data_dir).stat().st_mode & 0o777 == 0o700
        assert query(data_dir, "SHOW listen_addresses") == [("",)]


def test_the_last_one_out_stops_them(data_dir):
    first = User(data_dir).wait_until_running()
    second = User(data_dir).wait_until_running()
    server = postmaster_id(data_dir)
    first.leave()
    assert query(data_dir, "SELECT 1") == [(1,)]
    second.leave()
    assert not is_running(server)
    assert processes_of(data_dir) == []


def test_users_that_come_at_the_same_time_share_one_server(data_dir):
    users = [User(data_dir) for _ in range(4)]
    for user in users:
        user.wait_until_running()
    assert len([number for number in processes_of(data_dir) if number == postmaster_id(data_dir)]) == 1
    for user in users:
        user.leave()
    assert processes_of(data_dir) == []


def test_servers_of_a_killed_user_are_taken_over(data_dir):
    User(data_dir).wait_until_running().kill()
    servers = postmaster_id(data_dir), redis_id(data_dir)
    with running(data_dir):
        assert (postmaster_id(data_dir), redis_id(data_dir)) == servers
    assert not any(is_running(server) for server in servers)


def test_ctrl_c_in_the_terminal_does_not_reach_them(data_dir):
    with running(data_dir):
        for server in (postmaster_id(data_dir), redis_id(data_dir)):
            assert os.getsid(server) != os.getsid(0)
            assert os.getpgid(server) != os.getpgid(0)


def test_servers_that_were_killed_start_again_with_their_data(data_dir):
    with running(data_dir):
        query(data_dir, "CREATE TABLE kept AS SELECT 7 AS number")
        for server in (postmaster_id(data_dir), redis_id(data_dir)):
            os.kill(server, signal.SIGKILL)
    with running(data_dir):
        assert query(data_dir, "SELECT number FROM kept") == [(7,)]
        assert redis_id(data_dir)


def test_a_process_id_that_is_somebody_elses_by_now_does_not_stop_a_start(data_dir):
    with running(data_dir):
        left = (data_dir / "postgresql" / "postmaster.pid").read_text().splitlines()
        socket_lock = (socket_dir(data_dir) / ".s.PGSQL.5432.lock").read_text().splitlines()
    somebody = str(os.getppid())
    (data_dir / "postgresql" / "postmaster.pid").write_text("\n".join([somebody, *left[1:]]) + "\n")
    (socket_dir(data_dir) / ".s.PGSQL.5432.lock").write_text("\n".join([somebody, *socket_lock[1:]]) + "\n")
    (socket_dir(data_dir) / "redis.sock").touch()
    with running(data_dir):
        assert query(data_dir, "SELECT 1") == [(1,)]
        assert redis_id(data_dir)


def test_an_empty_process_id_file_does_not_stop_a_start(data_dir):
    with running(data_dir):
        pass
    (data_dir / "postgresql" / "postmaster.pid").touch()
    with running(data_dir):
        assert query(data_dir, "SELECT 1") == [(1,)]


def test_a_statement_that_outlives_the_killed_server_is_waited_for(data_dir):
    with running(data_dir):
        connection = psycopg.connect(postgresql_url(data_dir), autocommit=True)
        backend = connection.info.backend_pid
        # Busy, not waiting: such a process does not notice for a while that the server is gone.
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 20000000)")
        time.sleep(0.2)
        os.kill(postmaster_id(data_dir), signal.SIGKILL)
    assert is_running(backend)
    with running(data_dir):
        assert not is_running(backend)
        assert query(data_dir, "SELECT 1") == [(1,)]
    connection.close()


def test_an_interrupted_making_of_the_cluster_is_made_again(data_dir):
    user = User(data_dir)
    draft = data_dir / "postgresql.new"
    assert becomes_true((draft / "PG_VERSION").exists, seconds=10)
    user.kill()
    assert not (data_dir / "postgresql").exists()
    with running(data_dir):
        assert query(data_dir, "SELECT current_database()") == [("torg",)]
        assert not draft.exists()


@pytest.mark.parametrize("name", ["x" * 120, "with a 'quote\", a comma and ünïcode %41"])
def test_any_directory_name_will_do(tmp_path, name):
    data_dir = tmp_path / name
    with running(data_dir):
        assert query(data_dir, "SELECT 1") == [(1,)]
        assert redis_id(data_dir)
    assert processes_of(data_dir) == []
    if socket_dir(data_dir).parent == Path("/tmp"):
        socket_dir(data_dir).rmdir()


def test_psql_of_the_environment_does_not_lead_astray(data_dir, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    with running(data_dir):
        command = [postgresql_program("psql"), postgresql_url(data_dir), "-Atc", "SELECT 1"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"
