"""The shops that are measured: one database for each size, kept from run to run."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from torg.cli.bench.programs import run
from torg.lib.embedded import postgresql_url, redis_url

PROGRAM = "torg.cli.main"
REDIS_SECONDS = 60


class Shop:
    """A shop of its own in the PostgreSQL and Redis under ``data_dir``, which must be running."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.data_dir = data_dir
        self.name = name
        self.administration_url = postgresql_url(data_dir)
        self.database_url = urlunsplit(urlsplit(self.administration_url)._replace(path=f"/{name}"))
        self.environment = {
            # Torg's own, whatever the settings of whoever measures.
            "DJANGO_SETTINGS_MODULE": "torg.config.settings",
            "TORG_DATA_DIR": str(data_dir),
            "DATABASE_URL": self.database_url,
            # Said, because it is emptied: never one that a real shop uses.
            "REDIS_URL": redis_url(data_dir),
            # What an earlier run left is another build's, and all programs of this one are of the same.
            "BUILD_VERSION": f"bench-{secrets.token_hex(4)}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "RATE_LIMITS": "off",
            "CACHE": "on",
            "CACHE_WARM_LIMIT": "50000",
            "FRESHNESS_MAX_LAG_MS": "0",
            "METRICS_TOKEN": "",
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

    @contextmanager
    def scratch(self) -> Iterator["Shop"]:
        """Have a copy of this shop for the block, of which nobody is connected."""
        copy = Shop(self.data_dir, f"{self.name}_scratch")
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy.name))
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with psycopg.connect(self.administration_url, autocommit=True) as connection:
            connection.execute(drop)
            connection.execute(create.format(sql.Identifier(copy.name), sql.Identifier(self.name)))
            try:
                yield copy
            finally:
                connection.execute(drop)

    def fill(self, products: int) -> None:
        """Fill it with that many products where it has fewer, and tidy up as autovacuum would in time."""
        with self.connected() as connection:
            row = connection.execute("SELECT count(*) FROM catalogue_product").fetchone()
            if row is not None and row[0] == products:
                return
            # It would have the new shop warmed, which is for the bench to do.
            environment = {**self.environment, "CACHE": "off"}
            run("torg.cli.bench.filling", str(products), environment=environment)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")  # now, and not while something is measured

    def empty_cache(self) -> None:
        """Leave nothing in Redis; workers that are started later do not begin to warm by themselves."""
        with self.connected() as connection:
            connection.execute("DELETE FROM caching_warmingjob")
        with self._redis() as server:
            server.flushall()
        run("torg.cli.bench.as_warmed", environment=self.environment)

    def forget_workers(self) -> None:
        """Have none there that may be gone."""
        with self._redis() as server:
            for name in self._workers(server):
                server.delete(name)

    def has_worker(self) -> bool:
        """Say whether a worker has said that it is there."""
        with self._redis() as server:
            return bool(self._workers(server))

    def product_slugs(self, count: int) -> list[str]:
        """Return the slugs of ``count`` products on sale from all over the shop, the same each time."""
        return self._column(
            "SELECT slug FROM catalogue_product WHERE is_active ORDER BY md5(slug) LIMIT %s", [count]
        )

    def priced_products(self, count: int) -> list[tuple[str, str]]:
        """Return id and slug of ``count`` products on sale whose price may be anything, from all over the shop."""
        with self.connected() as connection:
            rows = connection.execute(
                "SELECT id::text, slug FROM catalogue_product WHERE is_active AND compare_at_price IS NULL "
                "ORDER BY md5(slug) LIMIT %s",
                [count],
            )
            return [(product_id, slug) for product_id, slug in rows]

    def products_on_sale(self) -> int:
        """Return how many products have a page."""
        with self.connected() as connection:
            row = connection.execute(
                "SELECT count(*) FROM catalogue_product JOIN catalogue_category category "
                "ON category.id = category_id WHERE catalogue_product.is_active AND category.is_visible"
            ).fetchone()
        return int(row[0]) if row else 0

    def category_slugs(self) -> list[str]:
        """Return the slugs of all categories."""
        return self._column("SELECT slug FROM catalogue_category WHERE is_visible ORDER BY slug", [])

    def connected(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect to its database, each statement a transaction."""
        return psycopg.connect(self.database_url, autocommit=True)

    def _column(self, statement: str, parameters: Sequence[int]) -> list[str]:
        with self.connected() as connection:
            return [row[0] for row in connection.execute(statement.encode(), parameters)]

    def _redis(self) -> "redis.Redis":
        return redis.Redis.from_url(redis_url(self.data_dir), socket_timeout=REDIS_SECONDS)

    def _workers(self, server: "redis.Redis") -> list[bytes]:
        return list(server.scan_iter(match="torg:*:worker:*", count=10_000))
