"""What is read over HTTP: pages of products and of lists, the depth of a list, and the memory it takes."""

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from torg.cli.bench import constant
from torg.cli.bench.figures import Line, at_least, at_most
from torg.cli.bench.load import RequestFailed, measure_load
from torg.cli.bench.programs import free_port, largest_child_memory, serving
from torg.cli.bench.shops import PROGRAM, Shop

ROUNDS = 3
WARM_UP_SECONDS = 1.0
DEEP_PAGE = 2000
REPEATS = 100
MOST_SLUGS = 10_000


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Processes and threads of both servers, connections of the client, seconds of each of its runs."""

    processes: int
    threads: int
    connections: int
    seconds: float


class Servers:
    """The shop and the unit, both running, and the ratio of one to the other."""

    def __init__(self, circumstances: Circumstances, shop_port: int, unit_port: int, shop_pid: int) -> None:
        self.circumstances = circumstances
        self.shop_port = shop_port
        self.unit_port = unit_port
        self.shop_pid = shop_pid
        self.units: list[float] = []

    def against_unit(self, paths: Sequence[str]) -> tuple[float, float]:
        """Return requests a second for random ones of ``paths``, and how many U that is.

        The unit is measured before and after each round, because machines are seldom quiet for long.
        """
        self._rate(self.shop_port, paths, WARM_UP_SECONDS)
        before = self._unit()
        rates, ratios = [], []
        for _ in range(ROUNDS):
            rate = self._rate(self.shop_port, paths, self.circumstances.seconds)
            after = self._unit()
            rates.append(rate)
            ratios.append(rate / ((before + after) / 2))
            before = after
        return median(rates), median(ratios)

    def _unit(self) -> float:
        rate = self._rate(self.unit_port, [constant.PATH], self.circumstances.seconds)
        self.units.append(rate)
        return rate

    def _rate(self, port: int, paths: Sequence[str], seconds: float) -> float:
        load = measure_load(port, paths, seconds=seconds, connections=self.circumstances.connections)
        return load.rate


@contextmanager
def servers_for(shop: Shop, circumstances: Circumstances, logs: Path) -> Iterator[Servers]:
    """Serve the shop and the unit, with the same processes and threads, for the block."""
    processes, threads = str(circumstances.processes), str(circumstances.threads)
    shop_port, unit_port = free_port(), free_port()
    with ExitStack() as stack:
        shop_pid = stack.enter_context(
            serving(
                PROGRAM,
                ["web", "--port", str(shop_port), "--processes", processes, "--threads", threads],
                port=shop_port,
                ready="/readyz",
                environment=shop.environment,
                log=logs / f"{shop.name}-web.log",
            )
        )
        stack.enter_context(
            serving(
                "torg.cli.bench.constant",
                [str(unit_port), processes, threads],
                port=unit_port,
                ready=constant.PATH,
                environment={},
                log=logs / "unit.log",
            )
        )
        yield Servers(circumstances, shop_port, unit_port, shop_pid)


def reading_lines(servers: Servers, shop: Shop, products: int) -> Iterator[Line]:
    """Measure what is read from a shop of that many products."""
    of = f", {products:,} products"
    slugs = shop.product_slugs(MOST_SLUGS)
    rate, ratio = servers.against_unit([f"/api/v1/products/{slug}" for slug in slugs])
    yield Line(
        work=f"product page built{of}",
        figure=rate,
        unit="requests/s",
        ratio=ratio,
        goal=at_least(1 / 6, "≥ 1/6 U"),
    )
    rate, ratio = servers.against_unit(
        [f"/api/v1/products?category={slug}" for slug in shop.category_slugs()]
    )
    yield Line(
        work=f"category list built, first page{of}",
        figure=rate,
        unit="requests/s",
        ratio=ratio,
        goal=at_least(1 / 8, "≥ 1/8 U"),
    )
    rate, ratio = servers.against_unit(["/api/v1/products"])
    yield Line(work=f"list of all products built{of}", figure=rate, unit="requests/s", ratio=ratio)
    yield _depth_line(servers.shop_port, of)
    memory = largest_child_memory(servers.shop_pid)
    yield Line(
        work=f"memory of a web process after the load{of}",
        figure=None if memory is None else memory / 2**20,
        unit="MB" if memory is not None else "skipped: no /proc here",
        goal=at_most(150, "≤ 150 MB"),
    )


def _depth_line(port: int, of: str) -> Line:
    """Walk to a deep page and compare it with the first, one request after the other, in turns."""
    first = "/api/v1/products"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    deep, number = first, 1
    while number < DEEP_PAGE:
        following = json.loads(_get(connection, deep)[0])["next"]
        if following is None:
            break
        deep, number = following, number + 1
    first_times, deep_times = [], []
    for _ in range(REPEATS):
        first_times.append(_get(connection, first)[1])
        deep_times.append(_get(connection, deep)[1])
    connection.close()
    return Line(
        work=f"page {number:,} by cursor against the first, built{of}",
        figure=median(deep_times) * 1000,
        unit="ms",
        ratio=median(deep_times) / median(first_times),
        ratio_unit="x",
        goal=at_most(1.2, "≤ 1.2 x"),
    )


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[bytes, float]:
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    if response.status != http.client.OK:
        raise RequestFailed(
            f"{path} was answered with {response.status}: {body[:500].decode(errors='replace')}"
        )
    return body, time.perf_counter() - started
