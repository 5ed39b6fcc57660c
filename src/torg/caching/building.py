"""Building documents from PostgreSQL: each in one state of the database, with the horizon of that state."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import Error, connection
from django.db.utils import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from torg.caching import counting, faults
from torg.caching.document import Document
from torg.caching.kinds import Asked, DocumentKind
from torg.caching.transactions import is_in_transaction
from torg.lib.reconnecting import read_again_when_disconnected

AWAY = (OperationalError, InterfaceError, PoolTimeout)
# Sent as one message, so the horizon costs no round trip of its own. All that is read afterwards is of its snapshot.
_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
)


def build(kind: DocumentKind, asked: Asked) -> tuple[Document | None, int]:
    """Build a document, None where there is none, and return it with its horizon. Raises what ``kind.build`` raises.

    A connection that is in a transaction already builds from what that sees, with a horizon of 0: never fresh.
    """
    if is_in_transaction():
        return kind.build(asked), 0

    def at_once() -> tuple[Document | None, int]:
        with _one_state() as horizon:
            return kind.build(asked), horizon

    started = time.perf_counter()
    built = read_again_when_disconnected(at_once)
    _count(kind, time.perf_counter() - started, 1)
    faults.at("built")
    return built


def build_many(kind: DocumentKind, batch: Sequence[Asked]) -> tuple[Sequence[Document | None], int]:
    """Build many documents of one state, None for each that there is none; all or none."""

    def at_once() -> tuple[Sequence[Document | None], int]:
        with _one_state() as horizon:
            if kind.build_many is None:
                return [kind.build(asked) for asked in batch], horizon
            return kind.build_many(batch), horizon

    started = time.perf_counter()
    built = read_again_when_disconnected(at_once)
    _count(kind, time.perf_counter() - started, len(batch))
    return built


@contextmanager
def _one_state() -> Iterator[int]:
    """Let all statements of the block see one state of the database; yields its horizon.

    Django is told that a transaction is open, but not asked to open it, which would take a round trip more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN)
        cursor.nextset()
        horizon = int(cursor.fetchone()[0])
        connection.in_atomic_block = True
        try:
            yield horizon
        except BaseException:
            connection.in_atomic_block = connection.needs_rollback = False
            with suppress(Error):
                cursor.execute("ROLLBACK")
            raise
        connection.in_atomic_block = False
        cursor.execute("COMMIT")


def _count(kind: DocumentKind, seconds: float, documents: int) -> None:
    counts = counting.mine()
    counts.build_seconds[kind.name] = counts.build_seconds.get(kind.name, 0.0) + seconds
    counts.builds[kind.name] = counts.builds.get(kind.name, 0) + documents
