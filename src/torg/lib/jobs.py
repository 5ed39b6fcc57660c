"""Jobs of Torg's own upkeep. Jobs live in PostgreSQL, so one is enqueued with its cause or not at all."""

from procrastinate.contrib.django import app

KEPT_HOURS = 72


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="remove_finished_jobs", pass_context=False)
async def remove_finished_jobs(timestamp: int) -> None:  # noqa: ARG001  (the scheduler passes it)
    """Remove jobs that succeeded three days ago or earlier; failed ones stay to be looked at."""
    await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)
