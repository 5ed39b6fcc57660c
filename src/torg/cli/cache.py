"""``torg cache``: how the cache does, and having documents built anew."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from torg.cli.setup import ensure_schema_is_current, shop_running

if TYPE_CHECKING:
    from torg.caching.stats import CacheFigures

WRONG_USE = 2

cache = typer.Typer(
    name="cache",
    help="How the cache does, and having documents built anew.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@cache.command()
def stats(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as one JSON object.")] = False,
) -> None:
    """Show what was read in the last hour and how the cache stands, of all processes of the shop together.

    Exit status 0 also where Redis is away: that is one of the figures.

    Examples: [bold]torg cache stats[/bold] · [bold]torg cache stats --json[/bold]
    """
    with shop_running():
        ensure_schema_is_current()
        from torg.caching.stats import figures

        found = figures()
        if as_json:
            import msgspec

            print(msgspec.json.encode(found).decode())
        else:
            _print(found)


@cache.command()
def invalidate(
    tags: Annotated[
        list[str], typer.Argument(metavar="TAG…", help="Such as products or product:0190…; '*' for all.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tags as one JSON object.")] = False,
) -> None:
    """Have all documents with any of these tags built anew when they are asked for next.

    What a document depends on is in its header Cache-Tag. It is never necessary for what is in the database:
    changes there, by whatever program, are seen by themselves.

    Exit status 2 if one of them cannot be a tag; then nothing is done.

    Examples: [bold]torg cache invalidate categories[/bold] · [bold]torg cache invalidate '*'[/bold]
    """
    wanted = list(dict.fromkeys(tags))
    with shop_running():
        ensure_schema_is_current()
        from torg.caching.changes import UnusableTag
        from torg.caching.changes import invalidate as invalidate_tags

        try:
            invalidate_tags(*wanted)
        except UnusableTag as refusal:
            print(refusal, file=sys.stderr)
            raise typer.Exit(WRONG_USE) from refusal
    if as_json:
        print(json.dumps({"invalidated": wanted}, ensure_ascii=False))
    else:
        everything = "All documents are" if "*" in wanted else f"What depends on {', '.join(wanted)} is"
        print(f"{everything} built anew when asked for.")


def _print(found: "CacheFigures") -> None:
    console = Console(highlight=False, soft_wrap=True)
    if found.minutes is None:
        console.print("[red]Redis cannot be asked, so nobody knows what was read.[/red]")
    else:
        console.print(_kinds(found))
        if found.memory is not None:
            memory = found.memory
            console.print(
                f"Memory: {memory.documents} documents, {_megabytes(memory.bytes)}, "
                f"in {memory.processes} processes."
            )
    console.print(_redis(found))
    console.print(_database(found))


def _kinds(found: "CacheFigures") -> Table:
    table = Table("Last hour", box=None, pad_edge=False, show_footer=True)
    table.columns[0].footer = "all"
    table.columns[0].min_width = max(len(kind.kind) for kind in found.kinds)
    reads = found.reads
    builds, seconds = (
        sum(kind.builds for kind in found.kinds),
        sum(kind.build_seconds for kind in found.kinds),
    )
    for name, footer in (
        ("hits", _ratio(reads.hit_ratio)),
        ("in memory", str(reads.memory)),
        ("in Redis", str(reads.redis)),
        ("built", str(reads.built)),
        ("past it", str(reads.bypass)),
        ("missing", str(reads.missing)),
        ("builds", str(builds)),
        ("ms each", _milliseconds(builds, seconds)),
    ):
        table.add_column(name, footer=footer, justify="right")
    for kind in found.kinds:
        figures = kind.memory, kind.redis, kind.built, kind.bypass, kind.missing, kind.builds
        each = _milliseconds(kind.builds, kind.build_seconds)
        table.add_row(kind.kind, _ratio(kind.hit_ratio), *map(str, figures), each)
    return table


def _redis(found: "CacheFigures") -> str:
    redis = found.redis
    if not redis.is_up:
        return "Redis: [red]away[/red]. Documents are built for each read until it is back."
    limit = f" of {_megabytes(redis.max_memory_bytes)}" if redis.max_memory_bytes else ""
    lag = "never confirmed" if redis.relay_lag_ms is None else f"confirmed {redis.relay_lag_ms} ms ago"
    marks = f"{redis.marks} marks" if redis.marks is not None else "marks unknown"
    return (
        f"Redis {redis.version}: {_megabytes(redis.memory_bytes or 0)}{limit}, {redis.keys} keys; {marks}, "
        f"epoch {redis.epoch or 'none'}, {lag}. In the last hour {found.marks_raised} marks raised, "
        f"{found.marks_failed} left to the relay."
    )


def _database(found: "CacheFigures") -> str:
    database = found.database
    if not database.is_up:
        return "PostgreSQL: [red]away[/red]."
    unconfirmed = "?" if database.changes_unconfirmed is None else database.changes_unconfirmed
    return (
        f"Changes: {database.changes} rows, {unconfirmed} not confirmed. The horizon lies "
        f"{database.horizon_transactions} transactions back, for {database.horizon_seconds or 0:.1f} s."
    )


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * ratio:.1f} %"


def _milliseconds(builds: int, seconds: float) -> str:
    return f"{1000 * seconds / builds:.2f}" if builds else "-"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
