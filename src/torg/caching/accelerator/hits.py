"""What is cached, for all requests that have come at once: one question to Redis, and the answers."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import structlog

from torg.caching import counting
from torg.caching.accelerator.application import unescaped
from torg.caching.accelerator.heads import Line, Way
from torg.caching.accelerator.wire import beginning_of, ending
from torg.caching.answer import LONGEST_REMEMBERED, Answer, answer
from torg.caching.frames import Headers
from torg.caching.freshness import BatchFreshness
from torg.caching.front import Front, counted
from torg.caching.memory import Kept, Sent, memory
from torg.caching.names import Name
from torg.caching.redis import RedisAway
from torg.caching.trust import Untrusted
from torg.lib.request_ids import request_id_of

_MOST_KNOWN = 5_000
_LONGEST_KNOWN = 1_000

log = structlog.get_logger("torg.caching")


class Hit(NamedTuple):
    """A document at hand, how it was asked for, and what goes around it."""

    line: Line
    path: str
    way: Way
    name: Name
    kept: Kept
    frame: Headers


class Hits:
    """Finds documents in the memory of the process. For the thread of the accelerator alone."""

    def __init__(self, front: Front, *, host: str, port: int) -> None:
        self._front = front
        self._names = front.names
        with suppress(Exception):  # Django tells what is wrong with it.
            self._names.routes()  # Now: nobody else is answered while it is loaded.
        self._known: dict[bytes, tuple[Line, str, Name]] = {}
        self._are_fresh = BatchFreshness(lag=front.lag)
        self._ours = {"wsgi.url_scheme": "http", "SERVER_NAME": host, "SERVER_PORT": str(port)}

    def find_known(self, text: bytes, way: Way) -> Hit | None:
        """Return what ``find`` does for a request line that has led to a document before."""
        known = self._known.get(text)
        if known is None or not way.is_plain:
            return None
        line, path, name = known
        kept = memory.get(name.key)
        frame = way.frames.get(name.kind.name)
        return None if kept is None or frame is None else Hit(line, path, way, name, kept, frame)

    def find(self, text: bytes, line: Line, way: Way) -> Hit | None:
        """Return the document that a plain request asks for, if it is at hand; it may still be stale."""
        path, _, query = line.target.partition("?")
        path = unescaped(path)
        name = self._name(path, query)
        kept = None if name is None else memory.get(name.key)
        if name is None or kept is None:
            return None
        try:
            frame = self._front.frames.known(name.kind.name, {**way.environ, **self._ours})
        except KeyError:
            return None  # The middlewares have to be asked, which may take long.
        if frame is None:
            return None
        way.frames[name.kind.name] = frame
        if name.is_plain and len(text) <= _LONGEST_KNOWN:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = line, path, name
        return Hit(line, path, way, name, kept, frame)

    def is_of_a_document(self, target: str) -> bool:
        """Say whether there may be a document at ``target``."""
        try:
            return self._names.is_of_a_document(unescaped(target.partition("?")[0]))
        except Exception:  # So that Django is asked.
            return False

    def fresh(self, hits: Sequence[Hit]) -> list[bool]:
        """Say which of ``hits`` may be sent."""
        try:
            return self._are_fresh([hit.kept for hit in hits])
        except (RedisAway, Untrusted):
            pass  # Who reads them now comes upon the same, and what comes of it is told there.
        except Exception as error:
            log.error("freshness_failed", exc_info=error)
        return [False] * len(hits)

    def answer(self, hit: Hit, started: float, *, is_last: bool) -> bytes:
        """Return the answer with a fresh document, count it and log it."""
        line, path, way, name, kept, _ = hit
        counting.mine().count(name.kind.name, "memory", name.key)
        beginning = self._not_modified(hit) if way.if_none_match else None
        status, body = (200, b"") if beginning is None else (304, b"")
        if beginning is None:
            beginning, body = _sent(hit)
        request_id = request_id_of(way.request_id)
        now = time.time()
        fields = f"Age: {max(0, int(now - kept.built_at))}\r\nX-Request-ID: {request_id}\r\n"
        head = beginning + ending(fields, now=now, is_last=is_last)
        self._front.log(line.method, path, status, time.perf_counter() - started, request_id)
        return head if line.method == "HEAD" else head + body

    def _not_modified(self, hit: Hit) -> bytes | None:
        """Return the beginning of a 304, None where the caller has something else."""
        made = counted(_answer(hit, if_none_match=hit.way.if_none_match))
        return _beginning(made) if made.status == 304 else None

    def _name(self, path: str, query: str) -> Name | None:
        try:
            return self._names.read(path, query)
        except Exception:  # Whatever is wrong with it, the view says so.
            return None


def _sent(hit: Hit) -> tuple[bytes, bytes]:
    """Return how the answer begins, and its body: for the last way to ask for the document, as it was made then."""
    kept, frame, accepted = hit.kept, hit.frame, hit.way.accept_encoding
    sent = kept.sent
    if sent is None or sent.frame is not frame or sent.accepted != accepted:
        made = _answer(hit)
        sent = Sent(frame, accepted, _beginning(made), made.body)
        if len(accepted) <= LONGEST_REMEMBERED:
            kept.sent = sent
    return sent.beginning, sent.body


def _answer(hit: Hit, *, if_none_match: str = "") -> Answer:
    return answer(
        hit.kept.document,
        if_none_match=if_none_match,
        accept_encoding=hit.way.accept_encoding,
        cache="hit",
        frame=hit.frame,
    )


def _beginning(made: Answer) -> bytes:
    """All but what differs from one answer to the next."""
    return beginning_of(made.status, [item for item in made.headers if item[0] != "Age"])
