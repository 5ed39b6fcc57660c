"""A change: which tags a transaction changed, written in that transaction by the database itself."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """A PostgreSQL ``xid8``, as an ``int``: 64 bits that grow and never wrap around."""

    description = "transaction id"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002
        """Return PostgreSQL's name of the type."""
        return "xid8"

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """Return what psycopg read, which takes it for text, as a number."""
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Return a literal: no operator compares an ``xid8`` with a number."""
        return None if value is None else str(value)


class PlaceField(models.Field):  # type: ignore[type-arg]
    """Where a row lies in its table: PostgreSQL's ``ctid``, which every table has."""

    description = "place of a row"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002
        """Return PostgreSQL's name of the type."""
        return "tid"


class Change(models.Model):
    """What the SQL function ``caching_record`` writes, one row for each statement that changed something.

    The table is made by the migration: it has no key, and Django's tables have to. Its rows are never updated, so each
    stays where it lies.
    """

    place = PlaceField(primary_key=True, db_column="ctid", editable=False)
    xid = TransactionIdField(editable=False)
    tags = ArrayField(models.TextField(), editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        managed = False
        default_permissions: ClassVar = ()
        permissions: ClassVar = [
            ("view_cache", "Can see how the cache does"),
            ("invalidate_cache", "Can have documents built anew"),
        ]

    def __str__(self) -> str:
        return f"{self.xid}: {' '.join(self.tags)}"
