"""Running a warming job: in two threads, so that PostgreSQL and Python are busy at the same time."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import connection

from torg.caching.building import AWAY
from torg.caching.keys import build
from torg.caching.reading import Warmed
from torg.caching.reading import warm as warm_batch
from torg.caching.redis import RedisAway, using
from torg.caching.trust import Untrusted
from torg.caching.warming.groups import ALL
from torg.caching.warming.job import WarmingJob
from torg.caching.warming.marker import note_warmed
from torg.caching.warming.plan import Batch, batches_of
from torg.caching.warming.start import enqueue

log = structlog.get_logger("torg.caching")
Result = TypeVar("Result")

THREADS = 2
BEAT_SECONDS = 1.0
# Redis may be restarted, or slow for a moment; longer than this, nothing can be warmed.
PATIENCE_SECONDS = 5.0
NAMED_FAILURES = 20

stopping = threading.Event()
"""Set when this process is to end: what runs is given back, for another worker to go on."""


def run(job_id: str) -> None:
    """Run the job, unless somebody else does, or it is another build's."""
    job = WarmingJob.objects.filter(pk=job_id, build=build()).first()
    if job is None or stopping.is_set() or not job.mark_as_running():
        return
    log.info("warming", job=job_id, job_type=job.job_type, attempt=job.attempts)
    try:
        _Run(job).to_its_end()
    except AWAY:
        raise  # Whatever is written now fails, too. In a while it is found to be deserted.
    except (RedisAway, Untrusted) as error:
        job.mark_as_failed(f"Redis cannot be reached, so nothing can be kept: {error}")
    except Exception as error:
        job.mark_as_failed(f"{type(error).__name__}: {error}")
        raise
    job.refresh_from_db()
    event = "warmed" if job.is_over else "warming_left"
    log.info(event, job=job_id, job_type=job.job_type, status=job.status, done=job.done, total=job.total)
    if not stopping.is_set():
        _begin_next(job)


class _Run:
    """One attempt at a job."""

    def __init__(self, job: WarmingJob) -> None:
        self.job = job
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.is_ours = True
        self.batches: Iterator[Batch] = iter(())
        self.done = 0
        self.total = 0
        self.failures: list[tuple[str, str]] = []

    def to_its_end(self) -> None:
        if not settings.TORG_CACHE:
            self.job.mark_as_failed("The cache is switched off (CACHE), so there is nothing to warm.")
            return
        # What is stored from now on is lost with this run of Redis.
        run_id = _patiently(lambda: using(lambda redis: redis.run_id), self.is_over)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="warming") as pool:
            try:
                self.go_through(pool)
            except BaseException:
                self.is_over.set()  # Nobody says any more that he is there, so the threads must not go on.
                raise
        self.end(run_id)

    def go_through(self, pool: ThreadPoolExecutor) -> None:
        """Plan, and warm what was planned."""
        planned = pool.submit(self.plan)
        self.attend([planned])
        batches = planned.result()
        self.total = sum(len(asked) for _, asked in batches)
        self.batches = iter(batches)
        working = [pool.submit(self.work) for _ in range(THREADS)]
        self.attend(working)
        for each in working:
            each.result()

    def attend(self, futures: "Sequence[Future[Any]]") -> None:
        """Wait for the threads, and say once a second that somebody is at it."""
        while wait(futures, BEAT_SECONDS, return_when=FIRST_EXCEPTION).not_done and not self.is_over.is_set():
            if stopping.is_set():
                self.is_over.set()
            elif not self.job.mark_as_seen(done=self.done, total=self.total):
                self.is_ours = False
                self.is_over.set()

    def plan(self) -> list[Batch]:
        """Find out what there is to warm, in a thread."""
        try:
            return _patiently(lambda: batches_of(self.job.job_type), self.is_over)
        finally:
            connection.close()

    def work(self) -> None:
        """Warm batch after batch, in a thread."""
        try:
            while not self.is_over.is_set() and not stopping.is_set():
                with self.lock:
                    batch = next(self.batches, None)
                if batch is None:
                    return
                kind, asked = batch
                warmed = _patiently(lambda: warm_batch(kind, asked), self.is_over)  # noqa: B023  (called at once)
                self.note(warmed)
        except BaseException:
            self.is_over.set()
            raise
        finally:
            connection.close()

    def note(self, warmed: Warmed) -> None:
        with self.lock:
            self.done += warmed.done
            self.failures += warmed.failures

    def end(self, run_id: str) -> None:
        if not self.is_ours:
            return
        self.job.done, self.job.total = self.done, self.total
        if stopping.is_set() or self.is_over.is_set():
            if self.job.give_back():
                enqueue(self.job)
        elif self.failures and not self.done:
            self.job.mark_as_failed(_told(self.failures))
        else:
            if self.job.job_type == ALL:
                note_warmed(run_id)
            self.job.mark_as_completed(_told(self.failures))


def _patiently(work: Callable[[], Result], is_over: threading.Event) -> Result:
    """Return what ``work`` returns, trying again for a while where Redis is away."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except (RedisAway, Untrusted):
            if time.monotonic() >= deadline or is_over.wait(0.2) or stopping.is_set():
                raise


def _told(failures: Sequence[tuple[str, str]]) -> str:
    lines = [f"{name}: {reason}" for name, reason in failures[:NAMED_FAILURES]]
    more = len(failures) - len(lines)
    return "\n".join([*lines, *([f"and {more} more"] if more else [])])


def _begin_next(ended: WarmingJob) -> None:
    """Hand over the job of the same type that waited for the end of this one."""
    waiting = WarmingJob.objects.filter(
        job_type=ended.job_type, build=ended.build, status=WarmingJob.Status.PENDING
    )
    for job in waiting:
        enqueue(job)
