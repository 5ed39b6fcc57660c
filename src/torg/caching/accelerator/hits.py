"""What is cached, for all requests that have come at once: one question to Redis, and the answers."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

import structlog
from django.conf import settings

from torg.caching import counting, store
from torg.caching.accelerator.application import unescaped
from torg.caching.accelerator.heads import Line, Way
from torg.caching.accelerator.wire import beginning_of, ending
from torg.caching.answer import LONGEST_REMEMBERED, Answer, answer
from torg.caching.frames import Headers
from torg.caching.freshness import BatchFreshness
from torg.caching.front import Front, counted
from torg.caching.keys import is_known
from torg.caching.memory import Kept, Sent, memory
from torg.caching.names import Name
from torg.caching.redis import RedisAway, using
from torg.caching.trust import Untrusted
from torg.lib.request_ids import request_id_of

_MOST_KNOWN = 5_000
_LONGEST_KNOWN = 1_000
# In a turn. What is asked for beyond that is read by other threads.
_MOST_FETCHED = 16

log = structlog.get_logger("torg.caching")


class Hit(NamedTuple):
    """A document, how it was asked for, and what goes around it; ``kept`` is None where only Redis may have it."""

    line: Line
    path: str
    way: Way
    name: Name
    kept: Kept | None
    frame: Headers
    tier: Literal["memory", "redis"] = "memory"


class Hits:
    """Finds documents in the memory of the process, and in Redis. For the thread of the accelerator alone."""

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
        frame = way.frames.get(name.kind.name)
        return None if frame is None else Hit(line, path, way, name, memory.get(name.key), frame)

    def find(self, text: bytes, line: Line, way: Way) -> Hit | None:
        """Return the document that a plain request asks for; it may be stale, or not be there."""
        path, _, query = line.target.partition("?")
        path = unescaped(path)
        name = self._name(path, query)
        if name is None:
            return None
        try:
            frame = self._front.frames.known(name.kind.name, {**way.environ, **self._ours})
        except KeyError:
            return None  # The middlewares have to be asked, which may take long.
        if frame is None:
            return None
        way.frames[name.kind.name] = frame
        kept = memory.get(name.key)
        if kept is not None and name.is_plain and len(text) <= _LONGEST_KNOWN:
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

    def fresh(self, hits: Sequence[Hit]) -> Sequence[Hit | None]:
        """Return those of ``hits`` that may be sent, with their documents; None in place of the others."""
        try:
            return self._fresh(hits)
        except (RedisAway, Untrusted):
            pass  # Who reads them now comes upon the same, and what comes of it is told there.
        except Exception as error:
            log.error("freshness_failed", exc_info=error)
        return [None] * len(hits)

    def _fresh(self, hits: Sequence[Hit]) -> list[Hit | None]:
        missing = {hit.name.key for hit in hits if hit.kept is None}
        if missing:
            fetched = self._fetched(list(missing))
            hits = [
                hit if hit.kept else hit._replace(kept=fetched.get(hit.name.key), tier="redis")
                for hit in hits
            ]
        are_fresh = iter(self._are_fresh([hit.kept for hit in hits if hit.kept]))
        found = [hit if hit.kept and next(are_fresh) else None for hit in hits]
        for hit in found if missing else ():
            if hit is not None and hit.kept is not None and hit.tier == "redis":
                memory.put(hit.name.key, hit.kept)
        return found

    def _fetched(self, names: list[str]) -> dict[str, Kept | None]:
        """Return what Redis has of them, some at a time, so that nobody waits for long."""
        if not (settings.TORG_CACHE and is_known()):
            return {}
        names = names[:_MOST_FETCHED]
        found = using(lambda redis: store.get_many(redis, names), is_first=False)
        return dict(zip(names, found, strict=True))

    def answer(self, hit: Hit, kept: Kept, started: float, *, is_last: bool) -> bytes:
        """Return the answer with ``kept``, which is fresh; count it and log it."""
        line, path, way, name, _, _, tier = hit
        counting.mine().count(name.kind.name, tier, name.key)
        beginning = self._not_modified(hit, kept) if way.if_none_match else None
        status, body = (200, b"") if beginning is None else (304, b"")
        if beginning is None:
            beginning, body = _sent(hit, kept)
        request_id = request_id_of(way.request_id)
        now = time.time()
        fields = f"Age: {max(0, int(now - kept.built_at))}\r\nX-Request-ID: {request_id}\r\n"
        head = beginning + ending(fields, now=now, is_last=is_last)
        self._front.log(line.method, path, status, time.perf_counter() - started, request_id)
        return head if line.method == "HEAD" else head + body

    def _not_modified(self, hit: Hit, kept: Kept) -> bytes | None:
        """Return the beginning of a 304, None where the caller has something else."""
        made = counted(_answer(hit, kept, if_none_match=hit.way.if_none_match))
        return _beginning(made) if made.status == 304 else None

    def _name(self, path: str, query: str) -> Name | None:
        try:
            return self._names.read(path, query)
        except Exception:  # Whatever is wrong with it, the view says so.
            return None


def _sent(hit: Hit, kept: Kept) -> tuple[bytes, bytes]:
    """Return how the answer begins, and its body: for the last way to ask for the document, as it was made then."""
    frame, accepted = hit.frame, hit.way.accept_encoding
    sent = kept.sent
    if sent is None or sent.frame is not frame or sent.accepted != accepted:
        made = _answer(hit, kept)
        sent = Sent(frame, accepted, _beginning(made), made.body)
        if len(accepted) <= LONGEST_REMEMBERED:
            kept.sent = sent
    return sent.beginning, sent.body


def _answer(hit: Hit, kept: Kept, *, if_none_match: str = "") -> Answer:
    return answer(
        kept.document,
        if_none_match=if_none_match,
        accept_encoding=hit.way.accept_encoding,
        cache="hit",
        frame=hit.frame,
    )


def _beginning(made: Answer) -> bytes:
    """All but what differs from one answer to the next."""
    return beginning_of(made.status, [item for item in made.headers if item[0] != "Age"])
