"""Paging by cursor: a page begins after a row, not after a number of rows, so its cost is the same at any depth.

An order is a tuple of columns that together are unique, all ascending or all descending, so that PostgreSQL answers
``WHERE (a, b) < (x, y) ORDER BY a DESC, b DESC LIMIT n`` from one index.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Field, Func, QuerySet
from django.db.models.lookups import GreaterThan, LessThan

from torg.lib.parameters import WrongValue

Row = Mapping[str, Any]
Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")


class WrongCursor(ValueError):
    """The cursor was not given out by us, or it belongs to another order."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the sort key of one of them, as texts, and which way to go on from there."""

    order: str
    key: tuple[str, ...]
    is_backward: bool = False

    def encoded(self) -> str:
        """Return it as an opaque string that is safe in a URL."""
        packed = msgspec.json.encode([self.order, self.key, self.is_backward])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def decoded(cls, text: str) -> "Cursor":
        """Read what ``encoded`` wrote, or raise ``WrongCursor``."""
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return cls(*msgspec.json.decode(packed, type=tuple[str, tuple[str, ...], bool]))
        except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
            raise WrongCursor from error


@dataclass(frozen=True, slots=True)
class Order:
    """A named order over rows. ``columns`` (with the field that checks each) must be unique together."""

    name: str
    columns: "Mapping[str, Field[Any, Any]]"
    is_descending: bool = False

    def beyond(self, rows: Rows, *, after: Sequence[Expression], is_backward: bool = False) -> Rows:
        """Keep the rows that follow the sort key ``after``, or precede it, nearest first."""
        lookup = LessThan if self.is_descending != is_backward else GreaterThan
        rows = rows.filter(lookup(_row(*map(F, self.columns)), _row(*after)))
        return self.sorted(rows, is_backward=is_backward)

    def key_of(self, cursor: Cursor) -> list[Any]:
        """Return the sort key that ``cursor`` holds, or raise ``WrongCursor`` where it is not one of this order."""
        if cursor.order != self.name or len(cursor.key) != len(self.columns):
            raise WrongCursor
        try:
            return [
                _in_utc(field.clean(text.replace("\0", ""), None))
                for field, text in zip(self.columns.values(), cursor.key, strict=True)
            ]
        except (ValidationError, OverflowError) as error:
            raise WrongCursor from error

    def sorted(self, rows: Rows, *, is_backward: bool = False) -> Rows:
        """Sort ``rows`` this way, or from the end."""
        is_descending = self.is_descending != is_backward
        return rows.order_by(*[f"-{name}" if is_descending else name for name in self.columns])

    def cut(self, fetched: Sequence[Row], *, size: int, cursor: Cursor | None) -> "Page":
        """Make the page of ``fetched``, which has one row more than the page where there are more.

        Each row holds at least this order's columns. What stood beyond ``cursor`` may be gone: then only the way back
        is open.
        """
        has_more = len(fetched) > size
        rows = list(fetched[:size])
        is_backward = cursor is not None and cursor.is_backward
        if is_backward:
            rows.reverse()
        has_next = is_backward or has_more
        has_previous = has_more if is_backward else cursor is not None
        if not rows:
            way_back = replace(cursor, is_backward=True) if cursor is not None and not is_backward else None
            return Page(rows=rows, next=None, previous=way_back)
        return Page(
            rows=rows,
            next=Cursor(self.name, self._key(rows[-1])) if has_next else None,
            previous=Cursor(self.name, self._key(rows[0]), is_backward=True) if has_previous else None,
        )

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(
            value.isoformat() if isinstance(value, datetime) else str(value)
            for value in (row[name] for name in self.columns)
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, and the cursors to its neighbours where there are any."""

    rows: Sequence[Row]
    next: Cursor | None
    previous: Cursor | None


def parse_cursor(text: str) -> Cursor:
    """Read a cursor that we gave out."""
    try:
        return Cursor.decoded(text)
    except WrongCursor:
        raise WrongValue("Is not a cursor of ours; take it from next or previous.") from None


def _row(*values: F | Expression) -> Func:
    return Func(*values, template="(%(expressions)s)", output_field=BooleanField())


def _in_utc(value: Any) -> Any:
    """Return a time in UTC: PostgreSQL does not know every offset that Python does."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise WrongCursor
    return value.astimezone(UTC)
