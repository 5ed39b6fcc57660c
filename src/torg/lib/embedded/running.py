"""The servers run while anybody uses them: the first one in starts them, the last one out stops them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torg.lib.embedded import postgresql, redis
from torg.lib.embedded.failure import EmbeddedServerFailed
from torg.lib.embedded.locks import lock, locked, try_lock
from torg.lib.embedded.paths import socket_dir


@contextmanager
def running(data_dir: Path, *, needs_postgresql: bool = True, needs_redis: bool = True) -> Iterator[None]:
    """Keep the servers under ``data_dir`` running for the block, or raise ``EmbeddedServerFailed``.

    Any number of processes may do so at a time. Servers whose users were all killed go on running; the next
    user takes them over, and stops them when it is the last to leave.
    """
    if not (needs_postgresql or needs_redis):
        yield
        return
    in_use = _enter(data_dir, needs_postgresql=needs_postgresql, needs_redis=needs_redis)
    try:
        yield
    finally:
        with locked(_starting(data_dir)):
            _leave(data_dir, in_use)


def _enter(data_dir: Path, *, needs_postgresql: bool, needs_redis: bool) -> int:
    """Start what does not run yet; return the descriptor that says that we use it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _make_socket_dir(data_dir)
        with locked(_starting(data_dir)) as start_lock:
            in_use = lock(_in_use(data_dir), shared=True)
            try:
                if needs_postgresql:
                    postgresql.start(data_dir, start_lock=start_lock)
                if needs_redis:
                    redis.start(data_dir)
            except BaseException:
                _leave(data_dir, in_use)
                raise
    except OSError as error:
        raise EmbeddedServerFailed(
            f"{error.filename or data_dir} cannot be used: {error.strerror}. "
            "Set TORG_DATA_DIR to a directory this user may write to, with room on its disk."
        ) from error
    return in_use


def _leave(data_dir: Path, in_use: int) -> None:
    """Stop using the servers, and stop them if nobody else uses them. Called under the lock."""
    os.close(in_use)
    nobody_else = try_lock(_in_use(data_dir))
    if nobody_else is None:
        return
    try:
        redis.stop(data_dir)
        postgresql.stop(data_dir)
    finally:
        os.close(nobody_else)


def _make_socket_dir(data_dir: Path) -> None:
    """Make the directory only we may enter: whoever reaches the sockets reaches all data."""
    directory = socket_dir(data_dir)
    directory.mkdir(mode=0o700, exist_ok=True)
    is_ours = directory.lstat().st_uid in {os.geteuid(), data_dir.stat().st_uid}
    if directory.is_symlink() or not is_ours:
        raise EmbeddedServerFailed(
            f"{directory} belongs to somebody else. Remove it, or choose another TORG_DATA_DIR."
        )
    directory.chmod(0o700)


def _starting(data_dir: Path) -> Path:
    return data_dir / "locks" / "starting"


def _in_use(data_dir: Path) -> Path:
    return data_dir / "locks" / "in-use"
