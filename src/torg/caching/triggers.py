"""Announcements: what the statements that change a table say is changed, declared beside the table's fields."""

from collections.abc import Sequence
from functools import partial

import pgtrigger
from django.db.models import Model
from pgtrigger.compiler import Trigger, UpsertTriggerSql


class FirmTrigger(pgtrigger.Trigger):
    """A trigger that nobody can switch off with ``pgtrigger.ignore``; for each statement, if nothing else is said.

    What was not announced would stay old for long; and to ask whether to ignore it costs more than such a trigger does.
    """

    level = pgtrigger.Statement

    def compile(self, model: Model) -> Trigger:
        """Return what migrations keep of it."""
        return Trigger(
            name=self.name,
            sql=FirmTriggerSql(
                pgid=self.get_pgid(model),
                table=model._meta.db_table,  # noqa: SLF001  (as Django's users do)
                when=self.when,
                operation=self.operation,
                referencing=self.referencing or "",
                level=self.level,
                condition=self.render_condition(model),
                func=self.render_func(model),
            ),
        )


class FirmTriggerSql(UpsertTriggerSql):
    """The SQL of a ``FirmTrigger``. Migrations refer to it: it has to stay as it is."""

    def get_template(self) -> str:
        """Return the SQL with the names of what is to be filled in."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN {func} END; $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} {referencing}
                FOR EACH {level} {condition} EXECUTE FUNCTION {pgid}();
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


def announce(
    *,
    key: str,
    tags: str,
    columns: Sequence[str] = (),
    first: str = "",
    parent: str = "",
    locks: Sequence[str] = (),
    name: str = "announce",
    only_updates: bool = False,
) -> list[pgtrigger.Trigger]:
    """Have every statement that changes rows of a table record the tags of what it changed, in its transaction.

    ``tags`` is a query for tags over ``changed``, which has the columns of the table: the rows that were inserted or
    deleted, and of those that were updated what they were and what they are. An update that leaves ``columns`` as they
    are, or all where none are named, changes nothing; ``key`` is the primary key. Truncating changes everything, ``*``.

    What ``tags`` reads elsewhere has to stay true until the transaction ends. So ``first`` is called before, if
    anything changed; and ``locks`` are queries over ``arrived``, the rows that are new or have a new ``parent``.
    """
    before, after = _unequal("old_values", key, columns), _unequal("new_values", key, columns)
    arrived = _unequal("new_values", key, [parent]) if parent else ""
    old, new = "SELECT * FROM old_values", "SELECT * FROM new_values"
    both = pgtrigger.Referencing(old="old_values", new="new_values")
    record = partial(_record, tags=tags, first=first, locks=locks)
    triggers = [
        _after(
            "inserted", pgtrigger.Insert, pgtrigger.Referencing(new="new_values"), record(new, arrived=new)
        ),
        _after(
            "updated", pgtrigger.Update, both, record(f"{before} UNION ALL {after}", after, arrived=arrived)
        ),
        _after("deleted", pgtrigger.Delete, pgtrigger.Referencing(old="old_values"), record(old)),
        _after("truncated", pgtrigger.Truncate, None, "PERFORM caching_record('{*}'); RETURN NULL;"),
    ]
    for trigger in triggers:
        trigger.name = f"{name}_{trigger.name}"
    return triggers[1:2] if only_updates else triggers


def _unequal(rows: str, key: str, columns: Sequence[str]) -> str:
    """Select those of the old or new rows that have no equal on the other side; both sides have some, or none."""
    others = {"old_values": "new_values", "new_values": "old_values"}[rows]
    here, there = (
        f"({', '.join(f'{side}.{column}' for column in columns)})" if columns else f"{side}.*"
        for side in (rows, others)
    )
    return (
        f"SELECT {rows}.* FROM {rows} LEFT JOIN {others} USING ({key}) WHERE {here} IS DISTINCT FROM {there}"
    )


def _record(
    changed: str, any_changed: str = "", *, tags: str, first: str, locks: Sequence[str], arrived: str = ""
) -> str:
    # What is waited for is waited for in statements of their own: a statement sees what was there when it began.
    if_any = f"IF NOT EXISTS ({any_changed or changed}) THEN RETURN NULL; END IF; PERFORM {first};"
    waits = "".join(f" PERFORM * FROM (WITH arrived AS ({arrived}) {lock}) AS locked;" for lock in locks)
    return f"""
        {if_any if first else ""}
        {f"IF EXISTS ({arrived}) THEN {waits} END IF;" if locks and arrived else ""}
        PERFORM caching_record(ARRAY(WITH changed AS ({changed}) {tags}));
        RETURN NULL;
    """


def _after(
    name: str, operation: pgtrigger.Operation, rows: pgtrigger.Referencing | None, func: str
) -> pgtrigger.Trigger:
    return FirmTrigger(name=name, when=pgtrigger.After, operation=operation, referencing=rows, func=func)
