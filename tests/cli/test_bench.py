"""``torg bench`` as a whole, on a shop of a few products."""

import json

import pytest
import typer
from typer.testing import CliRunner

from torg.cli.bench import (
    bench,
    built,
    cached,
    command,
    herd,
    load,
    measuring,
    seen,
    shops,
    trigger_cost,
    writing,
)
from torg.cli.bench.load import RequestFailed

pytestmark = pytest.mark.embedded

WORKS = [
    "product page built, 60 products",
    "category list built, first page, 60 products",
    "list of all products built, 60 products",
    "page 3 by cursor against the first, built, 60 products",
    "product page, miss (built and stored), 60 products",
    "warming 60 product pages by a worker, 60 products",
    "product page cached, strict, 60 products",
    "memory of a web process after the load of cached pages, 60 products",
    "category list cached, first page, 60 products",
    "category tree of 60 nodes cached, 60 products",
    "product page cached, FRESHNESS_MAX_LAG_MS=50, 60 products",
    "what the triggers cost 8 writers, in PostgreSQL alone",
    "what the triggers cost 8 writers, through Torg, with the marks in Redis",
    "20 simultaneous first requests for a page: built",
    "a write by psql until every reader sees it, p99",
    "a write by Torg: reads after it was acknowledged that did not see it",
    "import absent (Shopify CSV)",
    "start, second torg up until /readyz",
]
AGAINST_THE_UNIT = (0, 1, 2, 6, 8, 9, 10)
HERD = "20 simultaneous first requests for a page: built"
STALE = "a write by Torg: reads after it was acknowledged that did not see it"


@pytest.fixture(autouse=True)
def small_bench(monkeypatch, tmp_path):
    monkeypatch.setenv("TORG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", "unix:///not/to/be/emptied.sock")
    monkeypatch.setattr(command, "CATALOGUE", tmp_path / "absent.csv.gz")
    for module in (command, load):
        monkeypatch.setattr(module, "client_name", lambda: "bundled client")
    for module, name, less in (
        (built, "WARM_UP_SECONDS", 0.1),
        (built, "REPEATS", 3),
        (cached, "LEAST_HITS", 0.5),  # Other tests run at the same time; Redis is late now and then.
        (trigger_cost, "ROUNDS", 1),
        (herd, "HERD", 20),
        (writing, "PAGES", 2),
        (seen, "WRITES", 4),
    ):
        monkeypatch.setattr(module, name, less)


def torg_bench():
    app = typer.Typer()
    app.command()(bench)
    options = [
        "--products",
        "60",
        "--processes",
        "1",
        "--threads",
        "2",
        "--connections",
        "2",
        "--seconds",
        "0.1",
    ]
    return CliRunner().invoke(app, options)


def test_it_prints_a_table_and_writes_the_same_as_json(tmp_path):
    result = torg_bench()

    assert result.exit_code == 0, (result.output, result.exception)
    (path,) = (tmp_path / "bench").glob("*.json")
    written = json.loads(path.read_text())
    assert [line["work"] for line in written["lines"]] == WORKS
    assert written["client"] == "bundled client"
    assert written["unit"] > 0
    # One of the lines is measured in one round only; another run is added for each that is tried again.
    assert len(written["units"]) >= len(AGAINST_THE_UNIT) * (measuring.ROUNDS + 1) + 2
    lines = {line["work"]: line for line in written["lines"]}
    for number in AGAINST_THE_UNIT:
        line = lines[WORKS[number]]
        assert line["figure"] > 0
        assert line["ratio"] > 0
    page = lines["product page built, 60 products"]
    assert page["holds"] is (page["ratio"] >= 1 / 6)
    assert lines[HERD]["figure"] >= 1  # Who finds Redis late builds it, too.
    assert lines[STALE]["figure"] == 0
    assert "% from the memory of the process" in lines["product page cached, strict, 60 products"]["note"]
    assert lines["import absent (Shopify CSV)"]["unit"] == f"skipped: no {tmp_path}/absent.csv.gz"


def test_a_failed_request_ends_it(monkeypatch):
    monkeypatch.setattr(shops.Shop, "product_slugs", lambda shop, count: ["not-there"])

    result = torg_bench()

    assert isinstance(result.exception, RequestFailed)
    assert "requests failed, such as those for /api/v1/products/not-there" in str(result.exception)
