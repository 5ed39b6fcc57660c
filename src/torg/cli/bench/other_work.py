"""What is measured once, whatever the size of the shop: an import, and the start."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from torg.cli.bench.figures import Line, at_least, at_most
from torg.cli.bench.programs import free_port, run, serving
from torg.cli.bench.shops import PROGRAM, Shop


def import_lines(data_dir: Path, catalogue: Path) -> Iterator[Line]:
    """Import a real catalogue into an empty shop, and again."""
    work = f"import {catalogue.name.split('.')[0]} (Shopify CSV)"
    if not catalogue.exists():
        yield Line(work=work, figure=None, unit=f"skipped: no {catalogue}")
        return
    shop = Shop(data_dir, "torg_import")
    shop.create(anew=True)
    printed = run("torg.cli.bench.importing", str(catalogue), environment=shop.environment)
    done = json.loads(printed.splitlines()[-1])
    first, second = done["first"], done["second"]
    yield Line(
        work=f"{work}, {first['products_created']:,} products",
        figure=first["products_per_second"],
        unit="products/s",
        goal=at_least(3000, "≥ 3,000/s"),
    )
    yield Line(
        work=f"{work}: memory",
        figure=done["peak_bytes"] / 2**20,
        unit="MB",
        goal=at_most(200, "≤ 200 MB"),
    )
    yield Line(
        work=f"{work}: changed by the second run",
        figure=second["products_created"] + second["products_updated"],
        unit="products",
        goal=at_most(0, "0"),
    )


def start_line(data_dir: Path) -> Line:
    """Start the whole shop for the second time."""
    environment = {"TORG_DATA_DIR": str(data_dir / "up"), "DATABASE_URL": "", "REDIS_URL": ""}
    for attempt in ("first", "second"):
        port = free_port()
        started = time.perf_counter()
        with serving(
            PROGRAM,
            ["up", "--port", str(port)],
            port=port,
            ready="/readyz",
            environment=environment,
            log=data_dir / "logs" / f"up-{attempt}.log",
        ):
            took = time.perf_counter() - started
    return Line(work="start, second torg up until /readyz", figure=took, unit="s", goal=at_most(5, "≤ 5 s"))
