"""Names in Redis: of this shop's database, and of this build of its code."""

import hashlib
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection

_IDENTITY = """
    SELECT system_identifier::text, (SELECT oid::text FROM pg_database WHERE datname = current_database())
    FROM pg_control_system()
"""
_lock = threading.Lock()
_namespaces: dict[str, str] = {}


def key(name: str) -> str:
    """Return the key ``name`` of this shop: two databases never share one, whatever they are called."""
    database = settings.DATABASES["default"]["NAME"]
    namespace = _namespaces.get(database)
    if namespace is None:
        with _lock:
            namespace = _namespaces.get(database) or _read_namespace()
            _namespaces[database] = namespace
    return f"{namespace}:{name}"


def is_known() -> bool:
    """Say whether ``key`` answers without asking PostgreSQL, which may be away."""
    return settings.DATABASES["default"]["NAME"] in _namespaces


def document_key(name: str) -> str:
    """Return the key of a document as this build makes it; another build keeps its own beside it."""
    return key(f"document:{build()}:{name}")


def forget_namespace() -> None:
    """Ask PostgreSQL again who it is at the next use: its database was replaced."""
    _namespaces.clear()


@cache
def build() -> str:
    """Return a short name of the code and the settings that shape documents: ``BUILD_VERSION``, or a digest."""
    named: str = settings.TORG_BUILD_VERSION
    digest = hashlib.blake2b(digest_size=6)
    for part in (named,) if named else _sources():
        digest.update(part.encode() if isinstance(part, str) else part)
    for name in ("TORG_CURRENCY", "MEDIA_URL", "STORAGES", "ROOT_URLCONF", "FORCE_SCRIPT_NAME"):
        digest.update(repr(getattr(settings, name)).encode())
    return digest.hexdigest()


def _sources() -> Iterator[bytes]:
    """Go through the code of this package and of the project's own apps; that of libraries has versions."""
    packages = {Path(__file__).parents[1]}
    packages.update(
        Path(config.path) for config in apps.get_app_configs() if "site-packages" not in config.path
    )
    for path in sorted({path for package in packages for path in package.rglob("*.py")}):
        yield path.read_bytes()


def _read_namespace() -> str:
    # Over a connection of its own: this thread's may be in the middle of a transaction, or of a COPY.
    with connection.wrap_database_errors, psycopg.connect(**connection.get_connection_params()) as asking:
        row = asking.execute(_IDENTITY).fetchone()
    identity = ":".join(row or ())
    return f"torg:{hashlib.blake2b(identity.encode(), digest_size=6).hexdigest()}"
