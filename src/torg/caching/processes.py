"""The processes of one web server: whichever is asked for figures has to tell those of all.

Each has a socket in a directory they share, and tells what it has counted to whoever connects. It also keeps that in a
file there, so that what a process counted is not lost when it ends: a sum never shrinks.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from multiprocessing import util
from pathlib import Path

import msgspec
import structlog

from torg.caching import counting, memory

log = structlog.get_logger("torg.caching")

DIRECTORY = "TORG_METRICS_DIR"
"""The environment variable that names the directory; ``torg web`` makes one for each of its runs."""

ANSWER_SECONDS = 0.5
ALL_ANSWERS_SECONDS = 2.0
_KEEP_EVERY_SECONDS = 1.0
_LONGEST_ANSWER = 4_000_000


class Process(msgspec.Struct, kw_only=True):
    """What one process has counted since it began, and how it stands; dictionaries by names with spaces between."""

    pid: int
    started_at: float
    reads: dict[str, int]
    builds: dict[str, int]
    build_seconds: dict[str, float]
    marks_raised: int
    marks_failed: int
    passes: int
    not_modified: int
    answers: dict[str, int]
    answer_seconds: float
    durations: list[int]
    cpu_seconds: float
    resident_bytes: int
    threads: int
    documents: int
    document_bytes: int
    is_alive: bool = True


_started_at = time.time()
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Process).decode


def this_process() -> Process:
    """Return what this process has counted."""
    counts = counting.total()
    documents, document_bytes = memory.size()
    times = os.times()
    return Process(
        pid=os.getpid(),
        started_at=_started_at,
        reads=_named(counts.outcomes),
        builds=counts.builds,
        build_seconds=counts.build_seconds,
        marks_raised=counts.marks_raised,
        marks_failed=counts.marks_failed,
        passes=counts.passes,
        not_modified=counts.not_modified,
        answers=_named(counts.answers),
        answer_seconds=counts.answer_seconds,
        durations=counts.durations,
        cpu_seconds=times.user + times.system,
        resident_bytes=_resident_bytes(),
        threads=threading.active_count(),
        documents=documents,
        document_bytes=document_bytes,
    )


def all_processes() -> list[Process]:
    """Return what each process of this server has counted, also those that have ended; this one alone if it is alone.

    One that does not answer at once tells what it told last.
    """
    own = _member
    if own is None:
        return [this_process()]
    deadline = time.monotonic() + ALL_ANSWERS_SECONDS
    # Kept before it is told: the sum must not shrink when this process ends.
    told = [own.told()]
    for kept in sorted(own.directory.glob("*.counts")):
        if kept != own.kept:
            process = _asked(kept.with_suffix(".socket"), deadline) or _last_told(kept)
            if process is not None:
                told.append(process)
    return told


def join() -> None:
    """Make this process one of those whose figures are told together, if ``TORG_METRICS_DIR`` names where."""
    global _member  # noqa: PLW0603
    named = os.environ.get(DIRECTORY)
    if named and _member is None:
        try:
            _member = _Member(Path(named))
        except OSError as error:
            log.warning("figures_are_of_one_process", directory=named, error=str(error))


class _Member:
    """What stands for this process in the directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        name = f"{os.getpid()}-{time.time_ns():x}"
        self.kept = directory / f"{name}.counts"
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(directory / f"{name}.socket"))
        self.listening.listen(16)
        self.listening.settimeout(_KEEP_EVERY_SECONDS)
        self._keeping = threading.Lock()
        self.told()
        threading.Thread(target=self.run, name="tell-figures", daemon=True).start()
        util.Finalize(None, self.end, exitpriority=0)

    def run(self) -> None:
        while True:
            try:
                asking, _ = self.listening.accept()
            except TimeoutError:
                asking = None
            except OSError:
                return  # Closed, at the end.
            with suppress(OSError):  # Of one who has gone away, or a full disk.
                figures = _encode(self.told())
                if asking is not None:
                    with asking:
                        asking.settimeout(ANSWER_SECONDS)
                        asking.sendall(figures)

    def told(self) -> Process:
        """Return what this process has counted, once that is kept."""
        draft = self.kept.with_suffix(".draft")
        with self._keeping:
            process = this_process()
            with suppress(OSError):  # Of a full disk.
                draft.write_bytes(_encode(process))
                draft.replace(self.kept)
        return process

    def end(self) -> None:
        self.listening.close()
        with suppress(OSError):
            self.kept.with_suffix(".socket").unlink()
        self.told()


_member: _Member | None = None


def _asked(path: Path, deadline: float) -> Process | None:
    seconds = min(ANSWER_SECONDS, deadline - time.monotonic())
    if seconds <= 0:
        return None
    received = b""
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(seconds)
            asking.connect(str(path))
            while len(received) < _LONGEST_ANSWER and (more := asking.recv(65_536)):
                received += more
        return _decode(received)
    except (OSError, msgspec.MsgspecError):
        return None


def _last_told(path: Path) -> Process | None:
    try:
        process = _decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    process.is_alive = False
    return process


def _named(counted: dict[tuple[str, str], int]) -> dict[str, int]:
    return {" ".join(pair): number for pair, number in counted.items()}


def _resident_bytes() -> int:
    """Return how much memory the process takes; 0 where the system does not say so under ``/proc``."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _begin_anew() -> None:
    """A child tells its own figures, in a place of its own."""
    global _member, _started_at  # noqa: PLW0603
    parent, _member = _member, None
    _started_at = time.time()
    if parent is not None:
        parent.listening.close()
        join()


os.register_at_fork(after_in_child=_begin_anew)
