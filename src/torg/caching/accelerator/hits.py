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
from torg.caching.answer import LONGEST_REMEMBERED, answer
from torg.caching.frames import Headers
from torg.caching.freshness import BatchFreshness
from torg.caching.front import Front, counted
from torg.caching.keys import is_known
from torg.caching.memory import Kept, Sent, memory
from torg.caching.names import Name
from torg.caching.redis import RedisAway, connector, using
from torg.caching.trust import Untrusted
from torg.lib.request_ids import request_id_of

_MOST_KNOWN = 20_000
_LONGEST_KNOWN = 200
_MOST_COMMON = 1_000
# What differs from one document to the next, or from one answer to the next.
_OWN = {"ETag", "Cache-Tag", "Content-Length", "Age"}
# In a turn. What is asked for beyond that is read by other threads.
_MOST_FETCHED = 16

log = structlog.get_logger("torg.caching")


class Target(NamedTuple):
    """What a request line asks for: the document ``key``, of that kind."""

    method: str
    path: str
    kind: str
    key: str


class Hit:
    """A document, how it was asked for, and what goes around it.

    ``text`` is the request line; ``kept`` is None while only Redis may have the document.
    """

    __slots__ = ("frame", "kept", "target", "text", "tier", "way")

    def __init__(self, text: bytes, target: Target, way: Way, frame: Headers, kept: Kept | None) -> None:
        self.text = text
        self.target = target
        self.way = way
        self.frame = frame
        self.kept = kept
        self.tier: Literal["memory", "redis"] = "memory"


class Hits:
    """Finds documents in the memory of the process, and in Redis. For the thread of the accelerator alone."""

    def __init__(self, front: Front, *, host: str, port: int) -> None:
        self._front = front
        self._names = front.names
        with suppress(Exception):  # Django tells what is wrong with it.
            self._names.routes()  # Now: nobody else is answered while it is loaded.
        connector.make()  # For our thread, which does not wait for one.
        self._known: dict[bytes, Target] = {}
        self._commons: dict[bytes, bytes] = {}
        self._are_fresh = BatchFreshness(lag=front.lag)
        self._ours = {"wsgi.url_scheme": "http", "SERVER_NAME": host, "SERVER_PORT": str(port)}

    def find_known(self, text: bytes, way: Way) -> Hit | None:
        """Return what ``find`` does for a request line that has led to a document before."""
        target = self._known.get(text)
        if target is None or not way.is_plain:
            return None
        frame = way.frames.get(target.kind)
        return None if frame is None else Hit(text, target, way, frame, memory.get(target.key))

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
        kept, target = memory.get(name.key), Target(line.method, path, name.kind.name, name.key)
        if kept is not None and name.is_plain and len(text) <= _LONGEST_KNOWN and b"%" not in text:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = target
        return Hit(text, target, way, frame, kept)

    def is_of_a_document(self, target: str) -> bool:
        """Say whether there may be a document at ``target``."""
        try:
            return self._names.is_of_a_document(unescaped(target.partition("?")[0]))
        except Exception:  # So that Django is asked.
            return False

    def fresh(self, hits: Sequence[Hit]) -> Sequence[Kept | None]:
        """Return the documents of ``hits`` that may be sent; None in place of the others."""
        try:
            return self._fresh(hits)
        except (RedisAway, Untrusted):
            pass  # Who reads them now comes upon the same, and what comes of it is told there.
        except Exception as error:
            log.error("freshness_failed", exc_info=error)
        return [None] * len(hits)

    def _fresh(self, hits: Sequence[Hit]) -> list[Kept | None]:
        missing = [hit for hit in hits if hit.kept is None]
        if missing and settings.TORG_CACHE and is_known():
            _fetch(missing)
        are_fresh = iter(self._are_fresh([hit.kept for hit in hits if hit.kept is not None]))
        found = [hit.kept if hit.kept is not None and next(are_fresh) else None for hit in hits]
        fetched = {
            hit.target.key: kept
            for hit, kept in zip(hits, found, strict=True)
            if kept is not None and hit.tier == "redis"
        }
        for key, kept in fetched.items():
            memory.put(key, kept)
        return found

    def answer(self, hit: Hit, kept: Kept, started: float, *, is_last: bool) -> tuple[bytes, bytes]:
        """Return the head and the body of the answer with ``kept``, which is fresh; count it and log it."""
        method, path, kind, key = hit.target
        counting.mine().count(kind, hit.tier, key)
        sent = kept.sent
        if (
            sent is None
            or sent.frame is not hit.frame
            or sent.accepted != hit.way.accept_encoding
            or hit.way.if_none_match
        ):
            sent = self._sent(hit, kept)
        request_id = request_id_of(hit.way.request_id)
        now = time.time()
        own = (
            f"ETag: {sent.etag}\r\nCache-Tag: {','.join(kept.document.tags)}\r\n"
            f"Age: {max(0, int(now - kept.built_at))}\r\nX-Request-ID: {request_id}\r\n"
        )
        if sent.status == 200:
            own += f"Content-Length: {len(sent.body)}\r\n"
        head = sent.common + ending(own, now=now, is_last=is_last)
        self._front.log(method, path, sent.status, time.perf_counter() - started, request_id)
        return head, b"" if method == "HEAD" else sent.body

    def _sent(self, hit: Hit, kept: Kept) -> Sent:
        """Make the answer, but for what differs from one to the next, and keep it for who asks in the same way."""
        accepted, if_none_match = hit.way.accept_encoding, hit.way.if_none_match
        made = answer(
            kept.document,
            if_none_match=if_none_match,
            accept_encoding=accepted,
            cache="hit",
            frame=(),
        )
        etag = dict(made.headers)["ETag"]
        shared = [item for item in made.headers if item[0] not in _OWN]
        common = beginning_of(made.status, [*shared, *hit.frame])
        sent = Sent(hit.frame, accepted, made.status, etag, self._shared(common), made.body)
        if if_none_match:
            counted(made)
        elif len(accepted) <= LONGEST_REMEMBERED:
            kept.sent = sent
        return sent

    def _shared(self, common: bytes) -> bytes:
        """Return the one copy of what many answers have in common."""
        if len(self._commons) >= _MOST_COMMON:
            self._commons.clear()
        return self._commons.setdefault(common, common)

    def _name(self, path: str, query: str) -> Name | None:
        try:
            return self._names.read(path, query)
        except Exception:  # Whatever is wrong with it, the view says so.
            return None


def _fetch(missing: Sequence[Hit]) -> None:
    """Give them what Redis has of their documents, of some at a time, so that nobody waits for long."""
    keys = list({hit.target.key: None for hit in missing})[:_MOST_FETCHED]
    found = using(lambda redis: store.get_many(redis, keys), may_connect=False)
    kept = dict(zip(keys, found, strict=True))
    for hit in missing:
        hit.kept = kept.get(hit.target.key)
        if hit.kept is not None:
            hit.tier = "redis"
