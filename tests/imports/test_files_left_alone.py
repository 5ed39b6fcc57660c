"""Refused rows take the place of nothing but refused rows, and what is no file is refused in one line."""

import os
from pathlib import Path

import pytest

from tests.imports.catalogues import product, reasons, shopify
from torg.catalogue.models import Product
from torg.imports.import_catalogue import import_catalogue
from torg.imports.source import CatalogueRefused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("title", ["Good", ""])
def test_the_catalogue_itself_is_never_replaced(tmp_path: Path, title: str) -> None:
    path = shopify(tmp_path / "a.csv", product("a", Title=title))
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    before = path.read_bytes()
    for place in (path, link):
        with pytest.raises(CatalogueRefused, match=r"is the catalogue itself"):
            import_catalogue(path, rejected_path=place)
    assert path.read_bytes() == before
    assert not Product.objects.exists()


@pytest.mark.parametrize("title", ["Good", ""])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, title: str) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Buy milk\n")
    path = shopify(tmp_path / "a.csv", product("a", Title=title))
    with pytest.raises(CatalogueRefused, match=r"notes\.txt is there and holds no refused rows"):
        import_catalogue(path, rejected_path=notes)
    assert notes.read_text() == "Buy milk\n"
    assert not Product.objects.exists()


def test_a_file_of_refused_rows_is_replaced_and_removed(tmp_path: Path) -> None:
    place = tmp_path / "refused.csv"
    place.touch()
    path = shopify(tmp_path / "a.csv", product("a", Title=""))
    for _ in range(2):
        import_catalogue(path, rejected_path=place)
        assert reasons(place) == [("2", "Title", "", "is empty")]
    import_catalogue(shopify(path, product("a")), rejected_path=place)
    assert not place.exists()


def test_a_folder_for_refused_rows_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = shopify(tmp_path / "a.csv", product("a"), product("b", Title=""))
    with pytest.raises(CatalogueRefused, match=r"is a folder; name a file for refused rows"):
        import_catalogue(path, rejected_path=tmp_path)
    assert not Product.objects.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(CatalogueRefused, match=r"pipe is not a regular file"):
        import_catalogue(pipe)
    assert not Product.objects.exists()
