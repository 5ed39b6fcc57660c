"""Announcements: what the statements that change a table say is changed, declared beside the table's fields."""

from collections.abc import Sequence

import pgtrigger
from django.db.models import Model
from pgtrigger.compiler import Trigger, UpsertTriggerSql

_INSERTED = "SELECT * FROM new_values"
_DELETED = "SELECT * FROM old_values"


class StatementTrigger(pgtrigger.Trigger):
    """A trigger for each statement that nobody can switch off with ``pgtrigger.ignore``.

    What was not announced would stay old for long; and to ask whether to ignore it costs more than such a trigger does.
    """

    level = pgtrigger.Statement

    def compile(self, model: Model) -> Trigger:
        """Return what migrations keep of it."""
        return Trigger(
            name=self.name,
            sql=StatementTriggerSql(
                pgid=self.get_pgid(model),
                table=model._meta.db_table,  # noqa: SLF001  (as Django's users do)
                when=self.when,
                operation=self.operation,
                referencing=self.referencing or "",
                func=self.render_func(model),
            ),
        )


class StatementTriggerSql(UpsertTriggerSql):
    """The SQL of a ``StatementTrigger``. Migrations refer to it: it has to stay as it is."""

    def get_template(self) -> str:
        """Return the SQL with the names of what is to be filled in."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN {func} END; $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} {referencing}
                FOR EACH STATEMENT EXECUTE FUNCTION {pgid}();
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


def announce(
    *,
    key: str,
    tags: str,
    columns: Sequence[str] = (),
    locks: Sequence[str] = (),
    name: str = "announce",
    only_updates: bool = False,
) -> list[pgtrigger.Trigger]:
    """Have every statement that changes rows of a table record the tags of what it changed, in its transaction.

    ``tags`` is a query for tags over ``changed``, which has the columns of the table: the rows that were inserted or
    deleted, and of those that were updated what they were and what they are. An update that leaves ``columns`` as they
    are, or all where none are named, changes nothing; ``key`` is the primary key. ``locks`` are queries that are made
    before, also over ``changed``, so that what ``tags`` reads elsewhere stays true until the transaction ends.
    Truncating the table changes everything, ``*``.
    """
    updated = _updated(key, columns)
    statements = [
        (pgtrigger.Insert, "inserted", pgtrigger.Referencing(new="new_values"), _INSERTED, _INSERTED),
        (
            pgtrigger.Update,
            "updated",
            pgtrigger.Referencing(old="old_values", new="new_values"),
            updated[0],
            " UNION ALL ".join(updated),
        ),
        (pgtrigger.Delete, "deleted", pgtrigger.Referencing(old="old_values"), _DELETED, _DELETED),
    ]
    triggers: list[pgtrigger.Trigger] = [
        StatementTrigger(
            name=f"{name}_{suffix}",
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=_record(any_changed, changed, tags, locks),
        )
        for operation, suffix, referencing, any_changed, changed in statements
        if operation is pgtrigger.Update or not only_updates
    ]
    return triggers if only_updates else [*triggers, _truncated(name)]


def _updated(key: str, columns: Sequence[str]) -> tuple[str, str]:
    """Select what rows were before and what they are now; where one finds nothing, neither does the other."""

    def changed(these: str, others: str) -> str:
        return f"""
            SELECT {these}.* FROM {these} LEFT JOIN {others} USING ({key})
            WHERE {_row(these, columns)} IS DISTINCT FROM {_row(others, columns)}
        """

    return changed("old_values", "new_values"), changed("new_values", "old_values")


def _row(table: str, columns: Sequence[str]) -> str:
    return f"({', '.join(f'{table}.{column}' for column in columns)})" if columns else f"{table}.*"


def _record(any_changed: str, changed: str, tags: str, locks: Sequence[str]) -> str:
    record = f"PERFORM caching_record(ARRAY(WITH changed AS ({changed}) {tags})); RETURN NULL;"
    if not locks:
        return record
    # Locks are waited for in statements of their own, because a statement sees what was there when it began.
    waits = " ".join(f"PERFORM * FROM (WITH changed AS ({changed}) {lock}) AS locked;" for lock in locks)
    return f"IF NOT EXISTS ({any_changed}) THEN RETURN NULL; END IF; {waits} {record}"


def _truncated(name: str) -> pgtrigger.Trigger:
    return StatementTrigger(
        name=f"{name}_truncated",
        when=pgtrigger.After,
        operation=pgtrigger.Truncate,
        func="PERFORM caching_record('{*}'); RETURN NULL;",
    )
