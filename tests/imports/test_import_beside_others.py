"""What others write while a batch is written is met by looking again."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.imports.catalogues import jsonl, product, shopify
from tests.shop import add_category, add_product
from torg.catalogue.models import Category, Product
from torg.imports import write_batch
from torg.imports.categories import CategoryTree
from torg.imports.drafts import CategoryDraft
from torg.imports.import_catalogue import import_catalogue
from torg.inventory.models import Stock

pytestmark = pytest.mark.django_db(transaction=True)


def beside(action: Callable[[], object]) -> None:
    """Do it on another connection, and have it committed."""

    def run() -> None:
        action()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def just_before_writing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[int]]:
    """Have something done once, between looking at the shop and writing to it; count how often batches began."""

    def arrange(action: Callable[[], object]) -> list[int]:
        began: list[int] = []
        stage = write_batch.stage

        def staged(*arguments: Any) -> None:
            began.append(1)
            if len(began) == 1:
                beside(action)
            stage(*arguments)

        monkeypatch.setattr(write_batch, "stage", staged)
        return began

    return arrange


def test_a_product_that_appears_meanwhile_is_updated(
    tmp_path: Path, just_before_writing: Callable[[Callable[[], object]], list[int]]
) -> None:
    add_category("Other")
    began = just_before_writing(lambda: add_product("Mug", slug="cup", category=add_category("Elsewhere")))
    summary = import_catalogue(shopify(tmp_path / "a.csv", product("cup"), product("bowl")))
    assert (summary.products_created, summary.products_updated, summary.products_rejected) == (1, 1, 0)
    assert len(began) == 2
    assert Product.objects.get(slug="cup").name == "Cup"


def test_categories_made_for_what_was_taken_back_are_made_again(
    tmp_path: Path, just_before_writing: Callable[[Callable[[], object]], list[int]]
) -> None:
    elsewhere = add_category("Elsewhere")
    began = just_before_writing(lambda: add_product("x", slug="cup", category=elsewhere))
    summary = import_catalogue(shopify(tmp_path / "a.csv", product("cup", Type="Cups")))
    assert len(began) == 2
    assert (summary.categories_created, summary.products_updated) == (1, 1)
    assert Product.objects.get(slug="cup").category.slug == "cups"


def test_units_allocated_meanwhile_are_never_taken_away(
    tmp_path: Path, just_before_writing: Callable[[Callable[[], object]], list[int]]
) -> None:
    import_catalogue(shopify(tmp_path / "a.csv", product("cup"), product("bowl")))
    began = just_before_writing(lambda: Stock.objects.filter(variant__sku="S-cup").update(allocated=5))
    rows = [product("cup") | {"Variant Inventory Qty": "4"}, product("bowl") | {"Variant Inventory Qty": "4"}]
    summary = import_catalogue(shopify(tmp_path / "b.csv", *rows))
    assert len(began) == 2
    assert (summary.products_updated, summary.products_rejected) == (1, 1)
    assert summary.refusals[0].reason == "is below the 5 of S-cup that are allocated to orders"
    assert dict(Stock.objects.values_list("variant__sku", "on_hand")) == {"S-cup": 7, "S-bowl": 4}


def test_two_imports_at_once_make_each_product_once(tmp_path: Path) -> None:
    paths = [
        shopify(tmp_path / f"{n}.csv", *(product(f"cup-{m}", Type=f"Kind {m % 9}") for m in range(1500)))
        for n in range(2)
    ]
    summaries: list[Any] = []

    def run(path: Path) -> None:
        summaries.append(import_catalogue(path))
        connection.close()

    threads = [threading.Thread(target=run, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(summary.products_created for summary in summaries) == 1500
    assert sum(summary.products_unchanged for summary in summaries) == 1500
    assert Product.objects.count() == 1500


def test_two_imports_at_once_make_each_category_once(tmp_path: Path) -> None:
    lines = [{"type": "category", "slug": f"c{n}", "name": f"C {n}"} for n in range(300)]
    together = threading.Barrier(2)
    summaries: list[Any] = []

    def run(path: Path) -> None:
        together.wait()
        summaries.append(import_catalogue(path))
        connection.close()

    threads = [threading.Thread(target=run, args=(jsonl(tmp_path / f"{n}.jsonl", *lines),)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [summary.categories_rejected for summary in summaries] == [0, 0]
    assert sum(summary.categories_created for summary in summaries) == 300
    assert sum(summary.categories_unchanged for summary in summaries) == 300
    assert Category.objects.count() == 300


def test_a_category_that_appears_meanwhile_is_changed(tmp_path: Path) -> None:
    tree = CategoryTree(is_dry=False)
    beside(lambda: add_category("Elsewhere", slug="cups"))
    assert tree.put(CategoryDraft(slug="cups", name="Cups", parent=None))
    assert (tree.created, tree.updated) == (0, 1)
    assert list(Category.objects.values_list("slug", "name")) == [("cups", "Cups")]
