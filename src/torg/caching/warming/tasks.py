"""The jobs that warm, as Procrastinate runs them."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from torg.caching.warming.job import WarmingJob
from torg.caching.warming.run import run

KEPT = timedelta(days=30)


@app.task(pass_context=False)
def warm(job_id: str) -> None:
    """Run a warming job, unless another worker does or has done."""
    run(job_id)


@app.periodic(cron="27 3 * * *")
@app.task(queueing_lock="remove_finished_warming_jobs", pass_context=False)
def remove_finished_warming_jobs(timestamp: int) -> None:  # noqa: ARG001  (the scheduler passes it)
    """Remove warming jobs that ended a month ago or earlier."""
    WarmingJob.objects.filter(completed_at__lt=timezone.now() - KEPT).delete()
