"""How the cache does: what all processes of the shop counted in the last hour, and how it stands now."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from torg.caching import tallies
from torg.caching.keys import is_known
from torg.caching.kinds import kinds
from torg.caching.redis import Connection, RedisAway, using
from torg.caching.state import DatabaseState, RedisState, state

MINUTES = 60


class Reads(msgspec.Struct, kw_only=True):
    """Reads by how they ended.

    ``memory`` and ``redis`` were hits of either tier, ``built`` was a miss, ``bypass`` went past the cache (it was off
    or away), and of ``missing`` there is no document. ``hit_ratio`` is hits by hits, misses and bypasses; null without
    any.
    """

    memory: int = 0
    redis: int = 0
    built: int = 0
    bypass: int = 0
    missing: int = 0
    hit_ratio: float | None = None


class KindFigures(Reads, kw_only=True):
    """The reads of one kind of document; its ``builds`` are those for warming, too, and took ``build_seconds``."""

    kind: str
    builds: int = 0
    build_seconds: float = 0.0


class MinuteFigures(msgspec.Struct, kw_only=True):
    """What was read in the minute that began ``at``; ``misses`` are all that a document was built for."""

    at: datetime
    hits: int = 0
    misses: int = 0
    builds: int = 0
    build_seconds: float = 0.0


class MemoryFigures(msgspec.Struct, kw_only=True):
    """What the processes of the shop that are there now keep in their memory, together."""

    processes: int
    documents: int
    bytes: int


class CacheFigures(msgspec.Struct, kw_only=True):
    """How the cache does: the last hour to the minute that is under way, and how it stands ``at`` this time.

    Of what Redis would have to tell while it is away, there is nothing: ``minutes`` and ``memory`` are null.
    """

    at: datetime
    reads: Reads
    not_modified: int
    marks_raised: int
    marks_failed: int
    confirmations: int
    kinds: list[KindFigures]
    minutes: list[MinuteFigures] | None
    memory: MemoryFigures | None
    redis: RedisState
    database: DatabaseState


def figures() -> CacheFigures:
    """Gather all of it. Where PostgreSQL or Redis is away, it says so; takes a few seconds at most."""
    now = datetime.now(UTC)
    stands = state()
    minutes, memory = None, None
    if stands.redis.is_up and (stands.database.is_up or is_known()):
        try:
            minutes, memory = using(lambda redis: _counted(redis, now.timestamp()))
        except (RedisAway, DatabaseError, PoolTimeout):
            stands.redis.is_up = False
    hour: Counter[str] = Counter()
    for _, counted in minutes or ():
        hour.update(counted)
    return CacheFigures(
        at=now,
        reads=_reads(hour, [kind.name for kind in kinds()]),
        not_modified=hour["not_modified"],
        marks_raised=hour["marks_raised"],
        marks_failed=hour["marks_failed"],
        confirmations=hour["passes"],
        kinds=[_kind(hour, kind.name) for kind in kinds()],
        minutes=None if minutes is None else [_minute(at, counted) for at, counted in minutes],
        memory=memory,
        redis=stands.redis,
        database=stands.database,
    )


def _counted(redis: Connection, now: float) -> tuple[list[tuple[int, dict[str, int]]], MemoryFigures]:
    memory = MemoryFigures(**tallies.present(redis, now=now)._asdict())
    return tallies.by_minute(redis, MINUTES, now=now), memory


def _reads(counted: Mapping[str, int], names: Iterable[str]) -> Reads:
    sums = {
        outcome: sum(counted.get(f"read:{name}:{outcome}", 0) for name in names)
        for outcome in ("memory", "redis", "built", "bypass", "missing")
    }
    return Reads(**sums, hit_ratio=_hit_ratio(sums))


def _hit_ratio(sums: Mapping[str, int]) -> float | None:
    hits = sums["memory"] + sums["redis"]
    reads = hits + sums["built"] + sums["bypass"]
    return round(hits / reads, 4) if reads else None


def _kind(counted: Mapping[str, int], name: str) -> KindFigures:
    return KindFigures(
        kind=name,
        builds=counted.get(f"built:{name}", 0),
        build_seconds=counted.get(f"build_microseconds:{name}", 0) / 1e6,
        **msgspec.structs.asdict(_reads(counted, [name])),
    )


def _minute(at: int, counted: Mapping[str, int]) -> MinuteFigures:
    reads = _reads(counted, [kind.name for kind in kinds()])
    builds = [_kind(counted, kind.name) for kind in kinds()]
    return MinuteFigures(
        at=datetime.fromtimestamp(at, UTC),
        hits=reads.memory + reads.redis,
        misses=reads.built + reads.bypass,
        builds=sum(each.builds for each in builds),
        build_seconds=round(sum(each.build_seconds for each in builds), 6),
    )
