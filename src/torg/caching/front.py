"""A WSGI application in front of Django, which answers GET and HEAD of documents before Django's stack is entered.

Whatever it cannot answer, it hands on: what is no document, is asked for wrongly, is not there, comes under a host
that is not ours, or ought to be redirected. What Django's middlewares add to a document is asked of them once for each
way to come (host, scheme, origin), and kept (``torg.caching.frames``).
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from structlog.contextvars import bind_contextvars, clear_contextvars

from torg.caching import counting
from torg.caching.answer import Answer, answer
from torg.caching.document import Document
from torg.caching.frames import Frames, Headers
from torg.caching.freshness import is_fresh
from torg.caching.memory import Kept, memory
from torg.caching.names import Name, Names
from torg.caching.reading import read
from torg.lib.request_ids import request_id_of

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
Log = Callable[[str, str, int, float, str], None]
"""Takes method, path, status, seconds and request id."""

log = structlog.get_logger("torg.caching")

OUTCOME = "torg.outcome"
"""In the environment of a request that is handed on: the error that came of reading its document, None for none."""

_STATUS_LINES = {200: "200 OK", 304: "304 Not Modified"}
_NOTHING = ("", "0")


class Front:
    """Answers what is a document, and leaves the rest to ``application``; ``log`` is told of what was answered here."""

    def __init__(self, application: Application, log: Log) -> None:
        self._application = application
        self.log = log
        self.frames = Frames()
        self.names = Names()
        self.lag: float = settings.TORG_FRESHNESS_MAX_LAG_MS / 1000

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        started = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        if method in {"GET", "HEAD"} and environ.get("CONTENT_LENGTH", "") in _NOTHING:
            answered = self._tried(environ)
            if answered is not None:
                status, headers, body = answered
                request_id = request_id_of(environ.get("HTTP_X_REQUEST_ID"))
                headers.append(("X-Request-ID", request_id))
                start_response(_STATUS_LINES[status], headers)
                self.log(method, environ["PATH_INFO"], status, time.perf_counter() - started, request_id)
                return [body] if method == "GET" else []  # Granian is faster with a list.
        try:
            return self._application(environ, start_response)
        finally:
            # Here, not in the middleware: Django logs once more behind it what failed.
            clear_contextvars()

    def _tried(self, environ: Environ) -> Answer | None:
        try:
            return self._answered(environ)
        except Exception as error:  # Django can do without us.
            log.error("front_failed", exc_info=error)
            return None

    def _answered(self, environ: Environ) -> Answer | None:
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        target = f"{path}?{query}" if query else ""
        name = self.names.known(target) or self._name(environ, path, query)
        if name is None:
            return None
        frame = self.frames.around(name.kind.name, environ)
        if frame is None:
            return None
        kept = memory.get(name.key)
        if kept is not None and self._is_fresh(kept):
            counting.mine().count(name.kind.name, "memory", name.key)
            age = max(0, int(time.time() - kept.built_at))
            return _framed(kept.document, environ, "hit", age, frame)
        return self._found(environ, target, name, frame)

    def _name(self, environ: Environ, path: str, query: str) -> Name | None:
        if environ.get("SCRIPT_NAME"):
            return None
        try:
            return self.names.read(path, query)
        except Exception as error:  # Whatever is wrong with it, the view says so.
            environ[OUTCOME] = error
            return None

    def _is_fresh(self, kept: Kept) -> bool:
        """Say whether it may be sent: nothing speaks against it now, or did a tolerated moment ago."""
        try:
            return is_fresh(kept, lag=self.lag)
        except Exception:  # ``read`` comes upon the same, and what comes of it is told there.
            return False

    def _found(self, environ: Environ, target: str, name: Name, frame: Headers) -> Answer | None:
        # Whoever answers it in the end finds the same id there.
        environ["HTTP_X_REQUEST_ID"] = request_id = request_id_of(environ.get("HTTP_X_REQUEST_ID"))
        bind_contextvars(request_id=request_id)
        try:
            found = read(name.kind, name.asked)
        except Exception as error:
            environ[OUTCOME] = error
            return None
        finally:
            clear_contextvars()
            # A thread of the server may end without a word, and would take the pool's connection with it.
            if connection.connection is not None:
                connection.close()
        if found is None:
            environ[OUTCOME] = None
            return None
        if found.cache != "bypass":
            self.names.remember(target, name)
        return _framed(found.document, environ, found.cache, found.age, frame)


def counted(made: Answer) -> Answer:
    """Count ``made`` if it is a 304, and return it."""
    if made.status == 304:
        counting.mine().not_modified += 1
    return made


def _framed(document: Document, environ: Environ, cache: str, age: int, frame: Headers) -> Answer:
    return counted(
        answer(
            document,
            if_none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
            accept_encoding=environ.get("HTTP_ACCEPT_ENCODING", ""),
            cache=cache,
            age=age,
            frame=frame,
        )
    )
