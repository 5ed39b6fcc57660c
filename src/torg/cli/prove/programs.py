"""The programs of a run: started, started again when they die, and ended by their own ids."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from torg.cli.parent import UP_PROCESS

END_SECONDS = 25


class Program:
    """A module of ours, kept running as long as it is wanted, in a session of its own with all that it starts."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self._arguments = list(arguments)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.is_wanted = True
        self.deaths = 0

    def tend(self) -> None:
        """Start it if it is wanted and not there."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self._kill_group()  # Of a web server that died, others may be left.
                self.deaths += self.is_wanted
                self._process = None
            if self._process is None and self.is_wanted:
                self._start()

    def kill(self) -> None:
        """End it at once, with all that it started."""
        with self._lock:
            if self._process is not None:
                self._kill_group()
                self._process.wait()
                self._process = None

    def end_by_itself(self) -> bool:
        """Wait until it has ended, for good; kill it, and return False, where it does not."""
        self.is_wanted = False
        with self._lock:
            process = self._process
        try:
            if process is not None:
                process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def said(self, text: str) -> int:
        """Count how often ``text`` stands in what it printed."""
        return self.log.read_text(errors="replace").count(text) if self.log.exists() else 0

    def _start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  (ourselves)
                [sys.executable, "-m", *self._arguments],
                env={**os.environ, UP_PROCESS: str(os.getpid()), **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _kill_group(self) -> None:
        # It leads its session, so its children are its process group, whose id nobody gets as long as one lives.
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


class Programs:
    """All programs of a run, tended by a thread."""

    def __init__(self) -> None:
        self.all: list[Program] = []
        self._is_over = threading.Event()

    def add(self, program: Program) -> Program:
        """Have one more; it is started at once."""
        program.tend()
        self.all.append(program)
        return program

    @contextmanager
    def tended(self) -> Iterator[None]:
        """Start again whatever dies during the block, and end all after it."""
        thread = threading.Thread(target=self._tend, name="tend", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()
            for program in self.all:
                program.is_wanted = False
                program.kill()

    def _tend(self) -> None:
        while not self._is_over.wait(0.1):
            for program in list(self.all):
                program.tend()
