"""The watch: a thread of each worker that finds jobs nobody is at, and warms a cache that is empty."""

import threading
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models.functions import Coalesce, Now

from torg.caching.keys import build
from torg.caching.redis import RedisAway
from torg.caching.warming.groups import ALL
from torg.caching.warming.job import MOST_ATTEMPTS, WarmingJob
from torg.caching.warming.marker import (
    is_warmed,
    keep_warmed,
    note_worker,
    note_worker_gone,
    warms_by_itself,
)
from torg.caching.warming.start import enqueue, start_warming

log = structlog.get_logger("torg.caching")

EVERY_SECONDS = 3.0
_LOST_AFTER = timedelta(seconds=3)
_NOT_AGAIN_FOR = timedelta(seconds=60)
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('torg warming of a new build', 0))"


class Watch:
    """Looks every three seconds, from ``start`` to ``stop``, whatever fails meanwhile. Any number may run."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming-watch", daemon=True)
        self._is_failing = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                _look_and_let_go()
            except Exception as error:  # It must outlive everything, and says so once for each trouble.
                if not self._is_failing:
                    log.warning("warming_waits", error=str(error))
                self._is_failing = True
            else:
                self._is_failing = False
            if self._is_over.wait(EVERY_SECONDS):
                break
        note_worker_gone()


def look() -> None:
    """Say that this worker is there, hand out what nobody is at, and see to it that an empty cache is filled."""
    note_worker()
    keep_warmed()
    hand_out_what_waits()
    warm_if_new()


def _look_and_let_go() -> None:
    try:
        look()
    finally:
        connection.close()  # Back to the pool, whose other users may wait for it.


def hand_out_what_waits() -> None:
    """Hand jobs of this build to its workers whose worker died or stopped, or that were forgotten."""
    jobs = WarmingJob.objects.of_build(build())
    for job in jobs.deserted():
        if job.attempts >= MOST_ATTEMPTS:
            job.mark_as_failed(f"It was begun {job.attempts} times, and never came to its end.")
        else:
            enqueue(job)
    heard_of = Coalesce("seen_at", "created_at")
    forgotten = jobs.alias(heard_of=heard_of).filter(
        status=WarmingJob.Status.PENDING,
        heard_of__lt=Now() - _LOST_AFTER,
    )
    # While another one of its type runs it has to wait; who ends that one begins this.
    for job in forgotten.exclude(job_type__in=jobs.alive().values("job_type")):
        enqueue(job)


def warm_if_new() -> WarmingJob | None:
    """Start to warm everything where this run of Redis has never held this build's documents; once, whoever asks."""
    if not warms_by_itself():
        return None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        jobs = WarmingJob.objects.of_build(build()).filter(job_type=ALL)
        just_failed = jobs.filter(
            status=WarmingJob.Status.FAILED,
            completed_at__gt=Now() - _NOT_AGAIN_FOR,
        )
        try:
            # In this order: whoever ends a job tells Redis first.
            if jobs.active().exists() or just_failed.exists() or is_warmed():
                return None
        except RedisAway:
            return None
        return start_warming(ALL)
