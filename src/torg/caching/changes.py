"""Changes: what the database's triggers say was changed, on its way to the marks.

A trigger writes one row into ``caching_change`` in the transaction that changes something, and tells the connection at
once, so the writer knows its own changes without asking. When the transaction has ended it raises their marks, before
whoever wrote goes on. What a writer did not live to do, and what others wrote, is found in the table.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import Diagnostic
from psycopg.pq import TransactionStatus

from torg.caching import counting, faults, marks
from torg.caching.redis import RedisAway

log = structlog.get_logger("torg.caching")

Tags = dict[str, int]
"""Each tag with the highest transaction that changed it."""

_TOLD = "torg.change "
_RETRY_SECONDS = 0.02
# Redis tells whole milliseconds, and no two clocks run quite alike.
_CLOCKS_DIFFER_SECONDS = 0.005
_USABLE_TAG = re.compile(r"[^\s,]{1,200}")

# One statement, so that the rows are those of the snapshot; both conditions are ranges of one index.
_NEWS = """
    SELECT pg_current_snapshot()::text, caching_generation(), NULL::bigint, NULL::text[]
    UNION ALL
    SELECT '', '', xid::text::bigint, tags FROM caching_change WHERE xid >= %(xmax)s::text::xid8
    UNION ALL
    SELECT '', '', xid::text::bigint, tags FROM caching_change WHERE xid = ANY (%(xip)s::text[]::xid8[])
"""
# Nobody updates a row, so it stays in the place where it was found.
_REMOVE_OLD = """
    DELETE FROM caching_change WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM caching_change WHERE xid < %(below)s::text::xid8
        ORDER BY xid LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )) AND created_at < now() - interval '1 hour'
"""
_REMOVED_AT_ONCE = 20_000
_NOTHING = "18446744073709551615"  # No transaction has so high a number.


class UnusableTag(ValueError):
    """A tag is empty, too long, or holds white space or a comma."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which transactions were over: all below ``xmin``, and below ``xmax`` all but ``running``."""

    text: str
    xmin: int
    xmax: int
    running: tuple[int, ...]

    @classmethod
    def parsed(cls, text: str) -> "Snapshot":
        """Read ``xmin:xmax:running,running``."""
        xmin, xmax, running = text.split(":")
        return cls(text, int(xmin), int(xmax), tuple(int(xid) for xid in running.split(",") if xid))


@dataclass(frozen=True, slots=True)
class News:
    """What was committed since an earlier snapshot, up to ``snapshot``.

    ``generation`` tells databases apart, and what one was before a crash, a failover or its restoration.
    """

    snapshot: Snapshot
    generation: str
    tags: Tags


def news_since(database: BaseDatabaseWrapper, earlier: Snapshot | None) -> News:
    """Look up what was committed since ``earlier``; nothing but the present snapshot where there is none."""
    xmax = _NOTHING if earlier is None else str(earlier.xmax)
    running = [] if earlier is None else [str(xid) for xid in earlier.running]
    with database.cursor() as cursor:
        cursor.execute(_NEWS, {"xmax": xmax, "xip": running})
        rows = cursor.fetchall()
    snapshot, generation = rows[0][:2]
    tags: Tags = {}
    for *_, xid, changed in rows[1:]:
        _note(tags, xid, changed)
    return News(Snapshot.parsed(snapshot), generation, tags)


def remove_old(database: BaseDatabaseWrapper, *, confirmed_below: int) -> int:
    """Remove the rows that are older than an hour and whose marks were raised; return how many."""
    with database.cursor() as cursor:
        cursor.execute(_REMOVE_OLD, {"below": str(confirmed_below), "most": _REMOVED_AT_ONCE})
        removed: int = cursor.rowcount
        return removed


def invalidate(*tags: str) -> None:
    """Have all documents with any of ``tags`` built anew, once the current transaction is committed.

    ``*`` stands for all there are. Raises ``UnusableTag``. Costs one short statement, however many documents that is.
    """
    for tag in tags:
        if not _USABLE_TAG.fullmatch(tag) or tag in {marks.EPOCH, marks.RAISED}:
            raise UnusableTag(
                f"{tag!r} cannot be a tag: use 1 to 200 characters without white space or commas, such as "
                "product:0190… or products"
            )
    with connection.cursor() as cursor:
        cursor.execute("SELECT caching_record(%s)", [list(tags)])


class Told:
    """What one connection to PostgreSQL was told of changes in its current transaction."""

    def __init__(self) -> None:
        self.tags: Tags = {}
        self.generation = ""

    def hear(self, diagnostic: Diagnostic) -> None:
        """Keep what a trigger says of a change."""
        message = diagnostic.message_primary or ""
        if message.startswith(_TOLD):
            xid, *tags = message.removeprefix(_TOLD).split(" ")
            _note(self.tags, int(xid), tags)

    def settle(self, database_connection: Any) -> None:
        """Raise the marks of what was told; the transaction has ended. If it was rolled back, that is harmless.

        Where that fails, it goes on trying until nobody trusts Redis who began to before now. By then a relay has
        raised them, or documents are not read from the cache.
        """
        tags, self.tags = self.tags, {}
        faults.at("committed")
        if faults.MARKS_ARE_OFF:
            return
        deadline = time.monotonic() + marks.TRUST_MILLISECONDS / 1000 + _CLOCKS_DIFFER_SECONDS
        while True:
            try:
                self.generation = self.generation or _generation_of(database_connection)
                marks.raise_marks(tags, generation=self.generation)
            except (RedisAway, marks.OfAnotherGeneration, psycopg.Error, Error) as error:
                self.generation = ""  # Behind a pooler, a connection may lead to another server than before.
                if time.monotonic() >= deadline:
                    counting.mine().marks_failed += len(tags)
                    log.warning("marks_left_to_the_relay", tags=len(tags), error=str(error))
                    return
                time.sleep(_RETRY_SECONDS)
            else:
                counting.mine().marks_raised += len(tags)
                return


def _generation_of(database_connection: Any) -> str:
    """Ask a connection of psycopg, and leave it without a transaction."""
    try:
        generation: str = database_connection.execute("SELECT caching_generation()").fetchone()[0]
    except psycopg.Error:
        if database_connection.info.transaction_status != TransactionStatus.IDLE:
            database_connection.rollback()
        raise
    if database_connection.info.transaction_status != TransactionStatus.IDLE:
        database_connection.commit()
    return generation


def _note(tags: Tags, xid: int, changed: Iterable[str]) -> None:
    for tag in changed:
        if tags.get(tag, -1) < xid:
            tags[tag] = xid


def told(database_connection: Any) -> Told:
    """Return what this connection of psycopg was told; it listens from the first time on."""
    found: Told | None = getattr(database_connection, "torg_told", None)
    if found is None:
        found = database_connection.torg_told = Told()
        database_connection.add_notice_handler(found.hear)
    return found
