"""Processes and questions with which the tests look at the embedded servers from outside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import redis

from torg.lib.embedded import postgresql_url, redis_url
from torg.lib.embedded.processes import command_of

USE_UNTIL_TOLD = """
import sys
from pathlib import Path
from torg.lib.embedded import EmbeddedServerFailed, running
try:
    with running(Path(sys.argv[1])):
        print("running", flush=True)
        sys.stdin.readline()
except EmbeddedServerFailed as failure:
    sys.exit(f"failed: {failure}")
"""


class User:
    """Another process that uses the servers under ``data_dir`` until it is told to leave, or killed."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_UNTIL_TOLD, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_running(self) -> "User":
        assert self.process.stdout.readline() == "running\n"
        return self

    def leave(self) -> None:
        self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def postmaster_id(data_dir: Path) -> int:
    return int((data_dir / "postgresql" / "postmaster.pid").read_text().splitlines()[0])


def redis_id(data_dir: Path) -> int:
    with redis.Redis.from_url(redis_url(data_dir)) as connection:
        return connection.info()["process_id"]


def is_running(process_id: int) -> bool:
    return bool(command_of(process_id))


def query(data_dir: Path, sql: str) -> list[tuple]:
    with psycopg.connect(postgresql_url(data_dir), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def processes_of(data_dir: Path) -> list[int]:
    """Return the ids of all living processes that were started with a path under ``data_dir``."""
    ids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [number for number in ids if any(str(data_dir) in argument for argument in command_of(number))]


def kill_servers(data_dir: Path) -> None:
    """Kill what a failed test left."""
    for number in processes_of(data_dir):
        if number != os.getpid():
            os.kill(number, signal.SIGKILL)
