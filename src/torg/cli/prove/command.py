"""The command ``torg prove``."""

import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from torg.cli.bench.programs import free_port
from torg.cli.refusal import Refused
from torg.lib.embedded.locks import try_lock

if TYPE_CHECKING:
    from torg.cli.prove.plan import Plan
    from torg.cli.prove.run import Findings

ALL = "all"

prove = typer.Typer(
    help="Try out what Torg promises, on a scratch shop, with everything failing that can fail.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@prove.callback()
def _prove() -> None:
    """Try out what Torg promises, on a scratch shop, with everything failing that can fail."""


@prove.command()
def freshness(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="For how long it is tried.")] = 60.0,
    processes: Annotated[int, typer.Option(min=1, max=16, help="Of each of the two web servers.")] = 2,
    writers: Annotated[int, typer.Option(min=1, max=32, help="Processes that write.")] = 3,
    readers: Annotated[int, typer.Option(min=1, max=32, help="Processes that read.")] = 6,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="FAULT", help="Leave a fault out; all for all of them. May be given again."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same order of faults.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings for a program.")] = False,
) -> None:
    """Write by every road and read over HTTP, while servers, workers, writers, PostgreSQL and Redis are killed.

    A read is stale if it shows something older than what had been acknowledged before it began. The shop is a scratch
    one; no other is touched. Exit status 1 if anything was stale, or if too little happened to say so.

    Examples: [bold]torg prove freshness --seconds 120[/bold] · [bold]torg prove freshness --without redis-away[/bold]
    """
    chosen = _faults(without or ())
    count = {"processes": processes, "writers": writers, "readers": readers}
    if not _holds(count, seconds=seconds, faults=chosen, seed=seed, as_json=as_json):
        raise typer.Exit(1)


def _holds(
    count: dict[str, int], *, seconds: float, faults: tuple[str, ...], seed: int | None, as_json: bool
) -> bool:
    """Try it with so many of each, say what was found, and return whether the promise holds."""
    from torg.cli.prove.plan import Plan
    from torg.cli.prove.report import report

    data_dir = Path(os.environ.get("TORG_DATA_DIR") or ".torg").expanduser().resolve() / "prove"
    with _alone(data_dir):
        plan = Plan(
            folder=data_dir / "freshness",
            seconds=seconds,
            seed=random.randrange(1_000_000) if seed is None else seed,  # noqa: S311
            ports=(free_port(), free_port()),
            faults=faults,
            **count,
        )
        findings = _tried(plan, data_dir)
    return report(findings, plan, as_json=as_json)


def _faults(left_out: Sequence[str]) -> tuple[str, ...]:
    from torg.cli.prove.chaos import FAULTS

    if unknown := {*left_out} - {*FAULTS, ALL}:
        raise typer.BadParameter(
            f"{', '.join(sorted(unknown))}: the faults are {', '.join(FAULTS)}, or {ALL}"
        )
    return () if ALL in left_out else tuple(name for name in FAULTS if name not in left_out)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    lock = try_lock(data_dir / "locks" / "proving")
    if lock is None:
        raise Refused(f"Another proof is under way in {data_dir}. Wait, or choose another TORG_DATA_DIR.")
    try:
        yield
    finally:
        os.close(lock)


def _tried(plan: "Plan", data_dir: Path) -> "Findings":
    """Return what was found, also by a run that is interrupted."""
    from torg.cli.prove.run import Run

    plan.write()
    run = Run(plan, data_dir, Console(stderr=True, highlight=False).print)
    try:
        run.go()
    except (KeyboardInterrupt, SystemExit):  # By Ctrl-C or SIGTERM.
        run.findings.wrong.append("it was interrupted")
    return run.findings
