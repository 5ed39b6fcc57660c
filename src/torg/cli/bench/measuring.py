"""The servers that are measured, and the ratio of a shop to the unit, which runs all the time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from torg.cli.bench import constant
from torg.cli.bench.counted import Counted, counted
from torg.cli.bench.load import measure_load
from torg.cli.bench.programs import free_port, serving, started
from torg.cli.bench.shops import PROGRAM, Shop

ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Processes and threads of all servers, connections of the client, seconds of each of its runs."""

    processes: int
    threads: int
    connections: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Served:
    """A web server of a shop, that runs."""

    port: int
    pid: int
    processes: int

    def counted(self) -> Counted:
        """Return what all its processes have counted."""
        return counted(self.port, self.processes)


class Measuring:
    """Measures shops against the unit; ``units`` are all its rates, as they were found."""

    def __init__(self, circumstances: Circumstances, unit_port: int, logs: Path) -> None:
        self.circumstances = circumstances
        self.logs = logs
        self.units: list[float] = []
        self._unit_port = unit_port

    def against_unit(self, port: int, paths: Sequence[str]) -> tuple[float, float]:
        """Return requests a second for random ones of ``paths``, and how many U that is.

        The unit is measured before and after each round, because machines are seldom quiet for long.
        """
        before = self.unit()
        rates, ratios = [], []
        for _ in range(ROUNDS):
            rate = self.rate(port, paths)
            after = self.unit()
            rates.append(rate)
            ratios.append(rate / ((before + after) / 2))
            before = after
        return median(rates), median(ratios)

    def unit(self) -> float:
        """Measure the unit once."""
        self.units.append(self.rate(self._unit_port, [constant.PATH]))
        return self.units[-1]

    def rate(self, port: int, paths: Sequence[str], *, seconds: float | None = None) -> float:
        """Return requests a second, in one run."""
        return measure_load(
            port,
            paths,
            seconds=seconds or self.circumstances.seconds,
            connections=self.circumstances.connections,
        ).rate

    @contextmanager
    def served(self, shop: Shop, name: str, **settings: str) -> Iterator[Served]:
        """Serve ``shop`` for the block; ``settings`` are environment variables, ``name`` is for its log."""
        port, processes = free_port(), self.circumstances.processes
        arguments = ["--port", port, "--processes", processes, "--threads", self.circumstances.threads]
        with serving(
            PROGRAM,
            ["web", *map(str, arguments)],
            port=port,
            ready="/readyz",
            environment={**shop.environment, **settings},
            log=self.logs / f"{shop.name}-web-{name}.log",
        ) as pid:
            yield Served(port=port, pid=pid, processes=processes)

    @contextmanager
    def working(self, shop: Shop, **settings: str) -> Iterator[None]:
        """Have a worker of ``shop`` for the block; it is there when it has said so in Redis."""
        shop.forget_workers()
        with started(
            PROGRAM,
            ["worker"],
            is_ready=shop.has_worker,
            environment={**shop.environment, **settings},
            log=self.logs / f"{shop.name}-worker.log",
        ):
            yield


@contextmanager
def measuring(circumstances: Circumstances, logs: Path) -> Iterator[Measuring]:
    """Serve the unit for the block, with as many processes and threads as the shops."""
    port = free_port()
    with serving(
        "torg.cli.bench.constant",
        [str(port), str(circumstances.processes), str(circumstances.threads)],
        port=port,
        ready=constant.PATH,
        environment={},
        log=logs / "unit.log",
    ):
        yield Measuring(circumstances, port, logs)
