"""What counts as stale: judgements of what a document showed, by what was acknowledged before it was asked for.

Of each fact a range of versions may be seen: from the highest that was acknowledged before the request began, to the
highest that was attempted before it ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product as combinations
from typing import Any

from torg.cli.prove.world import (
    CATEGORIES,
    COMETS,
    COUNTED,
    PLACES,
    PRODUCTS,
    TRUNCATED,
    Fact,
    World,
    shown,
    version_of_amount,
    version_of_text,
)

Document = dict[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that may not be seen."""

    why: str
    """``stale``, ``gone``, ``there``, ``mixed``, or ``never committed``."""
    about: str
    seen: str
    expected: str
    fact: int | None = None
    version: int | None = None
    """The version seen, of a fact whose values show it."""


class Judge:
    """Knows what may be seen: of each fact the versions from ``lowest`` (None: not known any more) to ``highest``."""

    def __init__(self, world: World, lowest: Sequence[int | None], highest: Sequence[int]) -> None:
        self.world = world
        self.lowest = lowest
        self.highest = highest

    def product(self, slug: str, document: Document | None) -> Iterator[Complaint]:
        """Judge the page of a product; None if there was none."""
        if document is None:
            if slug in PRODUCTS or not self._may_be_absent(slug):
                yield Complaint("gone", f"page of {slug}", "404", "the page")
            return
        yield from self._card(document)
        if slug in PRODUCTS:
            (variant,) = document["variants"]
            attribute = version_of_text(variant["attributes"]["version"])
            yield from self._counted("attribute", slug, attribute, variant["attributes"]["version"])
            amount = variant["price"]["amount"]
            yield from self._counted("variant_price", slug, version_of_amount(amount), amount)
        ancestors = document["category"]["ancestors"]
        yield from self._path((*_slugs(ancestors), document["category"]["slug"]), f"page of {slug}")
        for link in ancestors:
            yield from self._category_name(link)

    def products(self, document: Document, **conditions: Any) -> Iterator[Complaint]:
        """Judge a list that has all its products on one page: those for which ``conditions`` hold."""
        listed = {card["slug"]: card for card in document["results"]}
        for slug in (*PRODUCTS, *COMETS):
            belongs = self._belongs(slug, **conditions)
            if slug in listed and True not in belongs:
                yield Complaint("there", slug, "listed", f"not listed, as {self._standing(slug)}")
            if slug not in listed and False not in belongs:
                yield Complaint("gone", slug, "not listed", f"listed, as {self._standing(slug)}")
        for card in listed.values():
            yield from self._card(card)
        if "count" in document and document["count"] != len(document["results"]):
            yield Complaint(
                "mixed", "count", str(document["count"]), f"{len(document['results'])}, as are listed"
            )

    def category(self, slug: str, document: Document | None) -> Iterator[Complaint]:
        """Judge the page of a category; None if there was none."""
        if document is None:
            yield Complaint("gone", f"page of {slug}", "404", "the page")
            return
        yield from self._path((*_slugs(document["ancestors"]), slug), f"page of {slug}")
        yield from self._children(slug, _slugs(document["children"]))
        for link in document["ancestors"]:
            yield from self._category_name(link)
        for summary in (document, *document["children"]):
            yield from self._summary(summary)

    def tree(self, document: Document, *, depth: int = 100) -> Iterator[Complaint]:
        """Judge the tree of categories, shown ``depth`` deep."""
        yield from self._children(None, _slugs(document["results"]))
        for node in document["results"]:
            yield from self._node(node, depth - 1)

    def _node(self, node: Document, depth: int) -> Iterator[Complaint]:
        yield from self._summary(node)
        if depth:
            yield from self._children(node["slug"], _slugs(node["children"]))
            for child in node["children"]:
                yield from self._node(child, depth - 1)

    def _summary(self, summary: Document) -> Iterator[Complaint]:
        yield from self._category_name(summary)
        low, high = self._counts[summary["slug"]]
        if not low <= summary["product_count"] <= high:
            about = f"products in {summary['slug']}"
            yield Complaint("stale", about, str(summary["product_count"]), f"{low} to {high}")

    def _card(self, card: Document) -> Iterator[Complaint]:
        slug, category = card["slug"], card["category"]
        yield from self._category_name(category)
        version = version_of_text(card["name"])
        if slug in COMETS:
            if True not in self._exists(slug):
                yield Complaint("there", slug, "shown", "deleted")
            yield from self._counted("comet", slug, version, card["name"])
            return
        yield from self._counted("name", slug, version, card["name"])
        yield from self._counted(
            "price", slug, version_of_amount(card["price"]["amount"]), card["price"]["amount"]
        )
        if card["image"] is None and not self._is_being_truncated:
            yield Complaint("gone", f"image of {slug}", "none", "the image")
        if card["image"] is not None:
            yield from self._counted("alt", slug, version_of_text(card["image"]["alt"]), card["image"]["alt"])
        yield from self._repeated("availability", slug, card["availability"])
        yield from self._repeated("featured", slug, card["is_featured"])
        yield from self._repeated("place", slug, category["slug"])

    @property
    def _is_being_truncated(self) -> bool:
        fact = self.world.by_name[TRUNCATED]
        return self.lowest[fact.index] != self.highest[fact.index]

    def _category_name(self, named: Document) -> Iterator[Complaint]:
        yield from self._counted(
            "category_name", named["slug"], version_of_text(named["name"]), named["name"]
        )

    def _counted(self, kind: str, slug: str, version: int | None, text: str) -> Iterator[Complaint]:
        fact = self.world.by_name[kind, slug]
        lowest, highest = self.lowest[fact.index], self.highest[fact.index]
        if version is None:
            yield Complaint("never committed", str(fact), text, "a version", fact.index)
        elif lowest is not None and version < lowest:
            yield Complaint("stale", str(fact), f"v{version}", f"v{lowest} or later", fact.index, version)
        elif version > highest:
            yield Complaint("never committed", str(fact), f"v{version}", f"at most v{highest}", fact.index)

    def _repeated(self, kind: str, slug: str, value: object) -> Iterator[Complaint]:
        fact = self.world.by_name[kind, slug]
        possible = self._possible(fact)
        if value not in possible:
            yield Complaint("stale", str(fact), str(value), self._told(fact, possible), fact.index)

    def _path(self, path: Path, about: str) -> Iterator[Complaint]:
        possible = self._paths[path[-1]]
        if path not in possible:
            yield Complaint("stale", f"path in {about}", "/".join(path), " or ".join(map("/".join, possible)))

    def _children(self, slug: str | None, children: list[str]) -> Iterator[Complaint]:
        for child in CATEGORIES:
            parents = {path[-2] if len(path) > 1 else None for path in self._paths[child]}
            if child in children and slug not in parents:
                yield Complaint("there", f"{child} below {slug}", "shown", f"below {parents}")
            if child not in children and parents == {slug}:
                yield Complaint("gone", f"{child} below {slug}", "not shown", "shown")

    def _belongs(
        self,
        slug: str,
        *,
        category: str | None = None,
        featured: bool | None = None,
        in_stock: bool | None = None,
    ) -> set[bool]:
        """Say whether a product may be in such a list, and whether it may be missing."""
        answers = [self._exists(slug)]
        if category is not None:
            answers.append({category in path for place in self._places(slug) for path in self._paths[place]})
        if featured is not None:
            answers.append({value is featured for value in self._values("featured", slug, of_comets=False)})
        if in_stock is not None:
            values = self._values("availability", slug, of_comets="in_stock")
            answers.append({(value != "out_of_stock") is in_stock for value in values})
        return {all(combination) for combination in combinations(*answers)}

    def _exists(self, slug: str) -> set[bool]:
        if slug in PRODUCTS:
            return {True}
        return {value is not None for value in self._possible(self.world.by_name["comet", slug])}

    def _may_be_absent(self, slug: str) -> bool:
        return False in self._exists(slug)

    def _places(self, slug: str) -> set[str]:
        return {str(value) for value in self._values("place", slug, of_comets=PLACES[1])}

    def _values(self, kind: str, slug: str, *, of_comets: object) -> set[object]:
        return self._possible(self.world.by_name[kind, slug]) if slug in PRODUCTS else {of_comets}

    def _possible(self, fact: Fact) -> set[object]:
        lowest, highest = self.lowest[fact.index], self.highest[fact.index]
        # After this many versions all values have been there.
        first = max(0, highest - 30) if lowest is None else lowest
        return {shown(fact, version) for version in range(first, highest + 1)}

    def _told(self, fact: Fact, values: set[object]) -> str:
        versions = f"v{self.lowest[fact.index]} to v{self.highest[fact.index]}"
        return f"{' or '.join(sorted(map(str, values)))} ({versions})"

    def _standing(self, slug: str) -> str:
        kinds = ("place", "featured", "availability") if slug in PRODUCTS else ("comet",)
        facts = [self.world.by_name[kind, slug] for kind in kinds]
        return ", ".join(f"{fact.kind} is {self._told(fact, self._possible(fact))}" for fact in facts)

    @cached_property
    def _paths(self) -> dict[str, list[Path]]:
        """The paths that each category may have, from the root down."""
        paths: dict[str, list[Path]] = {}
        for slug in sorted(CATEGORIES, key=_depth):
            fact = self.world.by_name.get(("category_place", slug))
            parents = self._possible(fact) if fact else {shown_parent(slug)}
            paths[slug] = [
                (*above, slug) for parent in parents for above in (paths[str(parent)] if parent else [()])
            ]
        return paths

    @cached_property
    def _counts(self) -> dict[str, tuple[int, int]]:
        """How many products may be in each category, at least and at most."""
        belong = {
            category: [self._belongs(slug, category=category) for slug in (*PRODUCTS, *COMETS)]
            for category in CATEGORIES
        }
        return {
            category: (sum(False not in each for each in all_), sum(True in each for each in all_))
            for category, all_ in belong.items()
        }


assert "comet" not in COUNTED  # noqa: S101  (it may also be gone)


def shown_parent(slug: str) -> str | None:
    """Return the parent of a category that never moves."""
    from torg.cli.prove.world import PARENTS

    return PARENTS[slug][0]


def _depth(slug: str) -> int:
    parent = shown_parent(slug)
    return 0 if parent is None else 1 + _depth(parent)


def _slugs(links: Sequence[Document]) -> list[str]:
    return [link["slug"] for link in links]
