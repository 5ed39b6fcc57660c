"""An import that was killed is taken up by running it again, and the command says how it went."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.imports.catalogues import contents, product, shopify
from torg.catalogue.models import Product
from torg.imports import import_catalogue as verb

pytestmark = pytest.mark.django_db(transaction=True)

COMMAND = """
import sys, typer
from torg.cli.imports import export, import_
from torg.cli.refusal import Refused
app = typer.Typer()
app.command("import")(import_)
app.command("export")(export)
try:
    app()
except Refused as refusal:
    sys.exit(print(refusal, file=sys.stderr) or 1)
"""


def torg(*arguments: str) -> subprocess.Popen[str]:
    """Run a command on the tests' database."""
    database = connection.settings_dict
    user = quote(database["USER"], safe="") + (
        f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    )
    port = f":{database['PORT']}" if database["PORT"] else ""
    url = f"postgresql://{user}@{quote(database['HOST'], safe='')}{port}/{database['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        env=os.environ
        | {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "SECRET_KEY": settings.SECRET_KEY}
        | {"TORG_DATA_DIR": str(settings.TORG_DATA_DIR), "DJANGO_SETTINGS_MODULE": "torg.config.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_a_killed_import_run_again_equals_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [product(f"cup-{n}", Type=f"Kind {n % 7}") for n in range(6000)]
    path = shopify(tmp_path / "a.csv", *rows, product("bad", Title=""))
    process = torg("import", str(path))
    deadline = time.monotonic() + 60
    while not Product.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    finished(process)
    came_in = Product.objects.count()
    assert 0 < came_in < 6000
    status, out, _ = finished(torg("import", str(path), "--json"))
    assert status == 0
    summary = json.loads(out)
    assert (summary["products_created"], summary["products_unchanged"]) == (6000 - came_in, came_in)
    assert summary["products_rejected"] == 1
    told = contents(with_ids=False)
    Product.objects.all().delete()
    verb.import_catalogue(path)
    assert contents(with_ids=False) == told


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    path = shopify(tmp_path / "a.csv", product("a"), product("b", Title=""))
    status, out, err = finished(torg("import", str(path)))
    assert (status, err) == (0, "")
    assert "Products: 1 created, 0 updated, 0 unchanged, 1 rejected (of 2 rows)." in out
    assert "line 3, Title: '' is empty" in out
    assert f"{path}.rejected.csv" in out
    status, out, err = finished(torg("export", "-"))
    assert (status, err) == (0, "1 products and 1 categories to -.\n")
    assert [json.loads(line)["type"] for line in out.splitlines()] == [
        "torg-catalogue",
        "category",
        "product",
    ]


def test_the_command_fails_where_nothing_is_good(tmp_path: Path) -> None:
    path = shopify(tmp_path / "a.csv", product("b", Title=""))
    status, out, err = finished(torg("import", str(path), "--json"))
    assert (status, err) == (1, "Nothing in the file could be imported.\n")
    assert json.loads(out)["products_rejected"] == 1
    status, out, err = finished(torg("import", str(tmp_path / "none.csv")))
    assert (status, out) == (1, "")
    assert err.endswith("none.csv cannot be read: No such file or directory\n")
    assert not Product.objects.exists()


def test_a_catalogue_without_products_is_no_failure(tmp_path: Path) -> None:
    path = shopify(tmp_path / "a.csv")
    status, out, err = finished(torg("import", str(path)))
    assert (status, err) == (0, "")
    assert "The file holds no products.\n" in out
