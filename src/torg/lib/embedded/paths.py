"""Where the embedded servers keep their files and sockets; known before they run."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

USER = DATABASE = "torg"
# The kernel's limit for the path of a Unix socket is 108 bytes, and PostgreSQL's file name takes 16 of them.
LONGEST_SOCKET_DIR = 90


def postgresql_dir(data_dir: Path) -> Path:
    """Return the directory of the embedded PostgreSQL's cluster."""
    return data_dir / "postgresql"


def socket_dir(data_dir: Path) -> Path:
    """Return the directory of both sockets: in ``data_dir``, or where that is too long, a short one of its own."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIR:
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"torg-{os.getuid()}-{name}"


def redis_socket(data_dir: Path) -> Path:
    """Return the path of the embedded Redis's socket."""
    return socket_dir(data_dir) / "redis.sock"


def postgresql_url(data_dir: Path) -> str:
    """Return the ``DATABASE_URL`` of the embedded PostgreSQL under ``data_dir``."""
    return f"postgresql://{USER}@{quote(str(socket_dir(data_dir)), safe='')}/{DATABASE}"


def redis_url(data_dir: Path) -> str:
    """Return the ``REDIS_URL`` of the embedded Redis under ``data_dir``."""
    return f"unix://{quote(str(redis_socket(data_dir)))}?db=0"
