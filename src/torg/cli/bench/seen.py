"""How soon readers see what was written: behind Torg's back, and by Torg itself."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from statistics import quantiles
from typing import IO

from torg.cli.bench.asking import Asker
from torg.cli.bench.figures import Line, at_most
from torg.cli.bench.measuring import Served
from torg.cli.bench.shops import Shop
from torg.cli.refusal import Refused

WRITES = 200
# So many connections that each process of the server has some of them.
READERS_OF_A_PROCESS = 8
LONGEST_PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 10

Product = tuple[str, str]
"""Its id, and its slug."""


def seen_lines(served: Served, shop: Shop, products: Sequence[Product]) -> Iterator[Line]:
    """Write prices of ``products`` in turn, while a worker is there."""
    with ExitStack() as stack:
        readers = [
            stack.enter_context(Asker(served.port)) for _ in range(READERS_OF_A_PROCESS * served.processes)
        ]
        waited = _waited_for(shop, products, readers)
        yield Line(
            work="a write by psql until every reader sees it, p99",
            figure=1000 * quantiles(waited, n=100, method="inclusive")[98],
            unit="ms",
            goal=at_most(250, "≤ 250 ms"),
            note=f"{len(waited)} writes, {len(readers)} readers, at most {1000 * max(waited):.0f} ms",
        )
        stale, reads = _stale_reads(shop, products, readers)
        yield Line(
            work="a write by Torg: reads after it was acknowledged that did not see it",
            figure=stale,
            unit="reads",
            goal=at_most(0, "0"),
            note=f"of {reads:,} after {WRITES} writes",
        )


def _waited_for(shop: Shop, products: Sequence[Product], readers: Sequence[Asker]) -> list[float]:
    """Return for each write the seconds from its commit until all readers have seen it."""
    chance, waited = Random(1), []  # noqa: S311
    with shop.connected() as connection:
        # It says what psql says: then nobody is told of the change, and no mark is raised.
        connection.execute("SET application_name = 'psql'")
        for (product_id, slug), price in _prices(products):
            path = f"/api/v1/products/{slug}"
            _have_it_cached(path, readers)
            time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))  # Relays look at regular times.
            connection.execute("UPDATE catalogue_product SET price = %s WHERE id = %s", [price, product_id])
            waited.append(_seen_by_all(path, price, readers, time.perf_counter()))
    return waited


def _have_it_cached(path: str, readers: Sequence[Asker]) -> None:
    """Have all processes keep the page: what is not cached cannot be stale."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all([reader.get(path)[1] == "hit" for reader in readers]):  # noqa: C419  (each is to ask)
        if time.monotonic() > deadline:
            raise Refused(f"{path} is never a hit, so nothing can be measured with it.")


def _seen_by_all(path: str, price: str, readers: Sequence[Asker], since: float) -> float:
    waiting = list(readers)
    while waiting:
        waiting = [reader for reader in waiting if price_at(reader, path) != price]
        if time.perf_counter() > since + PATIENCE_SECONDS:
            raise Refused(f"{len(waiting)} readers of {path} did not see a write in {PATIENCE_SECONDS} s.")
    return time.perf_counter() - since


def _stale_reads(shop: Shop, products: Sequence[Product], readers: Sequence[Asker]) -> tuple[int, int]:
    """Return how many reads after a write did not see it, and how many reads there were."""
    stale = reads = 0
    with torg_writer(shop) as write:
        for (product_id, slug), price in _prices(products):
            path = f"/api/v1/products/{slug}"
            _have_it_cached(path, readers)
            write(product_id, price)
            found = [price_at(reader, path) for reader in readers]
            reads += len(found)
            stale += sum(shown != price for shown in found)
    return stale, reads


def _prices(products: Sequence[Product]) -> Iterator[tuple[Product, str]]:
    """Give products in turn with prices that they did not have before."""
    for number in range(WRITES):
        # Demo products cost whole units and 99 hundredths, or none.
        yield products[number % len(products)], f"{1000 + number}.{17 + number % 2}"


def price_at(reader: Asker, path: str) -> str:
    """Return the price that is shown."""
    amount: str = reader.get_json(path)["price"]["amount"]
    return amount


@contextmanager
def torg_writer(shop: Shop) -> Iterator[Callable[[str, str], None]]:
    """Have a process of Torg for the block, which writes prices; the function returns when one is acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-m", "torg.cli.bench.pricing"],
        env={**os.environ, **shop.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        told, answering = process.stdin, process.stdout

        def write(product_id: str, price: str) -> None:
            _tell(told, json.dumps([product_id, price]))
            if answering.readline() != "written\n":
                raise Refused(f"The price of product {product_id} could not be written.")

        try:
            yield write
        finally:
            told.close()


def _tell(told: IO[str], line: str) -> None:
    try:
        told.write(f"{line}\n")
        told.flush()
    except OSError as error:
        raise Refused("The process that writes prices has ended.") from error
