"""The embedded Redis: a cache that keeps nothing on disk."""

import contextlib
import os
import re
import signal
import socket
from pathlib import Path

from torg.lib.embedded.failure import EmbeddedServerFailed
from torg.lib.embedded.paths import redis_socket
from torg.lib.embedded.processes import becomes_true, command_of, start_detached
from torg.lib.embedded.programs import redis_program

START_SECONDS = 60
STOP_SECONDS = 10


def start(data_dir: Path) -> None:
    """Start Redis, or take over the one that answers at our socket; return when it answers."""
    if _ask(data_dir, "PING"):
        return
    directory = data_dir / "redis"
    directory.mkdir(mode=0o700, exist_ok=True)
    server = start_detached(_command(data_dir, directory), log=data_dir / "logs" / "redis.log")
    becomes_true(lambda: server.has_ended() or bool(_ask(data_dir, "PING")), seconds=START_SECONDS)
    if server.has_ended() or not _ask(data_dir, "PING"):
        server.process.kill()
        raise EmbeddedServerFailed(f"Redis did not start: {server.complaint()}")


def stop(data_dir: Path) -> None:
    """Stop Redis, if it runs; return when it is gone."""
    told = re.search(r"process_id:(\d+)", _ask(data_dir, "INFO server"))
    if told is None:
        return
    pid = int(told[1])
    _ask(data_dir, "SHUTDOWN NOSAVE")
    if not becomes_true(lambda: not command_of(pid), seconds=STOP_SECONDS):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _command(data_dir: Path, directory: Path) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(redis_socket(data_dir)),
        "unixsocketperm": "700",
        "dir": str(directory),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "maxmemory": "512mb",
        "maxmemory-policy": "allkeys-lru",
        # A fault of some ARM kernels that only hurts a Redis that saves, for which it refuses to start.
        "ignore-warnings": "ARM64-COW-BUG",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [str(redis_program()), *options]


def _ask(data_dir: Path, command: str) -> str:
    """Return the answer to one inline ``command``, or nothing if nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(redis_socket(data_dir)))
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(65536).decode(errors="replace")
    except OSError:
        return ""
