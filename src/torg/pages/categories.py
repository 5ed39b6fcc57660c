"""The categories: the whole tree, those at the top, and one by itself. One SQL statement each."""

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import CharField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from torg.caching.document import Document
from torg.catalogue.models import Category
from torg.lib.compiled import Compiled, Slot
from torg.pages.shapes import (
    CategoryDetail,
    CategoryLink,
    CategoryNode,
    CategorySummary,
    CategoryTree,
    RootCategories,
    RootCategory,
)

TAGS = ["categories"]


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


def category_detail(slug: str) -> Document | None:
    """Build the page of the visible category that has ``slug``; None where there is none."""
    near = Compiled("category and its neighbours", _near).fetch({"slug": slug})
    itself = next((row for row in near if row["slug"] == slug), None)
    if itself is None:
        return None
    above = sorted(
        (row for row in near if row["id"] in itself["path"][:-1]), key=lambda row: len(row["path"])
    )
    body = CategoryDetail(
        itself["id"],
        itself["slug"],
        itself["name"],
        itself["total"],
        description=itself["description"],
        ancestors=[CategoryLink(row["slug"], row["name"]) for row in above],
        children=[
            CategorySummary(row["id"], row["slug"], row["name"], row["total"])
            for row in near
            if row["parent_id"] == itself["id"]
        ],
    )
    return Document.of(msgspec.json.encode(body), [f"category:{pk}" for pk in itself["path"]])


def _near() -> QuerySet[Any, Any]:
    """Select a category, those above it and those right below it, in one statement that sees one state."""
    visible = Category.objects.visible()
    total = visible.filter(path__contains=[OuterRef("pk")]).order_by()
    itself_or_below = visible.filter(slug=Slot("slug", CharField()), path__contains=[OuterRef("pk")])
    rows: QuerySet[Any, Any] = (
        visible.filter(Q(parent__slug=Slot("slug", CharField())) | Q(Exists(itself_or_below)))
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
