"""What a command needs before it can touch the shop: Django, the servers, a current schema."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
import psycopg
from django.conf import settings
from django.db import connection
from django.db import connections as all_connections

from torg.cli.refusal import Refused
from torg.lib.embedded import postgresql_dir, running, way_out


@contextmanager
def shop_running(*, connections: int | None = None) -> Iterator[None]:
    """Set Django up and keep the embedded servers, where they are used, running for the block.

    ``connections`` is how many to PostgreSQL this process may have at a time, if not as many as a web process.
    Raises ``EmbeddedServerFailed``, or ``Refused`` if a PostgreSQL of the operator's own cannot be reached.
    """
    if connections is not None:
        os.environ["TORG_CONNECTIONS"] = str(connections)  # The settings size the pool by it.
    django.setup()
    environment = settings.ENVIRONMENT
    with running(
        environment.data_dir,
        needs_postgresql=environment.is_embedded_postgresql,
        needs_redis=environment.is_embedded_redis,
    ):
        try:
            yield
        finally:
            close_connections()


def close_connections() -> None:
    """Close all connections to PostgreSQL: before the server stops, and before this process is forked."""
    for each in all_connections.all(initialized_only=True):
        each.close()
        if hasattr(each, "close_pool"):
            each.close_pool()


def ensure_postgresql_answers() -> None:
    """Raise ``Refused`` if PostgreSQL cannot be reached."""
    try:
        # Not through the pool, which goes on trying for a while and keeps the reason to itself.
        psycopg.connect(**connection.get_connection_params()).close()
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Refused(f"PostgreSQL cannot be reached: {reason}. {_where_to_look()}") from error


def _where_to_look() -> str:
    environment = settings.ENVIRONMENT
    if not environment.is_embedded_postgresql:
        return "Look at DATABASE_URL."
    cluster = postgresql_dir(environment.data_dir)
    return f"If {cluster} is damaged: {way_out(cluster)}"


def ensure_schema_is_current() -> None:
    """Raise ``Refused`` unless the database has exactly the migrations of this Torg."""
    ensure_schema_is_not_newer()
    missing = missing_migrations()
    if missing:
        raise Refused(f"The database lacks {len(missing)} migrations, {missing[0]} first. Run: torg migrate")


def ensure_schema_is_not_newer() -> None:
    """Raise ``Refused`` if a newer Torg has migrated the database."""
    unknown = _unknown_migrations()
    if unknown:
        raise Refused(
            f"The database was migrated by a newer Torg: it has {unknown[-1]}, which this one does not know. "
            "Run that version, or restore a backup from before."
        )


def missing_migrations() -> list[str]:
    """Return the migrations that are to be applied, in order, as ``app.name``."""
    from django.db.migrations.executor import MigrationExecutor

    ensure_postgresql_answers()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _unknown_migrations() -> list[str]:
    """Return the migrations of our apps that are applied, but not in the code."""
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    ensure_postgresql_answers()
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("torg.")}
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update((migration.app_label, name) for _, name in migration.replaces)
    applied = loader.applied_migrations or {}
    return sorted(f"{label}.{name}" for label, name in set(applied) - known if label in ours)
