"""Ways to write: Django's, raw SQL, COPY and upserts, on Django's connection and on one that Torg does not know."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, models, transaction
from django.db.models import Model
from django.db.utils import DatabaseError

from tests.pages.columns import MODELS, Row

Values = Mapping[str, Any]
REFUSED = (DatabaseError, psycopg.Error, models.ProtectedError)


class NoSuchRow(LookupError):
    """There is nothing to be changed."""


@dataclass(frozen=True)
class Update:
    row: Row
    values: Values


@dataclass(frozen=True)
class Insert:
    model: str
    values: Values


@dataclass(frozen=True)
class Delete:
    row: Row


@dataclass(frozen=True)
class Swap:
    """Two rows exchange their slugs."""

    model: str
    numbers: tuple[int, int]


@dataclass(frozen=True)
class Truncate:
    tables: str


Change = Update | Insert | Delete | Swap | Truncate


class Saving:
    """Instances are read, changed and saved."""

    def transaction(self) -> AbstractContextManager[Any]:
        return transaction.atomic()

    def update(self, model: type[Model], pk: UUID, values: Values) -> None:
        row = model._default_manager.get(pk=pk)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()

    def insert(self, row: Model) -> None:
        row.save(force_insert=True)

    def delete(self, model: type[Model], pk: UUID) -> None:
        model._default_manager.get(pk=pk).delete()

    def truncate(self, tables: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables}")


class Querying(Saving):
    """Query sets change what they find."""

    def update(self, model: type[Model], pk: UUID, values: Values) -> None:
        model._default_manager.filter(pk=pk).update(**values)

    def insert(self, row: Model) -> None:
        type(row)._default_manager.bulk_create([row])

    def delete(self, model: type[Model], pk: UUID) -> None:
        model._default_manager.filter(pk=pk).delete()


class Bulk(Querying):
    """Many are changed at once, or inserted over those that are there."""

    def update(self, model: type[Model], pk: UUID, values: Values) -> None:
        rows = list(model._default_manager.filter(pk=pk))
        for row in rows:
            for name, value in values.items():
                setattr(row, name, value)
        model._default_manager.bulk_update(rows, list(values))

    def insert(self, row: Model) -> None:
        is_product = type(row).__name__ == "Product"
        type(row)._default_manager.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["slug" if is_product else "pk"],
            update_fields=["name" if is_product else _columns(row)[-1].name],
        )


class Sql:
    """Plain statements. ``run`` executes one; of what hangs on a row, it is the writer who deletes it first."""

    def __init__(self, run: Callable[..., Any], opened: Callable[[], AbstractContextManager[Any]]) -> None:
        self.run = run
        self.transaction = opened

    def update(self, model: type[Model], pk: UUID, values: Values) -> None:
        columns = [(model._meta.get_field(name), value) for name, value in values.items()]
        assignments = ", ".join(f"{field.column} = %s" for field, _ in columns)
        self.run(
            f"UPDATE {_table(model)} SET {assignments} WHERE {_key(model)} = %s",
            [*(_prepared(field, value) for field, value in columns), pk],
        )

    def insert(self, row: Model) -> None:
        self.run(*_insertion(row))

    def delete(self, model: type[Model], pk: UUID) -> None:
        with self.transaction():
            for part in model._meta.related_objects:
                child = part.related_model
                if part.on_delete is models.CASCADE and not child._meta.proxy:
                    for (each,) in self.run(
                        f"SELECT {_key(child)} FROM {_table(child)} WHERE {part.field.column} = %s", [pk]
                    ):
                        self.delete(child, each)
            self.run(f"DELETE FROM {_table(model)} WHERE {_key(model)} = %s", [pk])

    def truncate(self, tables: str) -> None:
        self.run(f"TRUNCATE {tables}")


class Upserting(Sql):
    """Rows are inserted, and changed where they are there already."""

    def update(self, model: type[Model], pk: UUID, values: Values) -> None:
        fields = {model._meta.get_field(name): value for name, value in values.items()}
        columns = ", ".join(field.column for field in _columns(model))
        given = ", ".join(
            f"%s::{field.db_type(connection)}" if field in fields else field.column
            for field in _columns(model)
        )
        new = [_prepared(field, fields[field]) for field in _columns(model) if field in fields]
        assignments = ", ".join(f"{field.column} = excluded.{field.column}" for field in fields)
        self.run(
            f"INSERT INTO {_table(model)} ({columns}) SELECT {given} FROM {_table(model)} "
            f"WHERE {_key(model)} = %s ON CONFLICT ({_key(model)}) DO UPDATE SET {assignments}",
            [*new, pk],
        )

    def insert(self, row: Model) -> None:
        statement, values = _insertion(row)
        slug = next((field.column for field in _columns(row) if field.column == "slug"), _key(type(row)))
        last = _columns(row)[-1].column
        self.run(f"{statement} ON CONFLICT ({slug}) DO UPDATE SET {last} = excluded.{last}", values)


class Copying(Sql):
    """Rows come by COPY: new ones right into the table, changed ones into another that it is updated from."""

    def __init__(self, run: Any, opened: Any, copy: Callable[[str, list[Any]], None]) -> None:
        super().__init__(run, opened)
        self.copy = copy

    def update(self, model: type[Model], pk: UUID, values: Values) -> None:
        fields = [model._meta.get_field(name) for name in values]
        columns = ", ".join(field.column for field in fields)
        with self.transaction():
            self.run(
                f"CREATE TEMP TABLE given ON COMMIT DROP AS SELECT {columns} FROM {_table(model)} LIMIT 0"
            )
            self.copy(
                f"COPY given ({columns}) FROM STDIN",
                [_prepared(field, value) for field, value in zip(fields, values.values(), strict=True)],
            )
            assignments = ", ".join(f"{field.column} = given.{field.column}" for field in fields)
            self.run(
                f"UPDATE {_table(model)} AS itself SET {assignments} FROM given WHERE itself.{_key(model)} = %s",
                [pk],
            )
            self.run("DROP TABLE given")

    def insert(self, row: Model) -> None:
        fields = _columns(row)
        columns = ", ".join(field.column for field in fields)
        self.copy(
            f"COPY {_table(type(row))} ({columns}) FROM STDIN",
            [_prepared(field, getattr(row, field.attname)) for field in fields],
        )


Way = Saving | Sql


def make(change: Change, way: Way) -> None:
    """Make ``change`` in that ``way``. Raises ``NoSuchRow`` where there is nothing to be changed."""
    match change:
        case Update(row, values):
            way.update(MODELS[row.model], _pk(row), {name: _found(value) for name, value in values.items()})
        case Insert(model, values):
            _insert(way, MODELS[model](**{name: _found(value) for name, value in values.items()}))
        case Delete(row):
            way.delete(MODELS[row.model], _pk(row))
        case Swap(model, numbers):
            first, second = (_found(Row(model, number)) for number in numbers)
            with way.transaction():
                for row, slug in ((first, "between"), (second, first.slug), (first, second.slug)):
                    way.update(MODELS[model], row.pk, {"slug": slug})
        case Truncate(tables):
            way.truncate(tables)


def _insert(way: Way, row: Any) -> None:
    """Insert ``row``, and with a product what is sold of it."""
    if not isinstance(row, MODELS["Product"]):
        way.insert(row)
        return
    with way.transaction():
        way.insert(row)
        variant = MODELS["Variant"](product_id=row.pk, sku=f"{row.sku}-0", attributes={"size": "S"})
        way.insert(variant)
        way.insert(MODELS["Stock"](variant_id=variant.pk, on_hand=5))


def _pk(row: Row) -> UUID:
    return _found(row).pk


def _found(value: Any) -> Any:
    """Return the row that ``value`` stands for; any other value is itself."""
    if not isinstance(value, Row):
        return value
    rows = list(MODELS[value.model]._default_manager.order_by("pk"))
    if not rows:
        raise NoSuchRow(value)
    return rows[value.number % len(rows)]


def _insertion(row: Model) -> tuple[str, list[Any]]:
    fields = _columns(row)
    columns, places = ", ".join(field.column for field in fields), ", ".join("%s" for _ in fields)
    values = [_prepared(field, getattr(row, field.attname)) for field in fields]
    return f"INSERT INTO {_table(type(row))} ({columns}) VALUES ({places})", values


def _columns(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def _prepared(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection)


def _table(model: type[Model]) -> str:
    return model._meta.db_table


def _key(model: type[Model]) -> str:
    return model._meta.pk.column  # type: ignore[union-attr]
