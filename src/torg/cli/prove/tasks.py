"""What workers of the proof do besides a shop's own jobs."""

import time

from django.db import connection, transaction
from procrastinate.contrib.django import app

from torg.cli.prove.rows import Write
from torg.cli.prove.world import World

_world = World()
LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 8.0


class NotDone(Exception):
    """No worker has done a job in time."""


@app.task(pass_context=False)
def write_name(slug: str, version: int) -> None:
    """Write a name, unless a higher version stands there: a job may be done when nobody waits for it any more."""
    write = Write(_world.by_name["name", slug], version)
    with transaction.atomic(), connection.cursor() as cursor:
        statement, parameters = write.update(write.value)
        cursor.execute(f"{statement} AND name < %s", [*parameters, write.value])


def await_job(job_id: int) -> None:
    """Wait until a job is done. Raises ``NotDone``, having called it off if nobody has begun."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job_id])
            (status,) = cursor.fetchone()
            if status == "succeeded":
                return
            if status == "failed":
                break
            time.sleep(LOOK_SECONDS)
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'todo'", [job_id])
    raise NotDone
