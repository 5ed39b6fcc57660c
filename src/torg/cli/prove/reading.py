"""A reader, in a process of its own: ``python -m torg.cli.prove.reading FOLDER NUMBER``.

Before each request it looks up what has been acknowledged, after it what has been attempted; what was shown has to lie
between the two.
"""

import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from torg.cli.parent import end_with_up
from torg.cli.prove.asking import Answered, Asker, Failed
from torg.cli.prove.judge import Complaint, Judge
from torg.cli.prove.plan import ALLOWANCE_SECONDS, PROMISED_SECONDS, Plan
from torg.cli.prove.targets import Choice, Target
from torg.cli.prove.world import OUTSIDE, OUTSIDE_CATEGORY, World

KEPT = 20
"""Of so many stale reads each reader keeps the details."""
FAILURE_REST_SECONDS = 0.05
RECONNECT_CHANCE = 0.02


class Reader:
    """Reads documents and judges them."""

    def __init__(self, plan: Plan, seed: str) -> None:
        self.world = World()
        self.ledger = plan.ledger()
        self.random = random.Random(seed)  # noqa: S311
        self.choose = Choice(self.random)
        self.askers = [Asker(port, self.random) for port in plan.ports]
        self.reads: Counter[tuple[str, str]] = Counter()
        self.failures: Counter[str] = Counter()
        self.stale: Counter[str] = Counter()
        self.details: list[dict[str, Any]] = []
        self.late: dict[str, float] = {}
        """How long after its commit each write behind Torg's back was still not seen by a request that began then."""

    def run(self) -> None:
        """Read until it is over."""
        while not self.ledger.is_over:
            asker = self.random.choice(self.askers)
            if self.random.random() < RECONNECT_CHANCE:
                asker.close()
            if self.read(self.choose(), asker) is None:
                time.sleep(FAILURE_REST_SECONDS)

    def read(self, target: Target, asker: Asker) -> list[Complaint] | None:
        """Read one document and judge it; None if that failed."""
        lowest = self.ledger.all_acknowledged(time.monotonic())
        try:
            answered = asker.get(target.path)
        except Failed as failure:
            self.failures[str(failure)] += 1
            return None
        judge = Judge(self.world, lowest, self.ledger.all_attempted())
        complaints = target.complaints(judge, answered.body)
        cache = answered.headers["X-Cache"] or "none"
        self.reads[target.kind, cache if answered.status != 404 else "404"] += 1
        if target.path.rpartition("/")[2] in {*OUTSIDE, OUTSIDE_CATEGORY}:
            self._look_how_late(target, answered)
        if complaints:
            self.stale[target.kind] += 1
            if len(self.details) < KEPT:
                self.details.append(self._details(target, asker, answered, complaints, judge))
        return complaints

    def _look_how_late(self, target: Target, answered: Answered) -> None:
        """Note what the document did not show yet of what was committed behind Torg's back before it was asked for."""
        everything = Judge(self.world, self.ledger.all_attempted(), self.ledger.all_attempted())
        for complaint in target.complaints(everything, answered.body):
            if complaint.fact is None or complaint.version is None:
                continue
            fact = self.world.facts[complaint.fact]
            if fact.slug not in {*OUTSIDE, OUTSIDE_CATEGORY} or fact.kind == "alt":
                continue
            promised_at = self.ledger.acknowledged_at(fact.index, complaint.version + 1)
            late = answered.asked_at - (promised_at - PROMISED_SECONDS - ALLOWANCE_SECONDS)
            name = f"{fact} v{complaint.version + 1}"
            if late > self.late.get(name, 0.0):
                self.late[name] = late

    def _details(
        self, target: Target, asker: Asker, answered: Answered, complaints: list[Complaint], judge: Judge
    ) -> dict[str, Any]:
        acknowledged = {
            str(self.world.facts[each.fact]): self._before(answered, each.fact, judge.lowest[each.fact])
            for each in complaints
            if each.fact is not None
        }
        return {
            "at": answered.asked_at,
            "took_ms": round(1000 * (answered.answered_at - answered.asked_at), 1),
            "document": target.kind,
            "path": target.path,
            "port": asker.port,
            "status": answered.status,
            **answered.headers,
            "acknowledged_ms_before": acknowledged,
            "complaints": [
                f"{each.why}: {each.about} was {each.seen}, not {each.expected}" for each in complaints
            ],
        }

    def _before(self, answered: Answered, fact: int, version: int | None) -> float | None:
        """Return how many milliseconds before the request a version was acknowledged."""
        at = float("inf") if version is None else self.ledger.acknowledged_at(fact, version)
        return None if at == float("inf") else round(1000 * (answered.asked_at - at), 1)

    def found(self) -> dict[str, Any]:
        """Return what this reader found."""
        return {
            "reads": [[kind, cache, count] for (kind, cache), count in self.reads.items()],
            "failures": self.failures,
            "stale": self.stale,
            "details": self.details,
            "late": self.late,
        }


def main(folder: Path, number: int) -> None:
    """Read as reader ``number`` of the run in ``folder``, and leave there what was found."""
    end_with_up()
    plan = Plan.read(folder)
    reader = Reader(plan, f"{plan.seed} reader {number}")
    try:
        reader.run()
    finally:
        path = folder / f"reader-{number}.json"
        path.with_suffix(".draft").write_text(json.dumps(reader.found()))
        path.with_suffix(".draft").replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
