"""The scratch PostgreSQL and Redis of a run, and all that can happen to them."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis

from torg.lib.embedded import postgresql, postgresql_dir, postgresql_url, redis_url, running
from torg.lib.embedded import redis as embedded_redis
from torg.lib.embedded.locks import locked
from torg.lib.embedded.processes import becomes_true, command_of

GONE_SECONDS = 30
RESTORED = "dump.rdb"


class Servers:
    """PostgreSQL and Redis under ``data_dir``, which are ours alone."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.database_url = postgresql_url(data_dir)
        self.redis_url = redis_url(data_dir)
        self._snapshot = data_dir / "redis" / RESTORED

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep both running for the block, and end them after it, whatever has been done to them."""
        self._snapshot.unlink(missing_ok=True)
        with running(self.data_dir):
            yield

    def redis(self) -> "redis.Redis":
        """Connect to Redis."""
        return redis.Redis.from_url(self.redis_url, socket_timeout=5)

    def hang_redis(self, seconds: float) -> None:
        """Stop Redis in its tracks for a while."""
        pid = self._redis_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def kill_redis(self, *, away_for: float = 0.0) -> None:
        """Kill Redis, and start an empty one after a while."""
        self._end(self._redis_pid(), signal.SIGKILL)
        time.sleep(away_for)
        embedded_redis.start(self.data_dir)

    def restore_redis(self, *, after: float) -> None:
        """Bring Redis back to what it was a while ago."""
        with self.redis() as client:
            client.save()
        earlier = self._snapshot.with_suffix(".earlier")
        self._snapshot.replace(earlier)
        time.sleep(after)
        self._end(self._redis_pid(), signal.SIGKILL)
        shutil.move(earlier, self._snapshot)
        embedded_redis.start(self.data_dir)
        self._snapshot.unlink()

    def fill_redis(self, seconds: float) -> None:
        """Have Redis evict what it holds, for lack of memory."""
        with self.redis() as client:
            used = int(client.info("memory")["used_memory"])
            before = client.config_get("maxmemory")["maxmemory"]
            client.config_set("maxmemory", max(1, used - 150_000))
            time.sleep(seconds)
            client.config_set("maxmemory", before)

    def have_redis_refuse(self, what: str, seconds: float) -> None:
        """Have Redis refuse commands for a while, such as ``zadd`` or ``@write``, and answer all others."""
        with self.redis() as client:
            client.execute_command("ACL", "SETUSER", "default", f"-{what}")
            try:
                time.sleep(seconds)
            finally:
                client.execute_command("ACL", "SETUSER", "default", f"+{what}")

    def restart_postgresql(self) -> None:
        """End PostgreSQL at once, as a crash does, and start it again."""
        pid_file = postgresql_dir(self.data_dir) / "postmaster.pid"
        self._end(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
        with locked(self.data_dir / "locks" / "restarting") as lock:
            postgresql.start(self.data_dir, start_lock=lock)

    def terminate_connections(self, application: str) -> None:
        """End the connections of a kind of programs to PostgreSQL."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                [application],
            )

    def _redis_pid(self) -> int:
        with self.redis() as client:
            return int(client.info("server")["process_id"])

    def _end(self, pid: int, number: signal.Signals) -> None:
        os.kill(pid, number)
        becomes_true(lambda: not command_of(pid), seconds=GONE_SECONDS)
