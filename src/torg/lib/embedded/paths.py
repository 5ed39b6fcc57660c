"""Where the embedded servers keep their files and sockets; known before they run."""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

USER = DATABASE = "torg"
PORT = 5432  # of a Unix socket: only a part of its name
# The kernel's limit for the path of a Unix socket is 108 bytes, and PostgreSQL's file name takes 16 of them.
LONGEST_SOCKET_DIR = 90


def postgresql_dir(data_dir: Path) -> Path:
    """Return the directory of the embedded PostgreSQL's cluster."""
    return data_dir / "postgresql"


def socket_dir(data_dir: Path) -> Path:
    """Return the directory of both sockets: in ``data_dir``, or in ``/tmp`` if a socket cannot be there."""
    inside = data_dir / "run"
    # A comma would be two hosts to PostgreSQL's clients.
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIR and "," not in str(inside):
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    # Not where TMPDIR points: all processes must find the same one. Whose it is is checked when it is made.
    return Path("/tmp") / f"torg-{os.getuid()}-{name}"  # noqa: S108


def redis_socket(data_dir: Path) -> Path:
    """Return the path of the embedded Redis's socket."""
    return socket_dir(data_dir) / "redis.sock"


def postgresql_url(data_dir: Path) -> str:
    """Return the ``DATABASE_URL`` of the embedded PostgreSQL under ``data_dir``."""
    return f"postgresql://{USER}@{quote(str(socket_dir(data_dir)), safe='')}:{PORT}/{DATABASE}"


def redis_url(data_dir: Path) -> str:
    """Return the ``REDIS_URL`` of the embedded Redis under ``data_dir``."""
    return f"unix://{quote(str(redis_socket(data_dir)))}?db=0"
