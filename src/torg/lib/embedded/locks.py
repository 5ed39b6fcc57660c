"""Locks between processes. The kernel frees them when their holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def lock(path: Path, *, shared: bool = False) -> int:
    """Wait for the lock on the file ``path``; return the descriptor that holds it until it is closed."""
    return _lock(path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def try_lock(path: Path) -> int | None:
    """Lock the file ``path`` alone, or return None at once if another process holds it."""
    try:
        return _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock on ``path`` alone for the block; children that inherit its descriptor share the lock."""
    descriptor = lock(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(path: Path, operation: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
