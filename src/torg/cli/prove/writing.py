"""A writer, in a process of its own: ``python -m torg.cli.prove.writing FOLDER NUMBER``.

When a road returns, the write is acknowledged. If it fails, or the writer died, PostgreSQL is asked what became of it;
what was committed all the same counts a quarter of a second later.
"""

import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from torg.cli.parent import end_with_up
from torg.cli.prove.plan import (
    ALLOWANCE_SECONDS,
    FAILED,
    PROMISED_SECONDS,
    ROLLED_BACK_ROAD,
    TRUNCATE_ROAD,
    Plan,
)
from torg.cli.prove.world import TRUNCATED, Fact, World, shown, stored

if TYPE_CHECKING:
    from torg.cli.prove.roads import Way
    from torg.cli.prove.rows import Write

REST_SECONDS = 0.03
RETRY_SECONDS = 0.1
MOST_AT_ONCE = 4


class Writer:
    """Writes the facts it owns, by every road."""

    def __init__(self, plan: Plan, number: int) -> None:
        from torg.cli.prove.roads import WAYS

        self.ways = WAYS
        self.number = number
        self.ledger = plan.ledger()
        self.tallies = plan.tallies()
        world = World()
        self.truncated = world.by_name[TRUNCATED]
        self.facts = [fact for fact in world.of_writer(number, plan.writers) if fact != self.truncated]
        self.random = random.Random(f"{plan.seed} {number} {time.monotonic()}")  # noqa: S311

    def run(self) -> None:
        """Write until it is over."""
        self._learn_the_truth(self.facts)
        while not self.ledger.is_over:
            self.ledger.set_rests(self.number, self.ledger.is_paused)
            if not self.ledger.is_paused:
                self._write_something()
            time.sleep(self.random.expovariate(1 / REST_SECONDS))
        self.ledger.set_rests(self.number, value=True)

    def _write_something(self) -> None:
        names = list(self.ways)
        (name,) = self.random.choices(names, [self.ways[name].weight for name in names])
        way = self.ways[name]
        facts = self._chosen(way)
        if not facts:
            return
        writes = self._next_versions(facts)
        versions = {} if name == ROLLED_BACK_ROAD else {write.fact.index: write.version for write in writes}
        if name == TRUNCATE_ROAD:
            index = self.truncated.index
            versions[index] = self.ledger.attempted(index) + 1
        for fact, version in versions.items():
            self.ledger.attempt(fact, version)
        try:
            way.road(writes)
        except Exception as error:
            self.tallies.add(self.number, FAILED)
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
            self._learn_the_truth(facts)
            return
        now = time.monotonic()
        self.tallies.add(self.number, name)
        for fact, version in versions.items():
            self.ledger.acknowledge(fact, version, now)

    def _next_versions(self, facts: Sequence[Fact]) -> "list[Write]":
        from torg.cli.prove.rows import Write

        return [Write(fact, self.ledger.attempted(fact.index) + 1) for fact in facts]

    def _chosen(self, way: "Way") -> list[Fact]:
        """Choose facts that can go this way."""
        fitting = [
            fact for fact in self.facts if (fact.kind in way.kinds if way.kinds else fact.kind != "comet")
        ]
        if not fitting:
            return []
        first = self.random.choice(fitting)
        if way.takes == "one":
            return [first]
        others = [fact for fact in fitting if way.takes == "any" or fact.kind == first.kind]
        return self.random.sample(others, min(len(others), self.random.randint(1, MOST_AT_ONCE)))

    def _learn_the_truth(self, facts: Sequence[Fact]) -> None:
        """Ask until PostgreSQL says what became of versions that were attempted last."""
        pending = [
            fact
            for fact in facts
            if self.ledger.acknowledged_at(fact.index, self.ledger.attempted(fact.index)) == float("inf")
        ]
        while pending and not self.ledger.is_over:
            try:
                committed = [fact for fact in pending if self._is_there(fact)]
                break
            except Exception:
                self._forget_connection()
                time.sleep(RETRY_SECONDS)
        else:
            return
        if not committed:
            return
        time.sleep(PROMISED_SECONDS + ALLOWANCE_SECONDS)
        for fact in committed:
            self.ledger.acknowledge(fact.index, self.ledger.attempted(fact.index))

    def _is_there(self, fact: Fact) -> bool:
        from django.db import connection

        from torg.cli.prove.rows import Write

        version = self.ledger.attempted(fact.index)
        with connection.cursor() as cursor:
            if fact.kind == "comet":
                cursor.execute("SELECT name FROM catalogue_product WHERE slug = %s", [fact.slug])
            else:
                cursor.execute(*Write(fact, version).current())
            row = cursor.fetchone()
        value: Any = row[0] if row else None
        if fact.kind == "attribute" and isinstance(value, str):
            value = json.loads(value)
        is_deleted = fact.kind == "comet" and shown(fact, version) is None
        return bool(value == (None if is_deleted else stored(fact, version)))

    def _forget_connection(self) -> None:
        from django.db import connection

        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def main(folder: Path, number: int) -> None:
    """Write as writer ``number`` of the run in ``folder``."""
    end_with_up()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    Writer(Plan.read(folder), number).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
