"""``torg migrate``: bring the database's schema to that of the code."""

from collections.abc import Iterator
from contextlib import contextmanager

from torg.cli.setup import (
    ensure_postgresql_answers,
    ensure_schema_is_not_newer,
    missing_migrations,
    shop_running,
)

# Any number that no other program takes in this database; it says "torg".
MIGRATION_LOCK = 0x746F7267


def migrate() -> None:
    """Apply the migrations the database lacks.

    Several may run at once, as at a deploy on many machines: one migrates, the others wait for it.

    Example: [bold]torg migrate[/bold]
    """
    with shop_running():
        count = apply_migrations()
    print(f"Applied {count} migrations." if count else "The database is current.")


def apply_migrations() -> int:
    """Apply what is missing and return how many that were; raise ``Refused`` if the database is newer."""
    from django.core.management import call_command

    ensure_schema_is_not_newer()
    if not missing_migrations():
        return 0
    with _alone():
        missing = missing_migrations()
        call_command("migrate", interactive=False, verbosity=0)
    return len(missing)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until nobody else migrates this database, and keep others waiting for the block.

    The lock is a transaction's, on a connection of its own, so that it also holds behind a pooler.
    """
    from django.db import connection

    ensure_postgresql_answers()
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
        yield
        holder.rollback()
    finally:
        holder.close()
