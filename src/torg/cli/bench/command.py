"""The command ``torg bench``."""

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console

import torg
from torg.cli.bench.built import built_lines
from torg.cli.bench.cached import cached_lines
from torg.cli.bench.figures import Line, print_table, write_json
from torg.cli.bench.load import client_name
from torg.cli.bench.measuring import Circumstances, Measuring, measuring
from torg.cli.bench.other_work import import_lines, start_line
from torg.cli.bench.shops import Shop
from torg.cli.bench.writing import writing_lines
from torg.lib.embedded import running

SIZES = (50_000, 1_000_000)
# A checkout of the project may stand beside the real catalogues.
CATALOGUE = Path("../shared/data/catalogues/electronics.csv.gz")

console = Console(highlight=False)
if not console.is_terminal:
    console = Console(highlight=False, width=120)


def bench(
    *,
    products: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Size of a shop; may be given again. 50000 and 1000000 if none is."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="Of each server.")] = min(os.cpu_count() or 1, 8),
    threads: Annotated[int, typer.Option(min=1, help="Of each process.")] = 8,
    connections: Annotated[int, typer.Option(min=1, help="Of the client.")] = 16,
    seconds: Annotated[float, typer.Option(min=0.1, help="Of each of the runs for a figure.")] = 3.0,
) -> None:
    """Measure this shop: a table of ratios, and the same as JSON beside it.

    A ratio is to U: the requests a second of a constant Django view under the same server in the same run.
    The shops lie in a data directory of their own, kept for the next time. To miss a goal is no failure; a
    request that fails is.

    Examples: [bold]torg bench[/bold] · [bold]torg bench --products 50000[/bold]
    """
    data_dir = Path(os.environ.get("TORG_DATA_DIR") or ".torg").expanduser().resolve() / "bench"
    circumstances = Circumstances(
        processes=processes, threads=threads, connections=connections, seconds=seconds
    )
    lines: list[Line] = []
    started_at = datetime.now(UTC)
    with running(data_dir), measuring(circumstances, data_dir / "logs") as measures:
        for line in _measured(data_dir, products or SIZES, measures):
            lines.append(line)
            console.print(f"  {line.work}")
    path = data_dir / f"{started_at:%Y-%m-%dT%H-%M-%SZ}.json"
    unit = median(measures.units)
    write_json(
        lines,
        path,
        torg=torg.__version__,
        at=started_at.isoformat(),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        client=client_name(),
        unit=unit,
        units=measures.units,
        processes=processes,
        threads=threads,
        connections=connections,
        seconds=seconds,
    )
    title = f"U = {unit:,.0f} requests/s · {processes} processes of {threads} threads · {client_name()}"
    print_table(lines, console, title=title)
    console.print(f"Written to {path}")


def _measured(data_dir: Path, sizes: Sequence[int], measures: Measuring) -> Iterator[Line]:
    """Measure line by line."""
    for size in sizes:
        shop = _shop(data_dir, size)
        console.print(f"Preparing {size:,} products …")
        shop.create()
        shop.fill(size)
        yield from built_lines(measures, shop, size)
        yield from cached_lines(measures, shop, size)
    yield from writing_lines(measures, _shop(data_dir, min(sizes)))
    yield from import_lines(data_dir, CATALOGUE)
    yield start_line(data_dir)


def _shop(data_dir: Path, size: int) -> Shop:
    return Shop(data_dir, f"torg_{size}")
