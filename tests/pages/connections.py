"""The connections that are written on, and all ways to write on each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction

from tests.pages.writing import Bulk, Copying, Querying, Saving, Sql, Upserting, Way

# Whoever waits longer waits for the transaction that another connection has left open, and gives up.
PATIENCE = "SET lock_timeout = '50ms'"


def run(statement: str, values: Any = ()) -> list[Any]:
    """Execute a statement on Django's connection."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def copy(statement: str, row: list[Any]) -> None:
    """Copy a row to the database on Django's connection."""
    with connection.cursor() as cursor, cursor.copy(statement) as copied:
        copied.write_row(row)


class Begun:
    """Transactions that Django does not know of: BEGIN and COMMIT, as statements."""

    def __init__(self) -> None:
        self._depth = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        depth, self._depth = self._depth, self._depth + 1
        run(f"SAVEPOINT s{depth}" if depth else "BEGIN")
        try:
            yield
        except BaseException:
            run(f"ROLLBACK TO s{depth}" if depth else "ROLLBACK")
            raise
        else:
            run(f"RELEASE s{depth}" if depth else "COMMIT")
        finally:
            self._depth = depth


OURS: dict[str, Way] = {
    "saving": Saving(),
    "querying": Querying(),
    "in bulk": Bulk(),
    "by SQL": Sql(run, transaction.atomic),
    "by SQL after BEGIN": Sql(run, Begun()),
    "by upsert": Upserting(run, transaction.atomic),
    "by COPY": Copying(run, transaction.atomic, copy),
}


class Elsewhere:
    """A connection that Torg does not know, as psql has one."""

    def __init__(self) -> None:
        known = connection.get_connection_params()
        names = ("dbname", "user", "password", "host", "port")
        self.connection = psycopg.connect(
            **{name: known[name] for name in names if name in known}, autocommit=True
        )
        self.connection.execute(PATIENCE)
        self.is_open = False
        opened = self.connection.transaction
        self.ways: dict[str, Way] = {
            "by SQL": Sql(self._run, opened),
            "by upsert": Upserting(self._run, opened),
            "by COPY": Copying(self._run, opened, self._copy),
        }

    def begin(self) -> None:
        """Leave a transaction open."""
        self.connection.execute("BEGIN")
        self.is_open = True

    def end(self, how: str) -> None:
        """End it, by COMMIT or ROLLBACK."""
        self.is_open = False
        self.connection.execute(how)

    def close(self) -> None:
        self.connection.close()

    def _run(self, statement: str, values: Any = ()) -> list[Any]:
        cursor = self.connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def _copy(self, statement: str, row: list[Any]) -> None:
        with self.connection.cursor() as cursor, cursor.copy(statement) as copied:
            copied.write_row(row)
