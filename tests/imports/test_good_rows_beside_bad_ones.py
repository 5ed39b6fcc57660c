"""A row that PostgreSQL would refuse, or that was refused before, never takes good ones along."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.imports.catalogues import contents, jsonl, product, reasons, shopify
from torg.catalogue.models import Category, Product, ProductImage
from torg.imports import import_catalogue as verb
from torg.imports import torg_reader
from torg.imports.import_catalogue import import_catalogue

pytestmark = pytest.mark.django_db

CUP = {"type": "product", "sku": "C", "name": "Cup", "price": "1.00"}


def cup(slug: str, *skus: str, **fields: Any) -> dict[str, Any]:
    variants = [{"sku": sku} for sku in skus or (f"V-{slug}",)]
    return CUP | {"slug": slug, "sku": f"P-{slug}", "variants": variants} | fields


def slugs() -> set[str]:
    return set(Product.objects.values_list("slug", flat=True))


def test_addresses_of_pictures_are_cleaned(tmp_path: Path) -> None:
    bad = cup("bad", images=[{"url": "http://a/\x00b"}])
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", cup("a"), bad, cup("b")))
    assert (summary.products_created, summary.products_rejected) == (3, 0)
    assert ProductImage.objects.get().url == "http://a/b"


def test_a_category_path_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    rows = [
        product("bad") | {"Product Category": " > ".join(f"c{n}" for n in range(101))},
        product("good") | {"Product Category": " > ".join(f"c{n}" for n in range(100))},
    ]
    summary = import_catalogue(shopify(tmp_path / "a.csv", *rows))
    assert (summary.products_created, summary.products_rejected) == (1, 1)
    ((at, column, _, reason),) = reasons(tmp_path / "a.csv.rejected.csv")
    assert (at, column, reason) == (
        "2", "Product Category", "is 101 categories deep, at most 100 are allowed",
    )  # fmt: skip
    assert slugs() == {"good"}
    assert Category.objects.count() == 100


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_category_line_that_is_too_deep_is_refused(tmp_path: Path, dry_run: bool) -> None:
    chain = [{"type": "category", "slug": "c0", "name": "c0"}]
    chain += [
        {"type": "category", "slug": f"c{n}", "name": "x", "parent": f"c{n - 1}"} for n in range(1, 101)
    ]
    path = jsonl(tmp_path / "a.jsonl", *chain, cup("good", category="c99"))
    summary = import_catalogue(path, dry_run=dry_run)
    assert (summary.categories_created, summary.categories_rejected) == (100, 1)
    assert (summary.products_created, summary.products_rejected) == (1, 0)
    assert reasons(tmp_path / "a.jsonl.rejected.csv") == [
        ("101", "parent", "c99", "puts categories 101 deep, at most 100 are allowed")
    ]
    assert Category.objects.count() == (0 if dry_run else 100)


def test_categories_moved_too_deep_with_those_below_them_are_refused(tmp_path: Path) -> None:
    chain = [{"type": "category", "slug": "c0", "name": "c0"}]
    chain += [{"type": "category", "slug": f"c{n}", "name": "x", "parent": f"c{n - 1}"} for n in range(1, 99)]
    pair = [
        {"type": "category", "slug": "a", "name": "a"},
        {"type": "category", "slug": "b", "name": "b", "parent": "a"},
    ]
    import_catalogue(jsonl(tmp_path / "a.jsonl", *chain, *pair))
    before = contents()
    summary = import_catalogue(jsonl(tmp_path / "b.jsonl", pair[0] | {"parent": "c98"}))
    assert summary.refusals[0].reason == "puts categories 101 deep, at most 100 are allowed"
    assert contents() == before
    moved = import_catalogue(jsonl(tmp_path / "b.jsonl", pair[0] | {"parent": "c97"}))
    assert (moved.categories_updated, moved.categories_rejected) == (1, 0)


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ("CHECK (name <> 'Bad')", "breaks the rule never_bad"),
        ("UNIQUE (name)", None),
    ],
)
def test_what_only_postgresql_refuses_costs_itself_only(
    tmp_path: Path, constraint: str, reason: str | None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE catalogue_product ADD CONSTRAINT never_bad {constraint}")
    name = "Bad" if reason else "Good 1"
    good = [cup(f"good-{n}", name=f"Good {n}") for n in range(6)]
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", *good, cup("bad", name=name)))
    assert (summary.products_created, summary.products_rejected) == (6, 1)
    assert reasons(tmp_path / "a.jsonl.rejected.csv") == [("7", "slug", "bad", "breaks the rule never_bad")]
    assert slugs() == {f"good-{n}" for n in range(6)}


def test_a_value_that_postgresql_cannot_read_costs_its_product_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torg_reader, "clean_html", lambda text: text)
    lines = [cup("a"), cup("bad", description="\x00"), cup("b")]
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", *lines))
    assert (summary.products_created, summary.products_rejected) == (2, 1)
    assert summary.refusals[0].reason.startswith("cannot be kept: ")
    assert slugs() == {"a", "b"}


def test_what_a_refused_line_told_does_not_refuse_others(tmp_path: Path) -> None:
    lines = [cup("a", "CS1"), cup("b", "CS2", "CS1"), cup("c", "CS2")]
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", *lines))
    assert (summary.products_created, summary.products_rejected) == (2, 1)
    assert reasons(tmp_path / "a.jsonl.rejected.csv") == [
        ("2", "variant sku", "CS1", "stands in the file before, in line 1")
    ]
    assert slugs() == {"a", "c"}


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_what_the_shop_contradicts_does_not_refuse_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    import_catalogue(jsonl(tmp_path / "a.jsonl", cup("old", "TAKEN")))
    monkeypatch.setattr(verb, "BATCH_PRODUCTS", batch)
    lines = [cup("bad", "NEW", "TAKEN"), cup("good", "NEW"), cup("late", "NEW"), cup("last")]
    summary = import_catalogue(jsonl(tmp_path / "b.jsonl", *lines))
    assert (summary.products_created, summary.products_rejected) == (2, 2)
    assert [(each.line, each.reason) for each in summary.refusals] == [
        (1, "is the SKU of a variant of another product, old"),
        (3, "stands in the file before, in line 2"),
    ]
    assert slugs() == {"old", "good", "last"}


def test_products_that_wait_come_before_the_categories_after_them(tmp_path: Path) -> None:
    import_catalogue(jsonl(tmp_path / "a.jsonl", cup("old", "TAKEN")))
    category = {"type": "category", "slug": "top", "name": "Top"}
    lines = [category, cup("bad", "NEW", "TAKEN"), cup("good", "NEW", category="top")]
    summary = import_catalogue(jsonl(tmp_path / "b.jsonl", *lines, category | {"slug": "x", "name": "X"}))
    assert (summary.products_created, summary.categories_created) == (1, 2)
    assert Product.objects.get(slug="good").category.slug == "top"


def test_products_categories_and_lines_of_neither_are_counted_apart(tmp_path: Path) -> None:
    bad_category = {"type": "category", "slug": "x", "name": "X", "parent": "nowhere"}
    lines = [bad_category, bad_category | {"name": 5}, "garbage", "[1]", {"type": "thing"}, cup("a", name="")]
    summary = import_catalogue(jsonl(tmp_path / "a.jsonl", *lines, cup("b", price="x")))
    assert (summary.products_rejected, summary.categories_rejected, summary.rows_rejected) == (2, 2, 7)
    assert summary.as_json()["categories_rejected"] == 2
    assert not Product.objects.exists()


def test_rows_without_a_sku_and_with_the_same_options_are_refused(tmp_path: Path) -> None:
    first = product("cup", Option1_Name="Size", Option1_Value="S") | {"Variant SKU": ""}
    again = {"Handle": "cup", "Option1 Value": "S", "Variant Price": "2"}
    other = {"Handle": "cup", "Option1 Value": "L", "Variant Price": "2"}
    summary = import_catalogue(shopify(tmp_path / "a.csv", first, other, again))
    assert (summary.products_created, summary.products_rejected) == (0, 1)
    assert [(each.line, each.column, each.value) for each in summary.refusals] == [(4, "Option1 Value", "S")]
    assert not Product.objects.exists()
    assert import_catalogue(shopify(tmp_path / "a.csv", first, other)).variants_created == 2
