"""What it costs a write that the database announces it: with the triggers that freshness needs, and without."""

import json
import os
import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from psycopg import sql

from torg.cli.bench.figures import Goal, Line, at_most
from torg.cli.bench.programs import run
from torg.cli.bench.shops import Shop
from torg.cli.refusal import Refused
from torg.lib.embedded.programs import postgresql_program

ROUNDS = 6
WRITERS = 8
TABLE = "catalogue_product"
# All that announces a change, or has moves wait for it.
TRIGGERS = r"^pgtrigger_(announce|await|go_elsewhere|stay|be_alone)_"
# pgbench takes 128 scripts at most, of which it picks one at random.
SCRIPTS = 120
STATEMENTS = 40
_STATEMENT = "UPDATE catalogue_product SET price = price % 500 + 1 WHERE id = '{id}';\n"

Rate = Callable[[Shop, float], float]


def trigger_lines(shop: Shop, seconds: float) -> Iterator[Line]:
    """Update prices of random products, each in a transaction of its own, in a shop that nobody else uses."""
    ways: list[tuple[str, Rate, Goal | None]] = [
        ("in PostgreSQL alone", postgresql_rate, at_most(10, "≤ 10 %")),
        ("through Torg, with the marks in Redis", torg_rate, None),
    ]
    for way, rate, goal in ways:
        rates, cost = _compared(shop, rate, seconds)
        yield Line(
            work=f"what the triggers cost {WRITERS} writers, {way}",
            figure=rates,
            unit="writes/s",
            ratio=cost,
            ratio_unit="%",
            goal=goal,
        )


def _compared(shop: Shop, rate: Rate, seconds: float) -> tuple[float, float]:
    """Return writes a second with the triggers, and how many percent fewer that is than without.

    Each round measures both, and which comes first alternates.
    """
    on, costs = [], []
    for number in range(ROUNDS):
        found = {}
        for is_on in (True, False) if number % 2 else (False, True):
            switch_triggers(shop, is_on=is_on)
            found[is_on] = rate(shop, seconds)
            _ensure_announced(shop, is_on=is_on)
        on.append(found[True])
        costs.append(100 * (1 - found[True] / found[False]))
    switch_triggers(shop, is_on=True)
    return median(on), median(costs)


def switch_triggers(shop: Shop, *, is_on: bool) -> int:
    """Switch the triggers on or off, and return how many there are."""
    with shop.connected() as connection:
        names = connection.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ %s", [TABLE, TRIGGERS]
        ).fetchall()
        if not names:
            raise Refused(f"{TABLE} has no triggers to switch off.")
        switch = sql.SQL("ENABLE" if is_on else "DISABLE")
        each = [sql.SQL("{} TRIGGER {}").format(switch, sql.Identifier(name)) for (name,) in names]
        connection.execute(
            sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(TABLE), sql.SQL(", ").join(each))
        )
        connection.execute("TRUNCATE caching_change")
        connection.execute("CHECKPOINT")  # now, and not while something is measured
    return len(names)


def _ensure_announced(shop: Shop, *, is_on: bool) -> None:
    with shop.connected() as connection:
        found = connection.execute("SELECT EXISTS (SELECT FROM caching_change)").fetchone()
    if found != (is_on,):
        raise Refused(f"Triggers were switched {'on' if is_on else 'off'}, but that changed nothing.")


def postgresql_rate(shop: Shop, seconds: float) -> float:
    """Return how many writes a second PostgreSQL takes from clients that do nothing else."""
    products = shop.priced_products(SCRIPTS * STATEMENTS)
    random.Random(1).shuffle(products)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        scripts = []
        for start in range(0, len(products), STATEMENTS):
            script = Path(folder, f"{start}.sql")
            chosen = (products * 2)[start : start + STATEMENTS]
            script.write_text("".join(_STATEMENT.format(id=product_id) for product_id, _ in chosen))
            scripts += ["--file", str(script)]
        return STATEMENTS * _scripts_per_second(shop, scripts, seconds, Path(folder, "errors"))


def _scripts_per_second(shop: Shop, scripts: list[str], seconds: float, errors: Path) -> float:
    program = str(postgresql_program("pgbench"))
    options = ["--no-vacuum", f"--client={WRITERS}", "--jobs=2", f"--time={max(1, round(seconds))}"]
    with errors.open("wb") as output:
        done = subprocess.run(  # noqa: S603  (the one that comes with our PostgreSQL)
            [program, *options, *scripts, shop.database_url],
            # Every writer but psql is told of what it changed; that is part of the cost.
            env={**os.environ, "PGAPPNAME": "torg"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            check=False,
        )
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode or found is None:
        lines = errors.read_text(errors="replace").splitlines()
        said = [line for line in lines if not line.startswith("INFO:")]
        raise Refused(f"pgbench failed: {' '.join(said[-5:]) or done.stdout}")
    return float(found[1])


def torg_rate(shop: Shop, seconds: float) -> float:
    """Return how many writes a second 8 processes of Torg do."""
    printed = run("torg.cli.bench.updating", str(seconds), str(WRITERS), environment=shop.environment)
    return float(json.loads(printed.splitlines()[-1])["writes"]) / seconds
