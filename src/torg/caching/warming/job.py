"""A warming job: what it is to build, how far it is, and who is at it."""

from datetime import timedelta
from typing import ClassVar

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from torg.lib.ids import uuid7

DEAD_AFTER_SECONDS = 15
MOST_ATTEMPTS = 5


class WarmingJobQuerySet(models.QuerySet["WarmingJob"]):
    """Which warming jobs."""

    def of_build(self, build: str) -> "WarmingJobQuerySet":
        """Keep those that warm documents as ``build`` makes them."""
        return self.filter(build=build)

    def active(self) -> "WarmingJobQuerySet":
        """Keep those that are not over."""
        return self.filter(status__in=[WarmingJob.Status.PENDING, WarmingJob.Status.RUNNING])

    def alive(self) -> "WarmingJobQuerySet":
        """Keep those that somebody is at: he was heard of in the last 15 seconds."""
        return self.filter(status=WarmingJob.Status.RUNNING, seen_at__gt=_last_heard_of())

    def deserted(self) -> "WarmingJobQuerySet":
        """Keep those that somebody was at who died."""
        return self.filter(status=WarmingJob.Status.RUNNING, seen_at__lte=_last_heard_of())


class WarmingJob(models.Model):
    """Building, in a worker, all documents of a group that are not fresh; ``all`` stands for every group.

    At most one of a type and build waits, and at most one runs. ``done`` of ``total`` documents are fresh;
    ``error_message`` names those that failed. A job that could do nothing at all has ``failed``; one that left some
    documents out is ``completed``, for the shop serves them all the same, only slower the first time.
    """

    class Status(models.TextChoices):
        """How far a job is."""

        PENDING = "pending", "pending"
        RUNNING = "running", "running"
        COMPLETED = "completed", "completed"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job_type = models.CharField("type", max_length=60)
    build = models.CharField(max_length=64, help_text="Which code and settings the documents are made by.")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField("created", db_default=Now())
    started_at = models.DateTimeField("started", null=True, blank=True)
    completed_at = models.DateTimeField("ended", null=True, blank=True)
    seen_at = models.DateTimeField("last heard of", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was begun; more than once when a worker stopped or died."
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error_message = models.TextField("errors", blank=True)

    objects = WarmingJobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="caching_warmingjob_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job_type", "build"], condition=Q(status="pending"), name="warmingjob_one_pending"
            ),
            models.UniqueConstraint(
                fields=["job_type", "build"], condition=Q(status="running"), name="warmingjob_one_running"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running", "completed", "failed"]),
                name="warmingjob_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(started_at__isnull=False, seen_at__isnull=False),
                name="warmingjob_running_is_seen",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["completed", "failed"], completed_at__isnull=False)
                | Q(status__in=["pending", "running"], completed_at__isnull=True),
                name="warmingjob_ended_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_type} ({self.status})"

    @property
    def duration(self) -> timedelta | None:
        """How long it took, or has taken until now; None before it was begun."""
        if self.started_at is None:
            return None
        return (self.completed_at or timezone.now()) - self.started_at

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in {self.Status.COMPLETED, self.Status.FAILED}

    def mark_as_running(self) -> bool:
        """Take the job, and say whether it is ours: others may have it, or another of its type may run.

        One whose worker died may be taken, too; it is counted as begun when it first was.
        """
        mine = WarmingJob.objects.filter(pk=self.pk, attempts=self.attempts).filter(
            Q(status=self.Status.PENDING) | Q(status=self.Status.RUNNING, seen_at__lte=_last_heard_of())
        )
        began = Coalesce(F("started_at"), Now())
        try:
            with transaction.atomic():
                taken = mine.update(
                    status=self.Status.RUNNING, started_at=began, seen_at=Now(), attempts=F("attempts") + 1
                )
        except IntegrityError:
            return False
        self.refresh_from_db()
        return bool(taken)

    def mark_as_seen(self, *, done: int, total: int) -> bool:
        """Say that somebody is at it, and how far he is; tell whether it is still his."""
        self.done, self.total = done, total
        return self._change(seen_at=Now(), done=done, total=total)

    def mark_as_completed(self, error_message: str = "") -> bool:
        """End the job; ``error_message`` names what was left out. Tell whether it was still ours."""
        return self._end(self.Status.COMPLETED, error_message)

    def mark_as_failed(self, error: str | BaseException) -> bool:
        """End the job without success. Tell whether it was still ours."""
        return self._end(self.Status.FAILED, str(error) or type(error).__name__)

    def give_back(self) -> bool:
        """Let another worker take the job: this one stops. Where another waits already, that one is enough."""
        try:
            with transaction.atomic():
                return self._change(
                    status=self.Status.PENDING, seen_at=Now(), done=self.done, total=self.total
                )
        except IntegrityError:
            return self._end(self.Status.FAILED, "Its worker was stopped; the next of its type goes on.")

    def _end(self, status: str, error_message: str) -> bool:
        is_ours = self._change(
            status=status,
            error_message=error_message[:10_000],
            completed_at=Now(),
            done=self.done,
            total=self.total,
        )
        if is_ours:
            self.refresh_from_db()
        return is_ours

    def _change(self, **columns: object) -> bool:
        """Change the row unless it was taken over, or ended by another."""
        mine = WarmingJob.objects.active().filter(pk=self.pk, attempts=self.attempts)
        return bool(mine.update(**columns))


def _last_heard_of() -> "models.expressions.CombinedExpression":
    """Return the time before which whoever was heard of last is dead, by the database's clock."""
    return Now() - timedelta(seconds=DEAD_AFTER_SECONDS)
