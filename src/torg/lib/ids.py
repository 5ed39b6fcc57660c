"""Ids: UUIDv7, whose order is the order in which they were made."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """Make a new id."""
    return _uuid7()
