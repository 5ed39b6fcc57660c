"""The processes ``torg up`` runs: started together, watched, and stopped one after the other."""

import os
import signal
import subprocess
import sys

from torg.cli.parent import UP_PROCESS
from torg.cli.refusal import Refused

# More than each takes to let its requests or jobs end.
STOP_SECONDS = 45


class Children:
    """Torg commands as child processes. They inherit the descriptor ``lock``, held as long as one lives."""

    def __init__(self, lock: int) -> None:
        self.lock = lock
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, command: str, *options: str) -> None:
        """Start ``torg command``, out of reach of the terminal's Ctrl-C: when it ends is for us to say."""
        self.running[command] = subprocess.Popen(  # noqa: S603  (ourselves)
            [sys.executable, "-m", "torg.cli.main", command, *options],
            env={**os.environ, UP_PROCESS: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[self.lock],
        )

    def ensure_alive(self) -> None:
        """Raise ``Refused`` if one of them has ended."""
        for command, process in self.running.items():
            if process.poll() is not None:
                raise Refused(f"torg {command} ended unexpectedly (exit status {process.returncode}).")

    def stop(self) -> None:
        """Ask each to end, in the order of their start, and wait until it has."""
        for process in self.running.values():
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _kill(process)

    def kill(self) -> None:
        """End all of them at once."""
        for process in self.running.values():
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill ``process`` with its own children: it leads a session, so they are its process group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
