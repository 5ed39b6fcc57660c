"""What a web server has counted, all its processes together, as its ``/metrics`` tells."""

import time
from collections import Counter
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from torg.cli.bench.asking import Asker
from torg.cli.refusal import Refused

PATIENCE_SECONDS = 20
HITS = ("memory", "redis")


@dataclass(frozen=True, kw_only=True)
class Reads:
    """How reads of documents of one kind ended."""

    outcomes: Counter[str]

    @property
    def all(self) -> int:
        """How many there were."""
        return self.outcomes.total()

    @property
    def hits(self) -> int:
        """How many were found in either tier."""
        return sum(self.outcomes[outcome] for outcome in HITS)

    def share(self, outcome: str) -> float:
        """Which part of them ended like this."""
        return self.outcomes[outcome] / self.all if self.all else 0.0


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Sums since the server was started, or since an earlier moment."""

    reads: Counter[tuple[str, str]]
    builds: Counter[str]
    processes: int
    memory_documents: int

    def since(self, earlier: "Counted") -> "Counted":
        """Return what was counted since ``earlier``; what stands, stands."""
        return Counted(
            reads=self.reads - earlier.reads,
            builds=self.builds - earlier.builds,
            processes=self.processes,
            memory_documents=self.memory_documents,
        )

    def reads_of(self, kind: str) -> Reads:
        """Return how reads of this kind ended."""
        return Reads(outcomes=Counter({outcome: n for (of, outcome), n in self.reads.items() if of == kind}))


def counted(port: int, processes: int) -> Counted:
    """Ask the server, until all its processes have told; raise ``Refused`` if they do not.

    One that is busy may not tell in time; what it told last would be too little.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with Asker(port) as asker:
            found = _parsed(asker.get("/metrics")[0].decode())
        if found.processes == processes:
            return found
        if time.monotonic() > deadline:
            raise Refused(
                f"Of {processes} processes of the server, {found.processes} tell what they counted."
            )
        time.sleep(0.1)


def _parsed(text: str) -> Counted:
    reads: Counter[tuple[str, str]] = Counter()
    builds: Counter[str] = Counter()
    stands = {"torg_web_processes": 0, "torg_cache_memory_documents": 0}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "torg_cache_reads_total":
                reads[sample.labels["kind"], sample.labels["outcome"]] = int(sample.value)
            elif sample.name == "torg_cache_build_seconds_count":
                builds[sample.labels["kind"]] = int(sample.value)
            elif sample.name in stands:
                stands[sample.name] = int(sample.value)
    return Counted(
        reads=reads,
        builds=builds,
        processes=stands["torg_web_processes"],
        memory_documents=stands["torg_cache_memory_documents"],
    )
