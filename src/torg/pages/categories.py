"""The categories: the whole tree, those at the top, and one by itself. One SQL statement each, two for one."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db.models import F, Func, IntegerField, OuterRef, Q, Subquery

from torg.caching.document import Document
from torg.catalogue.models import Category
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
    return Document.of(
        msgspec.json.encode(CategoryTree(_tree(Category.objects.visible().in_menu_order()))), TAGS
    )


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
        for root in _tree(Category.objects.visible().in_menu_order())
    ]
    return Document.of(msgspec.json.encode(RootCategories(roots)), TAGS)


def category_detail(slug: str) -> Document | None:
    """Build the page of the visible category that has ``slug``; None where there is none."""
    category = Category.objects.visible().filter(slug=slug).first()
    if category is None:
        return None
    below = Category.objects.visible().filter(path__contains=[OuterRef("pk")]).order_by()
    total = below.values(total=Func(F("own_product_count"), function="SUM"))
    near = Category.objects.visible().filter(Q(parent=category) | Q(pk__in=category.path)).in_menu_order()
    rows = list(near.annotate(product_count=Subquery(total, output_field=IntegerField())))
    by_id = {row.pk: row for row in rows}
    body = CategoryDetail(
        category.pk,
        category.slug,
        category.name,
        by_id[category.pk].product_count,
        description=category.description,
        ancestors=[CategoryLink(by_id[pk].slug, by_id[pk].name) for pk in category.ancestor_ids],
        children=[
            CategorySummary(row.pk, row.slug, row.name, row.product_count)
            for row in rows
            if row.parent_id == category.pk
        ],
    )
    return Document.of(msgspec.json.encode(body), [f"category:{pk}" for pk in category.path])


def _tree(categories: Iterable[Category]) -> list[CategoryNode]:
    """Hang each category below its parent, keeping their order, with the products of its whole subtree counted."""
    rows = list(categories)
    counts: Counter[UUID] = Counter()
    for row in rows:
        for place in row.path:
            counts[place] += row.own_product_count
    nodes = {row.pk: CategoryNode(row.pk, row.slug, row.name, counts[row.pk], []) for row in rows}
    roots = []
    for row in rows:
        siblings = roots if row.parent_id is None else nodes[row.parent_id].children
        siblings.append(nodes[row.pk])
    return roots
