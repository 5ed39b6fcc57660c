"""The relay: a thread of each worker that raises the marks of all that was missed, and tidies up.

Any number may run, anywhere.
"""

import threading
import time

import structlog
from django.conf import settings
from django.db import connection

from torg.caching import changes, marks
from torg.caching.keys import key
from torg.caching.redis import Connection, RedisAway, using
from torg.caching.trust import Untrusted, confirm, held

log = structlog.get_logger("torg.caching")

EVERY_SECONDS = 0.1
TIDY_EVERY_SECONDS = 60.0
# Documents expire by the clocks of several machines.
_CLOCKS_DIFFER_BY_SECONDS = 3_600


class Relay:
    """Confirms ten times a second, from ``start`` to ``stop``, whatever fails meanwhile."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._tidied_at = time.monotonic()
        self._is_failing = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, when the confirmation under way is done."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(EVERY_SECONDS):
            try:
                using(confirm, is_patient=True)
                if time.monotonic() >= self._tidied_at + TIDY_EVERY_SECONDS:
                    self._tidied_at = time.monotonic()
                    using(tidy)
            except Exception as error:  # It must outlive everything, and says so once for each trouble.
                self._note_failure(error)
            else:
                self._note_success()

    def _note_failure(self, error: Exception) -> None:
        if not self._is_failing:
            is_expected = isinstance(error, (RedisAway, Untrusted))
            log.warning("relay_waits", error=str(error), exc_info=None if is_expected else error)
        self._is_failing = True

    def _note_success(self) -> None:
        if self._is_failing:
            log.info("relay_goes_on")
        self._is_failing = False


def tidy(redis: Connection) -> None:
    """Remove changes older than an hour, and marks that no document is old enough to need.

    What has to be kept is reckoned from what was confirmed last, by this process.
    """
    try:
        changes.remove_old(connection, confirmed_below=held.xmin)
    finally:
        connection.close()
    horizons = key(f"horizons:{held.epoch}")
    now = int(time.time())
    oldest = now - settings.TORG_CACHE_MAX_AGE - _CLOCKS_DIFFER_BY_SECONDS
    redis.run("ZADD", horizons, now, f"{held.xmin}:{now}")
    redis.run("EXPIRE", horizons, 2 * (now - oldest))
    past = redis.run("ZRANGE", horizons, oldest, "-inf", "BYSCORE", "REV", "LIMIT", 0, 1)
    if past:
        # Whatever was built since then has a horizon above this one.
        marks.trim(redis, int(past[0].split(b":")[0]))
        redis.run("ZREMRANGEBYSCORE", horizons, "-inf", f"({oldest - 2 * TIDY_EVERY_SECONDS:.0f}")
