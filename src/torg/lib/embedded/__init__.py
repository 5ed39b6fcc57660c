"""The PostgreSQL and Redis that come with Torg, for a machine that has none of its own."""

from torg.lib.embedded.paths import postgresql_url, redis_url

__all__ = ["postgresql_url", "redis_url"]
