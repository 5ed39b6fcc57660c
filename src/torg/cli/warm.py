"""``torg warm``: build what shoppers will ask for before they do."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from torg.cli.refusal import Refused
from torg.cli.setup import ensure_schema_is_current, shop_running

if TYPE_CHECKING:
    from torg.caching.warming.job import WarmingJob

LOOK_SECONDS = 0.25
PLAIN_LINE_SECONDS = 5.0
WRONG_USE = 2
# To PostgreSQL: three of the job that this process may run, its own, and one to spare.
CONNECTIONS = 5

NO_WORKER = "No worker of this build runs (torg worker), so this process warms."


def warm(
    job_types: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TYPE]…", help="products, categories, navigation, homepage, posts or all, the default."
        ),
    ] = None,
    *,
    waits: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until it is done; a worker goes on without you.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the jobs as a JSON list.")] = False,
) -> None:
    """Build the documents that are not fresh, those that are read most first; shoppers then find them ready.

    Workers do it. Where none runs, this process does. It is done by itself after an import, for a new build and
    when Redis was restarted.

    Exit status 1 if a job failed; single documents that fail are named, and the others are warmed.

    Examples: [bold]torg warm[/bold] · [bold]torg warm products homepage[/bold] · [bold]torg warm --no-wait[/bold]
    """
    with shop_running(connections=CONNECTIONS):
        ensure_schema_is_current()
        jobs = _started(job_types)
        if waits:
            _wait(jobs)
        _show(jobs, as_json=as_json)
        if not waits and not _is_worker_there():
            print("No worker of this build runs; the jobs wait for one: torg worker", file=sys.stderr)
    if any(job.status == "failed" for job in jobs):
        raise Refused("Not everything could be warmed.")


def _started(job_types: Sequence[str] | None) -> "list[WarmingJob]":
    from torg.caching.warming.groups import ALL, NoSuchGroup, ensure_job_type
    from torg.caching.warming.start import start_warming

    wanted = list(dict.fromkeys(job_types or [ALL]))
    try:
        for job_type in wanted:
            ensure_job_type(job_type)
    except NoSuchGroup as refusal:
        print(refusal, file=sys.stderr)
        raise typer.Exit(WRONG_USE) from refusal
    return [start_warming(job_type) for job_type in wanted]


def _wait(jobs: "Sequence[WarmingJob]") -> None:
    """Return when all have ended; do what no worker does."""
    from torg.caching.warming.run import stopping

    with _progress(jobs) as shown:
        ours: Thread | None = None
        try:
            while not all(job.is_over for job in jobs):
                if (ours is None or not ours.is_alive()) and (job := _left_alone(jobs)):
                    if ours is None:
                        shown.tell(NO_WORKER)
                    ours = _in_thread(job)
                time.sleep(LOOK_SECONDS)
                for job in jobs:
                    job.refresh_from_db()
                shown.show(jobs)
        finally:
            stopping.set()  # An interrupted job is given back.
            if ours is not None:
                ours.join()


def _left_alone(jobs: "Sequence[WarmingJob]") -> "WarmingJob | None":
    """Return a job that nobody will begin."""
    from torg.caching.warming.job import WarmingJob

    if _is_worker_there():
        return None
    ours = WarmingJob.objects.filter(pk__in=[job.pk for job in jobs])
    return ours.filter(status=WarmingJob.Status.PENDING).last() or ours.deserted().last()


def _in_thread(job: "WarmingJob") -> Thread:
    from django.db import connection

    from torg.caching.warming.run import run

    def work() -> None:
        try:
            run(str(job.pk))
        finally:
            connection.close()

    thread = Thread(target=work, name="warming")
    thread.start()
    return thread


def _is_worker_there() -> bool:
    from torg.caching.warming.marker import is_worker_there

    return is_worker_there()


def _show(jobs: "Sequence[WarmingJob]", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_as_json(job) for job in jobs], ensure_ascii=False))
        return
    for job in jobs:
        seconds = f" in {job.duration.total_seconds():.1f} seconds" if job.is_over and job.duration else ""
        figures = f", {job.done} of {job.total} documents{seconds}" if job.started_at else ""
        print(f"{job.job_type}: {job.status}{figures}.")
        for line in job.error_message.splitlines():
            print(f"  {line}")


def _as_json(job: "WarmingJob") -> dict[str, Any]:
    moments = {name: getattr(job, name) for name in ("created_at", "started_at", "completed_at")}
    return {
        "id": str(job.pk),
        "job_type": job.job_type,
        "status": job.status,
        "done": job.done,
        "total": job.total,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        "duration": None if job.duration is None else round(job.duration.total_seconds(), 3),
        "error_message": job.error_message,
    }


class _Shown(Protocol):
    def tell(self, line: str) -> None: ...
    def show(self, jobs: "Sequence[WarmingJob]") -> None: ...


class _Bars:
    """A bar for each job, on a terminal."""

    def __init__(self, progress: Progress, jobs: "Sequence[WarmingJob]") -> None:
        self.progress = progress
        self.bars = {job.pk: progress.add_task(job.job_type, total=None) for job in jobs}

    def tell(self, line: str) -> None:
        self.progress.console.print(line)

    def show(self, jobs: "Sequence[WarmingJob]") -> None:
        for job in jobs:
            self.progress.update(self.bars[job.pk], completed=job.done, total=job.total or None)


class _Lines:
    """A line now and then."""

    def __init__(self) -> None:
        self.next_at = time.monotonic() + PLAIN_LINE_SECONDS

    def tell(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def show(self, jobs: "Sequence[WarmingJob]") -> None:
        if time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + PLAIN_LINE_SECONDS
            self.tell(", ".join(f"{job.job_type}: {job.done} of {job.total}" for job in jobs))


@contextmanager
def _progress(jobs: "Sequence[WarmingJob]") -> Iterator[_Shown]:
    """Show how far the jobs are, on the standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bars(progress, jobs)
