"""The access log of what is answered before Django: the lines that the middleware writes, at a tenth of the cost."""

import logging
import os
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from multiprocessing import util
from typing import Literal

import msgspec
import structlog

from torg.caching import counting
from torg.config.logs import is_json_on_stderr

_EVERY_SECONDS = 0.05
_KEPT = 100_000


_Told = tuple[str, str, int, float, str, float]
"""Method, path, status, seconds, request id, and when (seconds since 1970)."""


class _Line(msgspec.Struct, gc=False):
    """What structlog makes of it."""

    method: str
    path: str
    status: int
    milliseconds: float
    request_id: str
    timestamp: datetime
    event: Literal["answered"] = "answered"
    logger: Literal["torg.access"] = "torg.access"
    level: Literal["info"] = "info"


class AccessLog:
    """Writes a line for each answer to standard error, twenty times a second all that came meanwhile.

    What standard error does not take is lost, as is what comes faster than it takes any: answers do not wait for it.
    Where logs go elsewhere than Torg sends them, it hands them to the logger ``torg.access``.
    """

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode_lines
        self._logger = logging.getLogger("torg.access")
        self._is_fast = is_json_on_stderr()
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._lines: deque[_Told] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._writer: threading.Thread | None = None

    def __call__(self, method: str, path: str, status: int, seconds: float, request_id: str) -> None:
        """Log an answer, and count it."""
        counting.mine().answered(method, status, seconds)
        if not self._logger.isEnabledFor(logging.INFO):
            return
        if not self._is_fast:
            structlog.get_logger("torg.access").info(
                "answered",
                method=method,
                path=path,
                status=status,
                milliseconds=round(seconds * 1000, 2),
                request_id=request_id,
            )
            return
        self._lines.append((method, path, status, seconds, request_id, time.time()))
        if self._writer is None:
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._writer is None:
                run = partial(self._write, self._is_over)
                self._writer = threading.Thread(target=run, name="access-log", daemon=True)
                self._writer.start()
                # Not atexit: a process that multiprocessing forked ends without it.
                util.Finalize(None, self._finish, exitpriority=0)

    def _write(self, is_over: threading.Event) -> None:
        while not is_over.wait(_EVERY_SECONDS):
            with suppress(Exception):  # Or nothing would be written any more.
                self.flush()

    def _finish(self) -> None:
        self._is_over.set()
        self.flush()

    def flush(self) -> None:
        """Write what has come until now."""
        told: list[_Told] = []
        with suppress(IndexError):  # Another thread may be taking them as well.
            told.extend(self._lines.popleft() for _ in range(len(self._lines)))
        if told:
            with suppress(OSError):
                sys.stderr.buffer.write(self._encode([_line(*one) for one in told]))
                sys.stderr.buffer.flush()


def _line(method: str, path: str, status: int, seconds: float, request_id: str, at: float) -> _Line:  # noqa: PLR0917
    return _Line(method, path, status, round(seconds * 1000, 2), request_id, datetime.fromtimestamp(at, UTC))
