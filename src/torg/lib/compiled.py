"""Statements that are compiled once: the ORM writes the SQL at the first use, later uses only fill in the values.

For one of the read API's queries, composing and compiling takes Django about three times as long as PostgreSQL takes
to answer.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Expression, Field, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Statement = tuple[str, tuple[Any, ...], tuple[str, ...]]

_statements: dict[Hashable, Statement] = {}


class Slot(Expression):
    """Where a value goes that is known only when the statement is run; it stands for a column of ``field``'s type."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:  # noqa: ARG002
        """Return the placeholder, with this slot in place of its value."""
        return "%s", [self]


class IsOneOf(Func):
    """Whether a value is among the elements of an array, such as one in a slot."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class ContainsOneOf(IsOneOf):
    """Whether a JSONB value contains one of the elements of an array."""

    arg_joiner = " @> ANY("


class Compiled:
    """A query whose SQL is kept under ``key``; ``rows`` composes it, with slots, where there is none yet.

    Statements with the same key must differ by nothing but their slots' values. A key tells which filters and orders
    are used, never with what or how much of it: nobody may fill the memory with statements by asking for odd things.
    """

    def __init__(self, key: Hashable, rows: "Callable[[], QuerySet[Any, Any]]") -> None:
        self.statement, self.params, self.names = _statements.get(key) or _compile(key, rows())

    def fetch(
        self, values: Mapping[str, Any], *, limit: int | None = None, offset: int = 0
    ) -> list[dict[str, Any]]:
        """Return the rows by column name, at most ``limit``; ``values`` has one for each slot.

        JSON columns come as the text PostgreSQL sent, to be decoded into what they are.
        """
        rows = self._run(f"{self.statement} LIMIT %s OFFSET %s", values, limit, offset)
        return [dict(zip(self.names, row, strict=True)) for row in rows]

    def count(self, values: Mapping[str, Any], *, at_most: int) -> int:
        """Count the rows, without fetching them, as far as ``at_most``."""
        statement = f"SELECT count(*) FROM ({self.statement} LIMIT %s) AS found"  # noqa: S608
        found: int = self._run(statement, values, at_most)[0][0]
        return found

    def estimate(self, values: Mapping[str, Any]) -> int:
        """Return how many rows the planner expects."""
        plans = self._run(f"EXPLAIN (FORMAT JSON) {self.statement}", values)[0][0]
        return int(plans[0]["Plan"]["Plan Rows"])

    def _run(self, statement: str, values: Mapping[str, Any], *further: Any) -> list[tuple[Any, ...]]:
        params = [values[param.name] if isinstance(param, Slot) else param for param in self.params]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, *further])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


def _compile(key: Hashable, rows: "QuerySet[Any, Any]") -> Statement:
    compiler = rows.query.get_compiler(connection=connection)
    statement, params = compiler.as_sql()
    names = tuple(alias or column.target.name for column, _, alias in compiler.select)
    compiled = statement, tuple(params), names
    _statements[key] = compiled
    return compiled
