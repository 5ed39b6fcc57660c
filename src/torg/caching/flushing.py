"""The thread of each process that adds what was counted to Redis, once a second."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing import util
from typing import TYPE_CHECKING

import structlog
from django.db import DatabaseError, connections
from psycopg_pool import PoolTimeout

from torg.caching import memory, tallies
from torg.caching.keys import is_known
from torg.caching.redis import RedisAway

if TYPE_CHECKING:
    from torg.caching.counting import Counts

log = structlog.get_logger("torg.caching")

EVERY_SECONDS = 1.0


class Flusher:
    """Adds to Redis what ``total`` and ``samples`` give more than the last time.

    Whatever Redis did not take is kept and tried again: one batch under its number, so that one that was taken but not
    answered is not added twice; what is counted meanwhile waits in the sums themselves, and takes no more room.
    """

    def __init__(self, total: Callable[[], "Counts"], samples: Callable[[], list[str]]) -> None:
        self._total = total
        self._samples = samples
        self._lock = threading.Lock()
        self._batched: Counter[str] = Counter()
        self._batch: tallies.Batch | None = None

    def flush(self) -> None:
        """Add what is new. Raises ``RedisAway``, or Django's ``DatabaseError`` where nobody knows the keys' names."""
        with self._lock:
            if self._batch is None:
                self._batch = self._new_batch()
            if self._batch is not None:
                tallies.add(self._batch)
                self._batch = None

    def run(self, is_over: threading.Event) -> None:
        """Flush once a second until it is over; it outlives everything."""
        is_failing = False
        while not is_over.wait(EVERY_SECONDS):
            try:
                self.flush()
                tallies.note_presence(*memory.size())
                is_failing = False
            except Exception as error:
                if not is_failing:
                    is_expected = isinstance(error, (RedisAway, DatabaseError, PoolTimeout))
                    log.warning("counts_wait", error=str(error), exc_info=None if is_expected else error)
                is_failing = True
            finally:
                connections.close_all()

    def _new_batch(self) -> tallies.Batch | None:
        figures = tallies.figures_of(self._total())
        more = figures - self._batched  # Without those that did not grow.
        samples = Counter(self._samples())
        self._batched = figures
        return tallies.Batch(more, samples) if more or samples else None


class _Thread:
    """The one flusher of this process, with its thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.flusher: Flusher | None = None
        self.is_over = threading.Event()


_of_process = _Thread()


def start(total: Callable[[], "Counts"], samples: Callable[[], list[str]]) -> None:
    """Flush once a second from now on, and when the process ends; do nothing where that is so already."""
    process = _of_process
    with process.lock:
        if process.flusher is None:
            process.flusher = flusher = Flusher(total, samples)
            run = partial(flusher.run, process.is_over)
            threading.Thread(target=run, name="flush-counts", daemon=True).start()
            # Not atexit: a process that multiprocessing forked ends without it.
            util.Finalize(None, _finish, exitpriority=0)


def _finish() -> None:
    """Add the last second's figures, if that can be done at once."""
    process = _of_process
    process.is_over.set()
    if process.flusher is not None and is_known():
        try:
            process.flusher.flush()
        except (RedisAway, DatabaseError, PoolTimeout):
            pass  # They are figures; nobody should have to wait for them.
        finally:
            connections.close_all()


def _begin_anew() -> None:
    global _of_process  # noqa: PLW0603
    _of_process = _Thread()


os.register_at_fork(after_in_child=_begin_anew)
