"""The categories: the whole tree, those at the top, and one by itself. One SQL statement each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from torg.caching.document import Document
from torg.caching.kinds import Asked, DocumentKind, register
from torg.catalogue.models import Category
from torg.lib.compiled import Compiled, IsOneOf, Slot
from torg.pages.shapes import (
    CategoryDetail,
    CategoryLink,
    CategoryNode,
    CategorySummary,
    CategoryTree,
    RootCategories,
    RootCategory,
)

TAGS = ["categories", "product-counts"]

Row = Mapping[str, Any]


def category_tree() -> Document:
    """Build the whole tree of visible categories, any depth."""
    return Document.of(msgspec.json.encode(CategoryTree(_tree())), TAGS)


def root_categories() -> Document:
    """Build the categories at the top, with the ones right below them."""
    roots = [
        RootCategory(
            root.id,
            root.slug,
            root.name,
            root.product_count,
            [
                CategorySummary(child.id, child.slug, child.name, child.product_count)
                for child in root.children
            ],
        )
        for root in _tree()
    ]
    return Document.of(msgspec.json.encode(RootCategories(roots)), TAGS)


def category_details(slugs: Sequence[str]) -> list[Document | None]:
    """Build the pages of the visible categories that have these ``slugs``; None where there is none."""
    near = Compiled("categories and their neighbours", _near).fetch({"slugs": list(slugs)})
    by_slug = {row["slug"]: row for row in near}
    by_id = {row["id"]: row for row in near}
    below: dict[UUID | None, list[Row]] = {}
    for row in near:
        below.setdefault(row["parent_id"], []).append(row)
    return [
        _detail(row, [by_id[pk] for pk in row["path"][:-1]], below.get(row["id"], [])) if row else None
        for row in (by_slug.get(slug) for slug in slugs)
    ]


def _detail(itself: Row, above: Sequence[Row], below: Sequence[Row]) -> Document:
    body = CategoryDetail(
        itself["id"],
        itself["slug"],
        itself["name"],
        itself["total"],
        description=itself["description"],
        ancestors=[CategoryLink(row["slug"], row["name"]) for row in above],
        children=[CategorySummary(row["id"], row["slug"], row["name"], row["total"]) for row in below],
    )
    return Document.of(msgspec.json.encode(body), ["categories", f"product-counts:{itself['id']}"])


def _near() -> QuerySet[Any, Any]:
    """Select categories, those above them and those right below them, in one statement that sees one state."""
    slugs = Slot("slugs", ArrayField(CharField()))
    visible = Category.objects.visible()
    total = visible.filter(path__contains=[OuterRef("pk")]).order_by()
    itself_or_below = visible.filter(IsOneOf(F("slug"), slugs), path__contains=[OuterRef("pk")])
    rows: QuerySet[Any, Any] = (
        visible.filter(Q(IsOneOf(F("parent__slug"), slugs)) | Q(Exists(itself_or_below)))
        .in_menu_order()
        .values(
            "id",
            "parent_id",
            "slug",
            "name",
            "description",
            "path",
            total=Subquery(
                total.values(total=Func(F("own_product_count"), function="SUM")), output_field=IntegerField()
            ),
        )
    )
    return rows


def _all() -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = (
        Category.objects.visible()
        .in_menu_order()
        .values("id", "parent_id", "slug", "name", "path", "own_product_count")
    )
    return rows


def _tree() -> list[CategoryNode]:
    """Hang each category below its parent, keeping their order, with the products of its whole subtree counted."""
    rows = Compiled("all categories", _all).fetch({})
    counts: Counter[UUID] = Counter()
    for row in rows:
        for place in row["path"]:
            counts[place] += row["own_product_count"]
    nodes = {
        row["id"]: CategoryNode(row["id"], row["slug"], row["name"], counts[row["id"]], []) for row in rows
    }
    roots: list[CategoryNode] = []
    for row in rows:
        siblings = roots if row["parent_id"] is None else nodes[row["parent_id"]].children
        siblings.append(nodes[row["id"]])
    return roots


def _all_slugs() -> Iterable[Asked]:
    slugs = (
        Category.objects.visible().order_by("path__len", "sort_order", "name").values_list("slug", flat=True)
    )
    return ({"slug": slug} for slug in slugs)


def _one() -> Iterable[Asked]:
    return [{}]


CATEGORY_TREE = register(
    DocumentKind(
        name="category_tree",
        route="category-tree",
        build=lambda _: category_tree(),
        seconds=3600,
        warmed_as={"navigation": _one},
    )
)
CATEGORIES = register(
    DocumentKind(
        name="categories",
        route="categories",
        build=lambda _: root_categories(),
        seconds=3600,
        warmed_as={"navigation": _one},
    )
)
CATEGORY = register(
    DocumentKind(
        name="category",
        route="category",
        place="slug",
        build=lambda asked: category_details([asked["slug"]])[0],
        build_many=lambda batch: category_details([asked["slug"] for asked in batch]),
        seconds=3600,
        warmed_as={"categories": _all_slugs},
    )
)
