"""Reading documents: from this process, else from Redis, else built; never older than the last acknowledged write."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import structlog
from django.conf import settings

from torg.caching import counting, faults, store
from torg.caching.building import AWAY, build, build_many
from torg.caching.document import Document
from torg.caching.flights import Flights
from torg.caching.freshness import is_fresh, is_proved
from torg.caching.kinds import Asked, DocumentKind
from torg.caching.marks import Proof
from torg.caching.memory import Kept, memory
from torg.caching.redis import Connection, RedisAway, using
from torg.caching.transactions import is_in_transaction
from torg.caching.trust import Untrusted, trusted_epoch

log = structlog.get_logger("torg.caching")

# For how long one waits for what another process builds, before building it oneself.
WAIT_SECONDS = 0.5
_LOOK_SECONDS = 0.004
_REMEMBERED = 8_192


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was asked for.

    ``cache`` is ``hit`` where it was there, ``miss`` where it was built and kept, ``bypass`` where it was only
    built; ``tier`` says where it came from; ``age`` is how many seconds ago it was built.
    """

    document: Document
    cache: Literal["hit", "miss", "bypass"]
    tier: Literal["memory", "redis", "built"]
    age: int = 0


@dataclass(slots=True)
class Warmed:
    """What came of a batch: ``done`` are fresh in Redis now; of each that failed, its key and why."""

    done: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


_flights: Flights[Found | None] = Flights()


def read(kind: DocumentKind, asked: Asked) -> Found | None:
    """Return the document, None where there is none. Raises what ``kind.build`` raises.

    In a transaction it is built from what that transaction sees, and not kept.
    """
    key = kind.key(asked)
    if not settings.TORG_CACHE or is_in_transaction():
        return _counted(kind, key, _bypass(kind, asked))
    kept = memory.get(key)
    try:
        if kept is not None and is_fresh(kept):
            return _counted(kind, key, hit(kept, "memory"))
    except (RedisAway, Untrusted):
        pass  # What is shared below finds the same, once for all.
    return _counted(kind, key, _flights.share(key, lambda: _look_up_or_build(kind, asked, key)))


def warm(kind: DocumentKind, batch: Sequence[Asked]) -> Warmed:
    """Store what is not fresh of ``batch``, for all processes. Raises ``RedisAway`` and ``Untrusted``."""
    if is_in_transaction():
        raise Untrusted("a transaction is open, and others do not see what it has written")
    warmed = Warmed()
    names = [kind.key(asked) for asked in batch]
    epoch, are_fresh = using(lambda redis: _stored_fresh(redis, names))
    stale = [(name, asked) for name, asked, fresh in zip(names, batch, are_fresh, strict=True) if not fresh]
    warmed.done = len(batch) - len(stale)
    built = _built_for_warming(kind, stale, warmed)
    kept = [
        (name, _kept(kind, document, epoch, horizon))
        for name, document, horizon in built
        if document is not None and document.is_kept
    ]
    using(lambda redis: store.put_many(redis, kept))
    warmed.done += len(built)
    return warmed


def hit(kept: Kept, tier: Literal["memory", "redis"]) -> Found:
    """Make the answer of a document that was there."""
    return Found(kept.document, "hit", tier, max(0, int(time.time() - kept.built_at)))


def _look_up_or_build(kind: DocumentKind, asked: Asked, key: str) -> Found | None:
    """Look again, for another may have built it meanwhile; then build it, unless another process does."""
    try:
        _, found = using(lambda redis: _look_up(redis, key))
        if found is not None:
            return found
        if not _is_worth_keeping(kind, asked, key):
            return _bypass(kind, asked)
        is_ours = using(lambda redis: store.take_lease(redis, key))
    except (RedisAway, Untrusted):
        return _bypass(kind, asked)
    try:
        return _build_unless_stored(kind, asked, key, is_ours=is_ours)
    finally:
        if is_ours:
            _give_back(key)


