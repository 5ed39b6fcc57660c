"""The PostgreSQL and Redis that come with Torg, for a machine that has none of its own."""

from torg.lib.embedded.cluster import way_out
from torg.lib.embedded.failure import EmbeddedServerFailed
from torg.lib.embedded.paths import postgresql_dir, postgresql_url, redis_url
from torg.lib.embedded.running import running

__all__ = ["EmbeddedServerFailed", "postgresql_dir", "postgresql_url", "redis_url", "running", "way_out"]
