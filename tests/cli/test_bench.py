"""``torg bench`` as a whole, on a shop of a few products."""

import json

import pytest
import typer
from typer.testing import CliRunner

from torg.cli.bench import bench, command, load, reading
from torg.cli.bench.load import RequestFailed

pytestmark = pytest.mark.embedded

WORKS = [
    "product page built, 60 products",
    "category list built, first page, 60 products",
    "list of all products built, 60 products",
    "page 3 by cursor against the first, built, 60 products",
    "memory of a web process after the load, 60 products",
    "import absent (Shopify CSV)",
    "start, second torg up until /readyz",
]


@pytest.fixture(autouse=True)
def small_bench(monkeypatch, tmp_path):
    monkeypatch.setenv("TORG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.setattr(command, "CATALOGUE", tmp_path / "absent.csv.gz")
    for module in (command, load):
        monkeypatch.setattr(module, "client_name", lambda: "bundled client")
    monkeypatch.setattr(reading, "WARM_UP_SECONDS", 0.1)
    monkeypatch.setattr(reading, "REPEATS", 3)


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
    assert len(written["units"]) == 3 * (reading.ROUNDS + 1)
    page = written["lines"][0]
    assert page["figure"] > 0
    assert page["ratio"] > 0
    assert page["holds"] is (page["ratio"] >= 1 / 6)
    assert written["lines"][5]["unit"] == f"skipped: no {tmp_path}/absent.csv.gz"


def test_a_failed_request_ends_it(monkeypatch):
    monkeypatch.setattr(reading.Shop, "product_slugs", lambda shop, count: ["not-there"])

    result = torg_bench()

    assert isinstance(result.exception, RequestFailed)
    assert "requests failed, such as those for /api/v1/products/not-there" in str(result.exception)
