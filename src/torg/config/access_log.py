"""The access log of what is answered before Django: the lines that the middleware writes, at a tenth of the cost."""

import atexit
import logging
import os
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Literal

import msgspec
import structlog

from torg.caching import counting
from torg.config.logs import is_json_on_stderr

_EVERY_SECONDS = 0.05


class _Line(msgspec.Struct):
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

    Where logs go elsewhere than Torg sends them, it hands them to the logger ``torg.access``.
    """

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._encode = msgspec.json.Encoder().encode
        self._logger = logging.getLogger("torg.access")
        self._is_fast = is_json_on_stderr()
        self._writer: threading.Thread | None = None
        os.register_at_fork(after_in_child=self._begin_anew)

    def __call__(self, method: str, path: str, status: int, seconds: float, request_id: str) -> None:
        """Log an answer, and count it."""
        counting.mine().answered(method, status, seconds)
        if not self._logger.isEnabledFor(logging.INFO):
            return
        milliseconds = round(seconds * 1000, 2)
        if not self._is_fast:
            structlog.get_logger("torg.access").info(
                "answered",
                method=method,
                path=path,
                status=status,
                milliseconds=milliseconds,
                request_id=request_id,
            )
            return
        self._lines.append(
            self._encode(_Line(method, path, status, milliseconds, request_id, datetime.now(UTC)))
        )
        if self._writer is None:
            self._begin()

    def _begin(self) -> None:
        self._writer = threading.Thread(target=self._write, name="access-log", daemon=True)
        self._writer.start()
        atexit.register(self.flush)

    def _begin_anew(self) -> None:
        self._writer = None
        self._lines.clear()

    def _write(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(_EVERY_SECONDS)
            self.flush()

    def flush(self) -> None:
        """Write what has come until now."""
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if lines:
            sys.stderr.buffer.write(b"\n".join([*lines, b""]))
            sys.stderr.buffer.flush()
