"""How the cache stands at this moment: what PostgreSQL and Redis say when they are asked, without waiting long."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
from django.db import DatabaseError, connection
from psycopg_pool import PoolTimeout

from torg.caching import marks
from torg.caching.keys import is_known, key
from torg.caching.redis import Connection, RedisAway, using

CONNECT_SECONDS = 2  # The least that libpq knows.
STATEMENT_MILLISECONDS = 1_000
# Rows are visited to be counted, and an import leaves very many.
COUNTED_EXACTLY = 100_000

_DATABASE = """
    SELECT (pg_snapshot_xmax(pg_current_snapshot())::text::numeric
            - pg_snapshot_xmin(pg_current_snapshot())::text::numeric)::bigint,
           coalesce(extract(epoch FROM clock_timestamp() - least(
               (SELECT min(xact_start) FROM pg_stat_activity WHERE backend_xid IS NOT NULL),
               (SELECT min(prepared) FROM pg_prepared_xacts WHERE database = current_database()))), 0)::float,
           (SELECT count(*) FROM (SELECT FROM caching_change LIMIT %(limit)s) AS counted)
"""
_UNCONFIRMED = """
    SELECT count(*) FROM (
        SELECT FROM caching_change
        WHERE xid >= pg_snapshot_xmin(%(confirmed)s::pg_snapshot)
          AND NOT pg_visible_in_snapshot(xid, %(confirmed)s::pg_snapshot)
        LIMIT %(limit)s
    ) AS counted
"""


class RedisState(msgspec.Struct, kw_only=True):
    """Redis, and what it holds of the cache; a field is null where that could not be asked."""

    is_up: bool
    version: str | None = None
    memory_bytes: int | None = None
    max_memory_bytes: int | None = None
    keys: int | None = None
    epoch: int | None = None
    marks: int | None = None
    relay_lag_ms: int | None = None


class DatabaseState(msgspec.Struct, kw_only=True):
    """PostgreSQL, and what it holds of the cache; a field is null where that could not be asked.

    ``changes`` and ``changes_unconfirmed`` stop at 100,000. ``horizon_transactions`` is how many transactions the
    horizon of a document that is built now lies behind, ``horizon_seconds`` how long ago the oldest began that writes.
    """

    is_up: bool
    changes: int | None = None
    changes_unconfirmed: int | None = None
    horizon_transactions: int | None = None
    horizon_seconds: float | None = None


class State(msgspec.Struct, kw_only=True):
    """Both."""

    redis: RedisState
    database: DatabaseState


def state() -> State:
    """Ask PostgreSQL and Redis; of one that is away, or hangs, only that is said. Takes 3 seconds at most."""
    with _own_connection() as database:
        redis, confirmed = _redis_state(can_name=database is not None or is_known())
        return State(redis=redis, database=_database_state(database, confirmed))


@contextmanager
def _own_connection() -> Iterator["psycopg.Connection[Any] | None"]:
    """Yield a connection beside the pool, which may be empty just when somebody wants to know why; None without one."""
    parameters = connection.get_connection_params()
    own = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        "application_name": "torg figures",
        "options": f"{parameters.get('options', '')} -c statement_timeout={STATEMENT_MILLISECONDS}".strip(),
    }
    try:
        opened = psycopg.connect(**{**parameters, **own}, autocommit=True)
    except psycopg.Error:
        yield None
        return
    try:
        yield opened
    finally:
        with suppress(psycopg.Error):
            opened.close()


def _database_state(database: "psycopg.Connection[Any] | None", confirmed: str | None) -> DatabaseState:
    found = DatabaseState(is_up=False)
    if database is None:
        return found
    try:
        row = database.execute(_DATABASE, {"limit": COUNTED_EXACTLY}).fetchone()
        found.is_up = True
        found.horizon_transactions, found.horizon_seconds, found.changes = row or (None, None, None)
        if confirmed is not None:
            values = {"confirmed": confirmed, "limit": COUNTED_EXACTLY}
            row = database.execute(_UNCONFIRMED, values).fetchone()
            found.changes_unconfirmed = row[0] if row else None
    except psycopg.Error:
        pass  # What was found until then is said.
    return found


def _redis_state(*, can_name: bool) -> tuple[RedisState, str | None]:
    """Return the state, and the snapshot up to which changes are confirmed.

    The names of keys hold PostgreSQL's identity: a process that never reached it can only ask about Redis itself.
    """
    found = RedisState(is_up=False)
    try:
        using(lambda redis: _look_at(redis, found))
        return found, using(lambda redis: _look_into(redis, found)) if can_name else None
    except (RedisAway, DatabaseError, PoolTimeout):
        return found, None


def _look_at(redis: Connection, found: RedisState) -> None:
    told, keys = redis.pipeline([("INFO",), ("DBSIZE",)])
    told = dict(line.split(":", 1) for line in told.decode().splitlines() if ":" in line)
    found.is_up = True
    found.version = told.get("redis_version")
    found.memory_bytes = int(told["used_memory"])
    found.max_memory_bytes = int(told.get("maxmemory", 0))
    found.keys = keys


def _look_into(redis: Connection, found: RedisState) -> str | None:
    epoch, members, confirmed, until, (seconds, microseconds) = redis.pipeline(
        [
            ("ZSCORE", key("marks"), marks.EPOCH),
            ("ZCARD", key("marks")),
            ("GET", key("confirmed")),
            ("GET", key("believed-until")),
            ("TIME",),
        ]
    )
    found.epoch = None if epoch is None else marks.whole(epoch)
    found.marks = max(0, members - 2)  # The epoch, and how often marks were raised, are no tags'.
    if until is not None:
        now = int(seconds) * 1000 + int(microseconds) // 1000
        found.relay_lag_ms = max(0, now - (int(until) - marks.TRUST_MILLISECONDS))
    if epoch is None or confirmed is None:
        return None
    of_epoch, _, snapshot = confirmed.decode().partition(" ")
    return snapshot if int(of_epoch) == marks.whole(epoch) else None
