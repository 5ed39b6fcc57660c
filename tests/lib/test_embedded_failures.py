"""What cannot start says why in one line, and what to do; nothing is left running and nothing is changed."""

import os
import subprocess
import sys

import pytest

from tests.lib.embedded_users import kill_servers, processes_of, query
from torg.lib.embedded import EmbeddedServerFailed, running
from torg.lib.embedded.paths import socket_dir

pytestmark = pytest.mark.embedded


@pytest.fixture
def data_dir(tmp_path):
    directory = tmp_path / "data"
    yield directory
    kill_servers(directory)


@pytest.fixture
def cluster(data_dir):
    """Return the directory of a cluster that was made, and is not running."""
    with running(data_dir, needs_redis=False):
        query(data_dir, "CREATE TABLE kept ()")
    return data_dir / "postgresql"


def refusal(data_dir):
    with pytest.raises(EmbeddedServerFailed) as caught, running(data_dir):
        pass
    assert processes_of(data_dir) == []
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("part", ["PG_VERSION", "global/pg_control"])
def test_a_damaged_cluster_is_refused_and_left_as_it_is(data_dir, cluster, part):
    (cluster / part).rename(cluster / "saved")
    message = refusal(data_dir)
    assert f"{cluster} is damaged: it has no {part}." in message
    assert f"mv {cluster} {cluster}.damaged" in message
    (cluster / "saved").rename(cluster / part)
    with running(data_dir):
        assert query(data_dir, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == [(1,)]


def test_a_cluster_that_is_a_file_is_refused_and_left_as_it_is(data_dir):
    data_dir.mkdir()
    cluster = data_dir / "postgresql"
    cluster.write_text("not a cluster")
    message = refusal(data_dir)
    assert message == (
        f"{cluster} is damaged: it is not a directory. Put a backup in its place, "
        f"or move it away to begin with an empty database: mv {cluster} {cluster}.damaged"
    )
    assert cluster.read_text() == "not a cluster"


@pytest.mark.parametrize("part", ["postgresql.conf", "pg_wal"])
def test_a_cluster_whose_damage_only_postgresql_sees_is_refused_with_what_to_do(data_dir, cluster, part):
    (cluster / part).rename(cluster / "saved")
    message = refusal(data_dir)
    assert message.startswith("PostgreSQL did not start: ")
    assert f". If {cluster} is damaged: Put a backup in its place, or move it away" in message
    assert message.endswith(f"mv {cluster} {cluster}.damaged")
    (cluster / "saved").rename(cluster / part)
    with running(data_dir):
        assert query(data_dir, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == [(1,)]


def test_a_cluster_of_another_version_is_refused(data_dir, cluster):
    (cluster / "PG_VERSION").write_text("16\n")
    assert "was made by PostgreSQL 16, and this Torg comes with 18." in refusal(data_dir)


def test_a_server_that_ends_at_once_is_noticed_at_once_with_its_own_words(data_dir, cluster):
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("max_connections = many\n")
    message = refusal(data_dir)
    assert message.startswith("PostgreSQL did not start: ")
    assert "FATAL:" in message
    assert str(data_dir / "logs" / "postgresql.log") in message


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    message = refusal(tmp_path / "file" / "data")
    assert message.startswith(f"{tmp_path / 'file' / 'data'} cannot be used: Not a directory.")
    assert "TORG_DATA_DIR" in message


def test_sockets_are_not_put_into_somebody_elses_directory(tmp_path):
    data_dir = tmp_path / ("x" * 120)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    socket_dir(data_dir).symlink_to(elsewhere)
    try:
        assert "belongs to somebody else" in refusal(data_dir)
    finally:
        socket_dir(data_dir).unlink()


def test_root_without_setpriv_is_told_what_to_do(data_dir):
    if os.geteuid() != 0:
        # Only root needs it: an ordinary user's servers start without.
        with running(data_dir):
            return
    start = "from pathlib import Path; from torg.lib.embedded import running; running(Path({!r})).__enter__()"
    finished = subprocess.run(
        [sys.executable, "-c", start.format(str(data_dir))],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "setpriv (of util-linux) is not there" in finished.stderr
    assert processes_of(data_dir) == []
