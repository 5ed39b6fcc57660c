"""Django's backend for PostgreSQL, with marks raised when a transaction ends.

``ENGINE = "torg.caching.postgresql"``. A project with an engine of its own puts ``RaisesMarks`` before it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from torg.caching.changes import told


class Settles:
    """For a cursor: raises the marks of what it did, where that was a transaction by itself."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """Execute a statement."""
        try:
            return super().execute(*args, **options)
        finally:
            settle(self.connection)

    def executemany(self, *args: Any, **options: Any) -> Any:
        """Execute a statement for many parameters."""
        try:
            return super().executemany(*args, **options)
        finally:
            settle(self.connection)

    def stream(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Yield row by row what a statement returns."""
        try:
            yield from super().stream(*args, **options)
        finally:
            settle(self.connection)

    @contextmanager
    def copy(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Copy to or from the database."""
        try:
            with super().copy(*args, **options) as copied:
                yield copied
        finally:
            settle(self.connection)


@cache
def settling(factory: type) -> type:
    """Return the class of cursors that does what ``factory`` does, and settles."""
    return type(f"Settling{factory.__name__}", (Settles, factory), {})


class RaisesMarks:
    """For a ``DatabaseWrapper``: hears of changes, and raises their marks before whoever committed them goes on."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return what a connection is made with: cursors that settle, in place of Django's or the project's own."""
        params: dict[str, Any] = super().get_connection_params()
        params["cursor_factory"] = settling(params["cursor_factory"])
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that listens for changes, and has not heard of any."""
        made = super().get_new_connection(conn_params)
        told(made).tags.clear()  # What the pool rolled back never was.
        return made

    def _commit(self) -> None:
        super()._commit()
        settle(self.connection)

    def _rollback(self) -> None:
        super()._rollback()
        if self.connection is not None:
            told(self.connection).tags.clear()


class DatabaseWrapper(RaisesMarks, base.DatabaseWrapper):
    """A connection to PostgreSQL that raises marks."""


def settle(connection: Any) -> None:
    """Raise the marks of what ``connection`` was told, if its transaction has ended."""
    if connection is not None:
        heard = told(connection)
        if heard.tags and connection.pgconn.transaction_status == TransactionStatus.IDLE:
            heard.settle(connection)
