"""Processes that outlive the one that started them: starting, recognising and awaiting them."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LARGEST_LOG = 10 * 1024 * 1024

# Kept until they end: a finished child of ours stays in the process table until we ask for its status.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Server:
    """A server that was just started, and where its part of the log begins."""

    process: subprocess.Popen[bytes]
    log: Path
    log_begins_at: int

    def has_ended(self) -> bool:
        """Tell whether it is gone already."""
        return self.process.poll() is not None

    def logged(self) -> list[str]:
        """Return what it logged; processes that an earlier one left may have written in between."""
        with self.log.open("rb") as file:
            file.seek(self.log_begins_at)
            return [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]

    def complaint(self) -> str:
        """Return the last line it logged that reports a failure, else its last, and where it stands."""
        lines = self.logged()
        complaints = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "rror:" in line]
        reason = (complaints or lines or [f"exit status {self.process.returncode}"])[-1].strip()
        return f"{reason} (log: {self.log})"


def start_detached(command: Sequence[str], *, log: Path) -> Server:
    """Start ``command`` in a session of its own, so that Ctrl-C in the terminal does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("ab") as output:
        begins_at = output.tell()
        process = subprocess.Popen(  # noqa: S603  (the command is ours)
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        _children.append(process)
        return Server(process, log, log_begins_at=begins_at)


def command_of(pid: int) -> list[str]:
    """Return the arguments with which the process ``pid`` was started; none if it is dead."""
    for child in list(_children):
        if child.poll() is not None:
            _children.remove(child)
    if Path("/proc/self/cmdline").exists():
        try:
            # A process that ended but was not asked for its status (a zombie) has no arguments any more.
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(argument) for argument in line.split(b"\0")[:-1]]
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.split()


def becomes_true(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until ``condition`` holds, but no longer than ``seconds``; tell whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
