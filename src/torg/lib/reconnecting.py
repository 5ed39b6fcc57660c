"""Reads that outlive a restart of PostgreSQL."""

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

Read = TypeVar("Read")


def read_again_when_disconnected(read: Callable[[], Read]) -> Read:
    """Return what ``read`` returns; where its connection turns out to be dead, drop all that are and read once more.

    Only for what changes nothing. Asking each connection whether it lives before it is used would cost every request
    a round trip, for what happens once in a restart.
    """
    try:
        return read()
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or (connection.connection is not None and connection.is_usable()):
            raise
        connection.close()
        if connection.pool:  # type: ignore[attr-defined]
            connection.pool.check()  # type: ignore[attr-defined]
        return read()
