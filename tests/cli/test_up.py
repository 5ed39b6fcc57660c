"""``torg up`` brings everything up, and leaves nothing behind however it ends."""

import os
import re
import signal
import stat
from pathlib import Path

import pytest

from tests.cli.commands import Command, get, is_ready, run, torg_processes
from tests.lib.embedded_users import query
from torg.lib.embedded import running
from torg.lib.embedded.processes import becomes_true, command_of

pytestmark = pytest.mark.embedded


def test_up_tells_where_everything_is_and_keeps_the_login(data_dir, port):
    first = Command(data_dir, "up", PORT=str(port)).wait_for("Ctrl-C stops it all")
    for line in (
        f"http://127.0.0.1:{port}/api/docs",
        f"http://127.0.0.1:{port}/backoffice/",
        "psql postgresql://",
    ):
        assert line in first.printed
    password = re.search(r"user demo, password (\S+)", first.printed)[1]
    assert get(port, "/api/v1/products")[0] == 200
    assert first.signal(signal.SIGINT).exit_status() == 0
    assert "Stopping …\n" in first.printed
    assert first.printed.endswith("Stopped.\n")
    assert torg_processes(data_dir) == []
    assert (data_dir / "demo-login").read_text() == password
    assert stat.S_IMODE((data_dir / "demo-login").stat().st_mode) == 0o600

    second = Command(data_dir, "up", "--port", str(port)).wait_for("Ctrl-C stops it all")
    assert f"user demo, password {password}" in second.printed
    assert second.signal(signal.SIGTERM).exit_status() == 0
    assert torg_processes(data_dir) == []


def test_a_second_up_on_the_same_data_says_who_has_it(data_dir, port):
    first = Command(data_dir, "up", PORT=str(port)).wait_for("Ctrl-C stops it all")
    status, printed = run(data_dir, "up", PORT=str(port + 1))
    assert status == 1
    assert printed.startswith(f"torg up (process {first.process.pid}) already runs {data_dir}.")
    assert is_ready(port)
    first.signal(signal.SIGINT).exit_status()


def test_a_killed_up_takes_its_children_along_and_the_next_one_has_the_data(data_dir, port):
    first = Command(data_dir, "up", PORT=str(port)).wait_for("Ctrl-C stops it all")
    query(data_dir, "CREATE TABLE kept AS SELECT 7 AS number")
    children = [_child(data_dir, first.process.pid, command) for command in ("web", "worker")]
    first.signal(signal.SIGKILL).exit_status()
    assert becomes_true(lambda: not any(command_of(child) for child in children), seconds=30)
    second = Command(data_dir, "up", PORT=str(port)).wait_for("Ctrl-C stops it all")
    assert query(data_dir, "SELECT number FROM kept") == [(7,)]
    assert second.signal(signal.SIGINT).exit_status() == 0
    assert torg_processes(data_dir) == []


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_child_that_dies_ends_it_all_and_says_so(data_dir, port, command):
    up = Command(data_dir, "up", PORT=str(port)).wait_for("Ctrl-C stops it all")
    os.kill(_child(data_dir, up.process.pid, command), signal.SIGKILL)
    assert up.exit_status() == 1
    assert f"torg {command} ended unexpectedly" in up.printed
    assert becomes_true(lambda: torg_processes(data_dir) == [], seconds=10)


def test_interrupted_while_it_starts_it_leaves_nothing(data_dir, port):
    up = Command(data_dir, "up", PORT=str(port))
    assert becomes_true((data_dir / "postgresql" / "postmaster.pid").exists, seconds=20)
    assert up.signal(signal.SIGINT).exit_status() == 0
    assert torg_processes(data_dir) == []


def test_a_changed_password_is_not_printed(data_dir, port):
    change = (
        "from torg.accounts.models import User\n"
        "demo = User.objects.create_superuser('demo', 'demo@example.com', 'chosen by its owner')\n"
    )
    assert run(data_dir, "manage", "shell", "-c", change)[0] == 0
    up = Command(data_dir, "up", PORT=str(port)).wait_for("Ctrl-C stops it all")
    assert "user demo" not in up.printed
    up.signal(signal.SIGINT).exit_status()
    with running(data_dir):
        assert query(data_dir, "SELECT username FROM accounts_user") == [("demo",)]


def _child(data_dir: Path, parent: int, command: str) -> int:
    for number in torg_processes(data_dir):
        status = Path(f"/proc/{number}/status").read_text()
        if f"PPid:\t{parent}\n" in status and command in command_of(number):
            return number
    raise AssertionError(f"{command} does not run")
