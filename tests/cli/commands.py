"""Torg's commands as processes of their own, on a shop that each test has for itself."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.lib.embedded_users import processes_of

# What the tests' own settings set, and what would lead the commands to other servers.
NOT_PASSED_ON = {"DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "TORG_DATA_DIR", "PORT"}


class Command:
    """A running ``torg`` command, started in ``data_dir``; ``settings`` are environment variables."""

    def __init__(self, data_dir: Path, *arguments: str, **settings: str) -> None:
        beside = next(folder for folder in data_dir.parents if folder.is_dir())
        descriptor, name = tempfile.mkstemp(suffix=".log", dir=beside)
        self.log = Path(name)
        with os.fdopen(descriptor, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "torg.cli.main", *arguments],
                env=environment(data_dir, **settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def wait_for(self, pattern: str, *, seconds: float = 60) -> "Command":
        """Wait until it printed ``pattern``."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.printed):
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.05)
        return self

    def wait_for_port(self, port: int, *, seconds: float = 60) -> "Command":
        """Wait until it answers that it is ready."""
        deadline = time.monotonic() + seconds
        while not is_ready(port):
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.05)
        return self

    def signal(self, number: signal.Signals) -> "Command":
        self.process.send_signal(number)
        return self

    def exit_status(self, *, seconds: float = 60) -> int:
        return self.process.wait(seconds)


def run(data_dir: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a ``torg`` command to its end; return its exit status and all it printed."""
    command = Command(data_dir, *arguments, **settings)
    return command.exit_status(), command.printed


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    return {**kept, "TORG_DATA_DIR": str(data_dir), "WEB_PROCESSES": "1", "COLUMNS": "200", **settings}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port: int, path: str, *, seconds: float = 60) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def is_ready(port: int) -> bool:
    try:
        return get(port, "/readyz", seconds=3)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def torg_processes(data_dir: Path) -> list[int]:
    """Return the ids of all processes that were started with this data directory, the servers among them."""
    ids = processes_of(data_dir)
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and int(path.name) != os.getpid():
            try:
                variables = (path / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if f"TORG_DATA_DIR={data_dir}".encode() in variables:
                ids.append(int(path.name))
    return sorted(set(ids))


def kill_all(data_dir: Path) -> None:
    """Kill what a failed test left."""
    for number in torg_processes(data_dir):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
