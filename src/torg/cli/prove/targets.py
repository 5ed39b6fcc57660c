"""The documents that are read: their addresses, and how each is judged."""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torg.cli.prove.judge import Complaint, Judge
from torg.cli.prove.world import CATEGORIES, COMETS, OUTSIDE, PRODUCTS

Judging = Callable[[Judge, Any], Iterator[Complaint]]
_ALL = "page_size=50"


@dataclass(frozen=True)
class Target:
    """A document; ``judging`` is given None where there was none."""

    kind: str
    path: str
    judging: Judging
    weight: int = 1

    def complaints(self, judge: Judge, body: bytes | None) -> list[Complaint]:
        """Judge what was answered."""
        return list(self.judging(judge, None if body is None else json.loads(body)))


def targets() -> list[Target]:
    """Name all documents."""
    return [*_products(), *_lists(), *_categories()]


def _products() -> Iterator[Target]:
    for slug in (*PRODUCTS, *COMETS):
        # What is written behind Torg's back is looked at more often, so that it is known when it is seen.
        weight = 12 if slug in OUTSIDE else 4
        yield _page("product", f"/api/v1/products/{slug}", Judge.product, slug, weight)


def _page(
    kind: str, path: str, judging: Callable[[Judge, str, Any], Iterator[Complaint]], slug: str, weight: int
) -> Target:
    return Target(kind, path, lambda judge, document: judging(judge, slug, document), weight)


def _lists() -> Iterator[Target]:
    yield _list("products", f"?{_ALL}", weight=4)
    yield _list("products", f"?{_ALL}&sort=price")
    yield _list("products, filtered", f"?featured=true&{_ALL}", featured=True)
    yield _list("products, filtered", f"?in_stock=true&{_ALL}", in_stock=True)
    for slug in CATEGORIES:
        yield _list("products of a category", f"?category={slug}&{_ALL}", category=slug, weight=2)
    yield _list("featured", "/featured?limit=50", featured=True, weight=6)


def _list(kind: str, query: str, *, weight: int = 1, **conditions: Any) -> Target:
    def judging(judge: Judge, document: Any) -> Iterator[Complaint]:
        if document is None:
            return iter([Complaint("gone", kind, "404", "the list")])
        return judge.products(document, **conditions)

    return Target(kind, f"/api/v1/products{query}", judging, weight)


def _categories() -> Iterator[Target]:
    for slug in CATEGORIES:
        yield _page("category", f"/api/v1/categories/{slug}", Judge.category, slug, 2)
    yield _tree("category_tree", "/api/v1/categories/tree", depth=100, weight=6)
    yield _tree("categories", "/api/v1/categories", depth=2, weight=3)


def _tree(kind: str, path: str, *, depth: int, weight: int) -> Target:
    def judging(judge: Judge, document: Any) -> Iterator[Complaint]:
        if document is None:
            return iter([Complaint("gone", kind, "404", "the tree")])
        return judge.tree(document, depth=depth)

    return Target(kind, path, judging, weight)


HOT_SECONDS = 0.1
HOT_SHARE = 0.3


class Choice:
    """Chooses documents to read, those with more weight more often, and now and then what all others read, too."""

    def __init__(self, chance: random.Random) -> None:
        self._random = chance
        self.targets = targets()
        self._weights = [target.weight for target in self.targets]

    def __call__(self) -> Target:
        """Choose one."""
        if self._random.random() < HOT_SHARE:
            # For a moment the same one in all readers, so that many ask at once for what is not there.
            return self.targets[int(time.monotonic() / HOT_SECONDS) * 7 % len(self.targets)]
        (target,) = self._random.choices(self.targets, self._weights)
        return target
