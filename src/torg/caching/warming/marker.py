"""What Redis is told about warming: that it holds a build's documents, and that a worker of the build is there."""

from contextlib import suppress

from django.conf import settings

from torg.caching.keys import build, key
from torg.caching.kinds import kinds
from torg.caching.redis import Connection, RedisAway, using

WORKER_SECONDS = 10
# Where documents live for seconds: longer than a worker may be silent.
_WARMED_SECONDS_AT_LEAST = 60


def note_warmed(run_id: str) -> None:
    """Say that all documents of this build were stored in this run of Redis; another run holds none of them.

    It holds as long as the shortest-lived of them, or as long as a worker of the build keeps it up: what is gone by
    then of a build that nobody uses is warmed anew when somebody goes back to it.
    """
    _told("SET", f"warmed:{build()}", run_id, "EX", _warmed_seconds())


def keep_warmed() -> None:
    """Let ``note_warmed``, if it was said, hold from now on: this build is in use."""
    _told("EXPIRE", f"warmed:{build()}", _warmed_seconds())


def is_warmed() -> bool:
    """Say whether this build's documents were stored in this run of Redis. Raises ``RedisAway``."""

    def look(redis: Connection) -> bool:
        found: bytes | None = redis.run("GET", key(f"warmed:{build()}"))
        return found is not None and found.decode() == redis.run_id

    return using(look)


def note_worker() -> None:
    """Say that a worker of this build is there, for the next ten seconds."""
    _told("SET", f"worker:{build()}", 1, "EX", WORKER_SECONDS)


def note_worker_gone() -> None:
    """Say that a worker of this build ends; others say again that they are there."""
    _told("DEL", f"worker:{build()}")


def is_worker_there() -> bool:
    """Say whether a worker of this build is there; nobody knows where Redis is away, and nothing can be warmed."""
    try:
        return bool(using(lambda redis: redis.run("EXISTS", key(f"worker:{build()}"))))
    except RedisAway:
        return False


def warms_by_itself() -> bool:
    """Say whether an empty cache is to be filled."""
    return bool(settings.TORG_CACHE and settings.TORG_CACHE_WARM_LIMIT)


def _warmed_seconds() -> int:
    lifetimes = (kind.lifetime for kind in kinds() if kind.warmed_as)
    return max(_WARMED_SECONDS_AT_LEAST, min(lifetimes, default=0))


def _told(command: str, name: str, *values: str | int) -> None:
    with suppress(RedisAway):  # When it is back it will be asked to be warmed again.
        using(lambda redis: redis.run(command, key(name), *values))
