"""A writer behind Torg's back, in a process of its own: ``python -m torg.cli.prove.writing_outside FOLDER URL``.

It says what ``psql`` would, so nobody tells it of changes and it raises no marks. What it writes counts a quarter of a
second after the commit.
"""

import os
import random
import sys
import time
from pathlib import Path

import django
import psycopg

from torg.cli.parent import end_with_up
from torg.cli.prove.plan import ALLOWANCE_SECONDS, FAILED, OUTSIDE_ROAD, PROMISED_SECONDS, Plan
from torg.cli.prove.world import Fact, World

REST_SECONDS = 0.12
RETRY_SECONDS = 0.1


class OutsideWriter:
    """Writes by psycopg alone."""

    def __init__(self, plan: Plan, url: str) -> None:
        self.url = url
        self.plan = plan
        self.ledger = plan.ledger()
        self.tallies = plan.tallies()
        self.facts = World().outside()
        self.random = random.Random(f"{plan.seed} outside")  # noqa: S311

    def run(self) -> None:
        """Write until it is over, over a new connection where the last is dead."""
        while not self.ledger.is_over:
            try:
                with psycopg.connect(self.url, autocommit=True, application_name="psql") as connection:
                    self._write(connection)
            except psycopg.Error:
                self.tallies.add(self.plan.writers, FAILED)
                time.sleep(RETRY_SECONDS)

    def _write(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self.ledger.is_over:
            self.ledger.set_rests(self.plan.writers, self.ledger.is_paused)
            if not self.ledger.is_paused:
                self._write_one(connection, self.random.choice(self.facts))
            time.sleep(self.random.expovariate(1 / REST_SECONDS))

    def _write_one(self, connection: "psycopg.Connection[tuple[object, ...]]", fact: Fact) -> None:
        from torg.cli.prove.rows import Write

        # What failed is never acknowledged, and the next version counts for it.
        write = Write(fact, self.ledger.attempted(fact.index) + 1)
        self.ledger.attempt(fact.index, write.version)
        statement, parameters = write.update(write.value)
        connection.execute(statement.encode(), parameters)
        committed_at = time.monotonic()
        self.tallies.add(self.plan.writers, OUTSIDE_ROAD)
        promised_at = committed_at + PROMISED_SECONDS + ALLOWANCE_SECONDS
        self.ledger.acknowledge(fact.index, write.version, promised_at)


def main(folder: Path, url: str) -> None:
    """Write for the run in ``folder`` to the database at ``url``."""
    end_with_up()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    OutsideWriter(Plan.read(folder), url).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
