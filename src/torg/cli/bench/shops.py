"""The shops that are measured: one database for each size, kept from run to run."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from torg.cli.bench.programs import run
from torg.lib.embedded import postgresql_url

PROGRAM = "torg.cli.main"


class Shop:
    """A shop of its own in the PostgreSQL under ``data_dir``, which must be running."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.administration_url = postgresql_url(data_dir)
        self.name = name
        self.database_url = urlunsplit(urlsplit(self.administration_url)._replace(path=f"/{name}"))
        self.environment = {
            "TORG_DATA_DIR": str(data_dir),
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "RATE_LIMITS": "off",
        }

    def create(self, *, anew: bool = False) -> None:
        """Create the database where it is missing, or in any case ``anew``, and migrate it."""
        name = sql.Identifier(self.name)
        with psycopg.connect(self.administration_url, autocommit=True) as connection:
            if anew:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [self.name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        run(PROGRAM, "migrate", environment=self.environment)

    def fill(self, products: int) -> None:
        """Fill it with that many products where it has fewer, and tidy up as autovacuum would in time."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute("SELECT count(*) FROM catalogue_product").fetchone()
            if row is not None and row[0] == products:
                return
            run("torg.cli.bench.filling", str(products), environment=self.environment)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")  # now, and not while something is measured

    def product_slugs(self, count: int) -> list[str]:
        """Return the slugs of ``count`` products on sale from all over the shop, the same each time."""
        return self._column(
            "SELECT slug FROM catalogue_product WHERE is_active ORDER BY md5(slug) LIMIT %s", [count]
        )

    def category_slugs(self) -> list[str]:
        """Return the slugs of all categories."""
        return self._column("SELECT slug FROM catalogue_category WHERE is_visible ORDER BY slug", [])

    def _column(self, statement: str, parameters: Sequence[int]) -> list[str]:
        with psycopg.connect(self.database_url) as connection:
            return [row[0] for row in connection.execute(statement.encode(), parameters)]
