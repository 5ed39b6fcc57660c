"""Real catalogues come in whole, but for the rows that are broken in them."""

import os
import shutil
from pathlib import Path

import pytest

from tests.imports.catalogues import reasons
from torg.catalogue.models import Product, Variant
from torg.imports.import_catalogue import import_catalogue

FOLDER = Path(__file__).parents[2].parent / "shared" / "data"
FREE = "is 0; only --allow-free imports it as given away"

pytestmark = pytest.mark.django_db


def catalogue(name: str, tmp_path: Path) -> Path:
    """Copy a catalogue to where refused rows may be written beside it."""
    if not (FOLDER / name).exists():
        reason = f"{FOLDER / name} is not there"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return Path(shutil.copy(FOLDER / name, tmp_path))


@pytest.mark.parametrize(
    ("name", "rows", "products", "variants"),
    [
        ("catalogues/phones.csv.gz", 3291, 3291, 3291),
        ("catalogues/general.csv.gz", 6764, 6764, 6764),
        ("import-fixtures/shopify/apparel.csv", 22, 20, 22),
        ("import-fixtures/shopify/home-and-garden.csv", 21, 20, 21),
    ],
)
def test_a_catalogue_without_broken_rows_comes_in_whole(
    tmp_path: Path, name: str, rows: int, products: int, variants: int
) -> None:
    path = catalogue(name, tmp_path)
    summary = import_catalogue(path)
    assert (summary.rows, summary.products_created, summary.products_rejected) == (rows, products, 0)
    assert (Product.objects.count(), Variant.objects.count()) == (products, variants)
    again = import_catalogue(path)
    assert (again.products_unchanged, again.products_updated, again.products_created) == (products, 0, 0)


def test_exactly_the_broken_rows_are_refused(tmp_path: Path) -> None:
    summary = import_catalogue(catalogue("catalogues/toys-instruments.csv.gz", tmp_path), dry_run=True)
    assert (summary.products_created, summary.products_rejected, summary.rows_rejected) == (24408, 168, 168)
    assert summary.rejected_file is not None
    told = [(column, reason) for _, column, _, reason in reasons(summary.rejected_file)]
    assert told.count(("Variant Price", FREE)) == 167
    assert told.count(("Title", "is empty")) == 1


def test_the_largest_catalogue_reads_whole(tmp_path: Path) -> None:
    summary = import_catalogue(catalogue("catalogues/electronics.csv.gz", tmp_path), dry_run=True)
    assert (summary.products_created, summary.products_rejected) == (19406, 0)
