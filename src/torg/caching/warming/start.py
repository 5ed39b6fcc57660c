"""Start to warm."""

from contextlib import suppress

from django.conf import settings
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from torg.caching.keys import build
from torg.caching.warming.groups import ALL, ensure_job_type
from torg.caching.warming.job import WarmingJob

TASK = "torg.caching.warming.tasks.warm"


def start_warming(job_type: str) -> WarmingJob:
    """Have a worker build all documents of ``job_type`` that are not fresh, once the current transaction is committed.

    A job of the type that still waits is joined. Raises ``NoSuchGroup``.
    """
    return start_or_join(job_type)[0]


def start_or_join(job_type: str) -> tuple[WarmingJob, bool]:
    """Start to warm as ``start_warming`` does, and tell whether the job is a new one."""
    ensure_job_type(job_type)
    with transaction.atomic():
        job, is_new = _made_or_joined(job_type)
        if is_new:
            enqueue(job)
    return job, is_new


def warm_after_import() -> WarmingJob | None:
    """Start to warm what an import changed; documents it did not touch are fresh, and passed over."""
    return start_warming(ALL) if settings.TORG_CACHE else None


def queue_of(of_build: str) -> str:
    """Return the queue of a build's jobs: only its own workers make its documents."""
    return f"warming-{of_build}"


def enqueue(job: WarmingJob) -> None:
    """Hand ``job`` to the workers of its build, in the current transaction; once is enough while it waits."""
    lock = f"warming {job.pk}"
    if ProcrastinateJob.objects.filter(queueing_lock=lock, status="todo").exists():
        return
    # Django's own connection, also in a worker, where Procrastinate has one to itself.
    manager = JobManager(DjangoConnector())
    deferrer = configure_task(name=TASK, job_manager=manager, queue=queue_of(job.build), queueing_lock=lock)
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(job_id=str(job.pk))


def _made_or_joined(job_type: str) -> tuple[WarmingJob, bool]:
    """Find the job that waits, or make one. A job that is joined is begun after this transaction only."""
    waiting = WarmingJob.objects.select_for_update().filter(
        job_type=job_type, build=build(), status=WarmingJob.Status.PENDING
    )
    while True:
        joined = waiting.first()
        if joined is not None:
            return joined, False
        try:
            with transaction.atomic():
                return WarmingJob.objects.create(job_type=job_type, build=build()), True
        except IntegrityError:
            continue  # Another was quicker; if it has been begun by now, there is room for one more.
