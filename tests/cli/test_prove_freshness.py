"""``torg prove freshness`` as a whole: a few seconds, few processes."""

import json
import shutil
import signal
from pathlib import Path

import pytest

from tests.cli.commands import Command, kill_all, run, torg_processes
from tests.lib.embedded_users import processes_of
from torg.cli.prove.servers import Servers

pytestmark = pytest.mark.embedded

FEW = ("--processes", "1", "--writers", "2", "--readers", "2", "--seed", "1")


@pytest.fixture
def data_dir(migrated_data_dir: Path, tmp_path: Path):
    """The operator's data directory, in which a proof has been made before."""
    ours = tmp_path / "data"
    shutil.copytree(migrated_data_dir, ours / "prove", ignore=shutil.ignore_patterns("*.sock"))
    yield ours
    for folder in (ours, ours / "prove", ours / "prove" / "freshness" / "data"):
        kill_all(folder)


def prove(data_dir: Path, *arguments: str, **settings: str) -> tuple[int, dict]:
    status, printed = run(data_dir, "prove", "freshness", *FEW, "--json", *arguments, **settings)
    return status, json.loads(printed[printed.index("{") :])


def reads(found: dict, cache: str) -> int:
    return sum(count for _, name, count in found["reads"] if name == cache)


def test_it_finds_nothing_stale_and_says_what_it_tried(data_dir):
    status, found = prove(data_dir, "--seconds", "4", "--without", "all")

    assert (found["wrong"], status) == ([], 0), found
    assert found["holds"] is True
    assert (found["stale"], found["details"], found["stale_at_rest"]) == ({}, [], [])
    assert reads(found, "hit") > 20
    assert reads(found, "miss") > 20
    assert found["writes"]["save"] > 0
    assert found["writes"]["behind Torg's back"] > 0
    assert found["looks"] == 1
    assert found["faults"] == {}
    assert torg_processes(data_dir) == []


def test_without_marks_it_finds_stale_reads(data_dir):
    status, found = prove(data_dir, "--seconds", "4", "--without", "all", TORG_FAULTS="marks:off")

    assert status == 1
    assert found["holds"] is False
    assert sum(found["stale"].values()) > 0
    detail = found["details"][0]
    assert detail["X-Cache"] == "hit"
    assert detail["complaints"]
    # Relays raise all marks, so that nothing stays so.
    assert found["stale_at_rest"] == []


def test_interrupted_it_prints_what_it_has_found(data_dir):
    command = Command(data_dir, "prove", "freshness", *FEW, "--seconds", "60")
    command.wait_for("Trying").signal(signal.SIGINT)

    assert command.exit_status() == 1
    assert "it was interrupted" in command.printed
    assert "stale reads: 0" in command.printed
    assert torg_processes(data_dir) == []
    assert processes_of(data_dir / "prove") == []


def test_a_fault_that_there_is_not_is_refused(data_dir):
    status, printed = run(data_dir, "prove", "freshness", "--without", "redis-moved")

    assert status == 2
    assert "redis-moved" in printed
    assert "redis-restored" in printed


def test_redis_comes_back_empty_or_as_it_was_before(data_dir):
    servers = Servers(data_dir / "prove")
    with servers.running():
        with servers.redis() as client:
            client.set("a", 1)
        servers.kill_redis()
        with servers.redis() as client:
            assert client.get("a") is None
            client.set("a", 2)

        servers.restore_redis(after=0.0)
        with servers.redis() as client:
            assert client.get("a") == b"2"

        servers.hang_redis(0.02)
        servers.kill_redis()
        with servers.redis() as client:
            assert client.get("a") is None
    assert not (data_dir / "prove" / "redis" / "dump.rdb").exists()


def test_a_second_proof_waits_for_its_turn(data_dir):
    first = Command(data_dir, "prove", "freshness", *FEW, "--seconds", "60").wait_for("Starting")

    status, printed = run(data_dir, "prove", "freshness", "--seconds", "1")

    assert status == 1
    assert "Another proof is under way" in printed
    assert first.process.poll() is None
    assert first.signal(signal.SIGTERM).exit_status() == 1