def _build_unless_stored(kind: DocumentKind, asked: Asked, key: str, *, is_ours: bool) -> Found | None:
    """Take what whoever had the lease before us has stored, else build."""
    try:
        if not is_ours:
            _wait_for_another(key)
        epoch, found = using(lambda redis: _look_up(redis, key))
    except (RedisAway, Untrusted):
        return _bypass(kind, asked)
    if found is not None:
        return found
    faults.at("leased")
    # The epoch was read before the horizon is: what is lost from Redis meanwhile takes the epoch with it.
    document, horizon = build(kind, asked)
    return _stored(kind, key, document, epoch, horizon)


def _look_up(redis: Connection, key: str) -> tuple[int, Found | None]:
    """Return the epoch, and the document if there is a fresh one in this process or in Redis."""
    epoch = trusted_epoch(redis)
    kept = memory.get(key)
    if kept is not None and is_proved(redis, kept):
        return epoch, hit(kept, "memory")
    kept = store.get(redis, key)
    if kept is None or not is_proved(redis, kept):
        return epoch, None
    memory.put(key, kept)
    return epoch, hit(kept, "redis")


def _wait_for_another(key: str) -> None:
    """Wait until another process has built it, but not for long: it may have died."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and using(lambda redis: store.is_leased(redis, key)):
        time.sleep(_LOOK_SECONDS)


def _stored(
    kind: DocumentKind, key: str, document: Document | None, epoch: int, horizon: int
) -> Found | None:
    if document is None:
        return None
    if not (document.is_kept and horizon):
        return Found(document, "bypass", "built")
    kept = _kept(kind, document, epoch, horizon)
    memory.put(key, kept)
    try:
        using(lambda redis: store.put_many(redis, [(key, kept)]))
    except RedisAway:
        return Found(kept.document, "bypass", "built")
    return Found(kept.document, "miss", "built")


def _kept(kind: DocumentKind, document: Document, epoch: int, horizon: int) -> Kept:
    now = time.time()
    proof = Proof(epoch, horizon, document.tags)
    return Kept(document.compressed(), proof, built_at=now, expires_at=now + kind.lifetime)


def _give_back(key: str) -> None:
    try:
        using(lambda redis: store.give_lease_back(redis, key))
    except RedisAway:
        log.info("lease_left_to_expire", document=key)


def _bypass(kind: DocumentKind, asked: Asked) -> Found | None:
    document, _ = build(kind, asked)
    return None if document is None else Found(document, "bypass", "built")


class _AskedBefore:
    """Remembers what was asked for lately, some thousands of names: what nobody asks for twice is not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: set[int] = set()
        self._earlier: set[int] = set()

    def __call__(self, key: str) -> bool:
        name = hash(key)
        with self._lock:
            is_known = name in self._recent or name in self._earlier
            self._recent.add(name)
            if len(self._recent) >= _REMEMBERED:
                self._recent, self._earlier = set(), self._recent
        return is_known


_was_asked_before = _AskedBefore()


def _is_worth_keeping(kind: DocumentKind, asked: Asked, key: str) -> bool:
    return not kind.is_open(asked) or _was_asked_before(key)


def _stored_fresh(redis: Connection, names: Sequence[str]) -> tuple[int, list[bool]]:
    epoch = trusted_epoch(redis)
    kept = store.get_many(redis, names)
    return epoch, [one is not None and is_proved(redis, one) for one in kept]


def _built_for_warming(
    kind: DocumentKind, stale: Sequence[tuple[str, Asked]], warmed: Warmed
) -> list[tuple[str, Document | None, int]]:
    """Build all at once; where that fails one by one, so that it is known which."""
    if not stale:
        return []
    names = [name for name, _ in stale]
    try:
        documents, horizon = build_many(kind, [asked for _, asked in stale])
        return [(name, document, horizon) for name, document in zip(names, documents, strict=True)]
    except AWAY:
        raise
    except Exception as error:
        log.warning("batch_failed", kind=kind.name, error=str(error))
    built = []
    for name, asked in stale:
        try:
            built.append((name, *build(kind, asked)))
        except AWAY:
            raise
        except Exception as error:
            warmed.failures.append((name, f"{type(error).__name__}: {error}"))
    return built


def _counted(kind: DocumentKind, key: str, found: Found | None) -> Found | None:
    outcome = "missing" if found is None else "bypass" if found.cache == "bypass" else found.tier
    counting.mine().count(kind.name, outcome, key)
    return found
