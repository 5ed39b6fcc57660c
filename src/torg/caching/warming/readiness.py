"""Whether this process may be sent shoppers: not while the documents of its build are warmed for the first time."""

import time

from django.utils import timezone

from torg.caching.keys import build
from torg.caching.redis import RedisAway
from torg.caching.warming.groups import ALL
from torg.caching.warming.job import WarmingJob
from torg.caching.warming.marker import is_warmed, warms_by_itself

# A worker of the same build that was started at the same time has asked to warm by then.
WORKER_SECONDS = 3
# For a worker to take a job: the first, or another after one that died.
TAKEN_SECONDS = 60


class Readiness:
    """What is waited for; once that is nothing it stays so, for whoever serves goes on serving."""

    def __init__(self) -> None:
        self._asked_since: float | None = None
        self._is_ready = False

    def waits_for(self) -> str | None:
        """Say what this process waits for, if it does."""
        if self._is_ready:
            return None
        if self._asked_since is None:
            self._asked_since = time.monotonic()
        try:
            waits_for = self._look()
        except RedisAway:
            # Nothing can be warmed now, and the shop works without it; when it is back, it is asked again.
            self._asked_since = None
            return None
        self._is_ready = waits_for is None
        return waits_for

    def _look(self) -> str | None:
        if not warms_by_itself() or is_warmed():
            return None
        jobs = WarmingJob.objects.of_build(build()).filter(job_type=ALL)
        job = jobs.active().order_by("-status").first()
        if job is None:
            # One that is completed says nothing of what Redis holds now: only ``is_warmed`` does.
            newest = jobs.first()
            has_failed = newest is not None and newest.status == WarmingJob.Status.FAILED
            waited = time.monotonic() - (self._asked_since or 0.0)
            return None if has_failed or waited >= WORKER_SECONDS else "waits for a worker"
        heard_of = job.seen_at or job.created_at
        if (timezone.now() - heard_of).total_seconds() >= TAKEN_SECONDS:
            return None
        # Also where its worker has died: others go on with it.
        is_begun = job.status == WarmingJob.Status.RUNNING
        return f"{job.done} of {job.total} documents" if is_begun else "waits for a worker"


readiness = Readiness()
