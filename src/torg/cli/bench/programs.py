"""Programs that are measured: started as an operator would, and stopped again."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from torg.cli.parent import UP_PROCESS
from torg.cli.refusal import Refused

READY_SECONDS = 180
STOP_SECONDS = 60


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> str:
    """Run a module of ours to its end and return what it printed; raise ``Refused`` if it fails."""
    done = subprocess.run(  # noqa: S603  (ourselves)
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{module} {' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


@contextmanager
def started(
    module: str,
    arguments: Sequence[str],
    *,
    is_ready: Callable[[], bool],
    environment: Mapping[str, str],
    log: Path,
) -> Iterator[int]:
    """Run a program for the block, which begins, with its process id, once ``is_ready`` says so."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (ourselves)
            [sys.executable, "-m", module, *arguments],
            env={**os.environ, UP_PROCESS: str(os.getpid()), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, is_ready, log)
        yield process.pid
    finally:
        _stop(process)


@contextmanager
def serving(
    module: str, arguments: Sequence[str], *, port: int, ready: str, environment: Mapping[str, str], log: Path
) -> Iterator[int]:
    """Run a server for the block, which begins, with its process id, once ``ready`` is answered with 200."""
    with started(
        module, arguments, is_ready=lambda: _answers(port, ready), environment=environment, log=log
    ) as pid:
        yield pid


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Refused(f"A program was not ready: {log.read_text(errors='replace').strip()[-2000:]}")
        time.sleep(0.01)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def largest_child_memory(pid: int) -> int | None:
    """Return the bytes that the largest child of a process holds in memory, or None where nobody tells."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        return None
    pages = [
        int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children.read_text().split()
    ]
    return max(pages, default=0) * os.sysconf("SC_PAGE_SIZE")
