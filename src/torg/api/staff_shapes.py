"""The shapes of what the staff is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from torg.caching import models
from torg.caching.warming.groups import job_types


class WarmingJob(Struct, kw_only=True, frozen=True):
    """The building, in a worker, of all documents of a group that are not fresh."""

    id: UUID
    job_type: Annotated[str, Meta(description="The group, or `all`.", examples=["products"])]
    status: Literal["pending", "running", "completed", "failed"]
    created_at: datetime
    started_at: datetime | None
    completed_at: Annotated[datetime | None, Meta(description="When it ended, with success or without.")]
    duration: Annotated[float | None, Meta(description="Seconds it took, or has taken until now.")]
    done: Annotated[int, Meta(ge=0, description="How many documents are fresh.")]
    total: Annotated[int, Meta(ge=0, description="Of how many; 0 until that is known.")]
    error_message: Annotated[
        str, Meta(description="Documents that failed, a line each, or why the job did; else empty.")
    ]

    @classmethod
    def of(cls, job: models.WarmingJob) -> "WarmingJob":
        """Show ``job``."""
        return cls(
            id=job.pk,
            job_type=job.job_type,
            status=job.status,  # type: ignore[arg-type]
            created_at=job.created_at,
            started_at=job.started_at,
            completed_at=job.completed_at,
            duration=None if job.duration is None else round(job.duration.total_seconds(), 3),
            done=job.done,
            total=job.total,
            error_message=job.error_message,
        )


class WarmingJobList(Struct, kw_only=True, frozen=True):
    """A page of warming jobs, the newest first."""

    results: list[WarmingJob]
    next: str | None
    previous: str | None
    count: Annotated[int, Meta(ge=0)]
    count_is_exact: bool


class NewWarmingJob(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What is to be warmed."""

    job_type: Annotated[str, Meta(extra_json_schema={"enum": job_types()})]
