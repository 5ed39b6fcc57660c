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
                declare=self.render_declare(model),
                func=self.render_func(model),
            ),
        )


class FirmTriggerSql(UpsertTriggerSql):
    """The SQL of a ``FirmTrigger``. Migrations refer to it: it has to stay as it is."""

    def get_template(self) -> str:
        """Return the SQL with the names of what is to be filled in."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER LANGUAGE plpgsql
                AS $$ {declare} BEGIN {func} END; $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} {referencing}
                FOR EACH {level} {condition} EXECUTE FUNCTION {pgid}();
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


# What a row was and what it is are paired by a full join, which PostgreSQL can only hash or merge. A connection keeps
# the plan it made for its first statement: had that one row, any other join would be a loop in a loop for good, and an
# update of 50,000 rows would compare each with each. Where a key is new or gone, one side of a pair is all NULL.
_PAIRS = "old_values FULL JOIN new_values USING ({key})"
_BOTH = "CROSS JOIN LATERAL (SELECT old_values.* UNION ALL SELECT new_values.*) AS both_of_them"


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
    pairs = _PAIRS.format(key=key)
    changed = f"SELECT both_of_them.* FROM {pairs} {_BOTH} WHERE {_differs(columns)}"
    any_changed = f"SELECT FROM {pairs} WHERE {_differs(columns)}"
    arrived = f"SELECT new_values.* FROM {pairs} WHERE {_differs([parent])}" if parent else ""
    old, new = "SELECT * FROM old_values", "SELECT * FROM new_values"
    both = pgtrigger.Referencing(old="old_values", new="new_values")
    record = partial(_record, tags=tags, first=first, locks=locks)
    triggers = [
        _after(
            "inserted", pgtrigger.Insert, pgtrigger.Referencing(new="new_values"), record(new, arrived=new)
        ),
        _after("updated", pgtrigger.Update, both, record(changed, any_changed, arrived=arrived)),
        _after("deleted", pgtrigger.Delete, pgtrigger.Referencing(old="old_values"), record(old)),
        _after("truncated", pgtrigger.Truncate, None, "found := caching_record('{*}'); RETURN NULL;"),
    ]
    for trigger in triggers:
        trigger.name = f"{name}_{trigger.name}"
    return triggers[1:2] if only_updates else triggers


def _differs(columns: Sequence[str]) -> str:
    """Return the condition that the two rows of a pair are not equal, in ``columns`` or in all."""
    was, is_now = (
        f"({', '.join(f'{side}.{column}' for column in columns)})" if columns else f"{side}.*"
        for side in ("old_values", "new_values")
    )
    return f"{was} IS DISTINCT FROM {is_now}"


def _record(
    changed: str, any_changed: str = "", *, tags: str, first: str, locks: Sequence[str], arrived: str = ""
) -> str:
    # What is waited for is waited for in statements of their own: a statement sees what was there when it began.
    # The tags are found in one of its own as well: the writer is sent the text of the one in which he is told of them.
    if_any = f"IF NOT EXISTS ({any_changed or changed}) THEN RETURN NULL; END IF; PERFORM {first};"
    waits = "".join(f" PERFORM * FROM (WITH arrived AS ({arrived}) {lock}) AS locked;" for lock in locks)
    return f"""
        {if_any if first else ""}
        {f"IF EXISTS ({arrived}) THEN {waits} END IF;" if locks and arrived else ""}
        found := ARRAY(WITH changed AS ({changed}) {tags});
        found := caching_record(found);
        RETURN NULL;
    """


def _after(
    name: str, operation: pgtrigger.Operation, rows: pgtrigger.Referencing | None, func: str
) -> pgtrigger.Trigger:
    return FirmTrigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        referencing=rows,
        declare=[("found", "text[]")],
        func=func,
    )
