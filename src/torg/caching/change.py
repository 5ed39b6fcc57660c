"""A change: which tags a transaction changed, written in that transaction by the database itself."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now


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


class IdentityField(models.BigIntegerField):  # type: ignore[type-arg]
    """A number that PostgreSQL gives; Django's own has to be a primary key alone."""

    def db_type_suffix(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002
        """Return what follows the name of the type."""
        return "GENERATED ALWAYS AS IDENTITY"


class Change(models.Model):
    """What the SQL function ``caching_record`` writes, one row for each statement that changed something.

    The primary key is the one index: it serves the ranges of transactions that are asked for.
    """

    pk = models.CompositePrimaryKey("xid", "id")
    xid = TransactionIdField(editable=False)
    id = IdentityField(editable=False)
    tags = ArrayField(models.TextField(), editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions: ClassVar = ()
        permissions: ClassVar = [
            ("view_cache", "Can see how the cache does"),
            ("invalidate_cache", "Can have documents built anew"),
        ]

    def __str__(self) -> str:
        return f"{self.xid}: {' '.join(self.tags)}"
