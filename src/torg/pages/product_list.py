"""The list of products: filtered, sorted, a page at a time. At most four SQL statements, at any depth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    CharField,
    F,
    Field,
    Func,
    JSONField,
    QuerySet,
    UUIDField,
)
from django.db.models.functions import Lower
from psycopg.types.json import Jsonb

from torg.caching.document import Document
from torg.caching.kinds import Asked, DocumentKind, register
from torg.catalogue.models import Category, Product
from torg.catalogue.product import ProductQuerySet
from torg.inventory.availability import is_available
from torg.lib.compiled import Compiled, ContainsOneOf, IsOneOf, Slot
from torg.lib.keyset import WrongCursor
from torg.lib.parameters import WrongParameters, wrong_value
from torg.pages.product_card import CardRows, card, card_rows
from torg.pages.product_list_query import (
    AMOUNT,
    DEEPEST_ROW,
    ORDERS,
    PARAMETERS,
    ProductFilters,
    ProductListQuery,
)
from torg.pages.shapes import ProductList

COUNTED_EXACTLY = 10_000

# The rows of a page, and the parameters that lead to the next and the previous one.
Found = tuple[Sequence[Mapping[str, Any]], dict[str, Any] | None, dict[str, Any] | None]


class NoSuchCategory(LookupError):
    """No category that shoppers see has this slug."""


def product_list(query: ProductListQuery) -> Document:
    """Build a page of products.

    Raises ``NoSuchCategory``, and ``WrongCursor`` for a cursor of another order.
    """
    scope = _scope(query.filters.category)
    matching = _Matching(query.filters, scope.category_ids)
    count, count_is_exact = (scope.total, True) if query.filters.only_category else matching.counted()
    rows, following, preceding = (
        _page_by_cursor(matching, query) if query.page is None else _page_by_number(matching, query)
    )
    body = ProductList(
        results=[card(row) for row in rows],
        next=None if following is None else query.url(**following),
        previous=None if preceding is None else query.url(**preceding),
        count=count,
        count_is_exact=count_is_exact,
    )
    return Document.of(msgspec.json.encode(body), [scope.tag], is_kept=bool(rows))


@dataclass(frozen=True, slots=True)
class _Scope:
    """The part of the shop that is listed: how many products are on sale there, and in which categories they stand."""

    tag: str
    total: int
    category_ids: list[UUID] | None = None


def _scope(slug: str | None) -> _Scope:
    if slug is None:
        return _Scope("products", Compiled("products in the shop", _total_of_shop).fetch({})[0]["total"] or 0)
    found = Compiled("products in a category", _subtree).fetch({"slug": slug})
    itself = next((row for row in found if row["slug"] == slug), None)
    if itself is None:
        raise NoSuchCategory(slug)
    total = sum(row["own_product_count"] for row in found)
    return _Scope(f"products:category:{itself['id']}", total, [row["id"] for row in found])


def _total_of_shop() -> QuerySet[Any, Any]:
    return Category.objects.visible().order_by().values(total=Func(F("own_product_count"), function="SUM"))


def _subtree() -> QuerySet[Any, Any]:
    visible = Category.objects.visible().order_by()
    named = visible.filter(slug=Slot("slug", CharField()))
    # Where no category has the slug, every path contains the empty array: the caller looks for the named one.
    below = visible.filter(path__contains=Func(ArraySubquery(named.values("id")), template="%(expressions)s"))
    return below.values("id", "slug", "own_product_count")


class _Matching:
    """The products on sale that the filters let through, as statements that are compiled once for each set of filters.

    ``shape`` tells which filters are used, ``values`` with what.
    """

    def __init__(self, filters: ProductFilters, category_ids: list[UUID] | None) -> None:
        self.filters = filters
        self.values = _values(filters, category_ids)
        self.shape = (tuple(self.values), filters.in_stock, filters.featured)

    def counted(self) -> tuple[int, bool]:
        """Count exactly as far as that is cheap; beyond, take the planner's estimate."""
        everything = Compiled(("matching", self.shape), lambda: self.products().values("pk"))
        count = everything.count(self.values, at_most=COUNTED_EXACTLY + 1)
        if count <= COUNTED_EXACTLY:
            return count, True
        return max(everything.estimate(self.values), count), False

    def rows(self, sort: str) -> CardRows:
        """Compose the rows of cards, with what ``sort`` sorts by."""
        rows = card_rows(self.products())
        return rows.annotate(lower_name=Lower("name")) if sort == "name" else rows

    def products(self) -> ProductQuerySet:
        """Compose the products, with slots for the values."""
        slots = {name: Slot(name, _FIELDS[name.split(" ", 1)[0]]) for name in self.values}
        products = Product.objects.on_sale().priced(
            at_least=slots.get("price_min"), at_most=slots.get("price_max")
        )
        wanted = [
            ContainsOneOf(F("attributes"), slot)
            for name, slot in slots.items()
            if name.startswith("attribute ")
        ]
        if wanted:
            products = products.with_variant(*wanted)
        # A single category is named by itself, so that its products come in order from one index.
        if "category" in slots:
            products = products.filter(category=slots["category"])
        if "categories" in slots:
            products = products.filter(IsOneOf(F("category_id"), slots["categories"]))
        if "brands" in slots:
            products = products.filter(IsOneOf(F("brand"), slots["brands"]))
        if "rating_min" in slots:
            products = products.rated_at_least(slots["rating_min"])
        if self.filters.featured is not None:
            products = products.filter(is_featured=self.filters.featured)
        if self.filters.in_stock is not None:
            products = products.filter(is_available() if self.filters.in_stock else ~is_available())
        return products


_FIELDS: "dict[str, Field[Any, Any]]" = {
    "category": UUIDField(),
    "categories": ArrayField(UUIDField()),
    "brands": ArrayField(CharField()),
    "price_min": AMOUNT,
    "price_max": AMOUNT,
    "rating_min": AMOUNT,
    "attribute": ArrayField(JSONField()),
}


def _values(filters: ProductFilters, category_ids: list[UUID] | None) -> dict[str, Any]:
    """Name the value of each slot; a number tells those of several attributes apart."""
    attributes = [
        [Jsonb({name: text}) for text in texts] for name, texts in sorted(filters.attributes.items())
    ]
    values = {
        "category": category_ids[0] if category_ids is not None and len(category_ids) == 1 else None,
        "categories": category_ids if category_ids is not None and len(category_ids) > 1 else None,
        "brands": list(filters.brands) or None,
        "price_min": filters.price_min,
        "price_max": filters.price_max,
        "rating_min": filters.rating_min,
        **{f"attribute {number}": alternatives for number, alternatives in enumerate(attributes)},
    }
    return {name: value for name, value in values.items() if value is not None}


def _page_by_cursor(matching: _Matching, query: ProductListQuery) -> Found:
    order, size, cursor = ORDERS[query.sort], query.page_size, query.cursor
    key = {} if cursor is None else dict(zip(order.columns, order.key_of(cursor), strict=True))
    is_backward = cursor is not None and cursor.is_backward

    def rows() -> CardRows:
        if not key:
            return order.sorted(matching.rows(query.sort))
        after = [Slot(f"after {name}", order.columns[name]) for name in key]
        return order.beyond(matching.rows(query.sort), after=after, is_backward=is_backward)

    statement = Compiled(("page", matching.shape, query.sort, bool(key), is_backward), rows)
    values = {**matching.values, **{f"after {name}": value for name, value in key.items()}}
    page = order.cut(statement.fetch(values, limit=size + 1), size=size, cursor=cursor)
    if not page.rows and is_backward:
        return [], {}, None  # What stood before is gone, so the first page follows.
    return (
        page.rows,
        {"cursor": page.next} if page.next else None,
        {"cursor": page.previous} if page.previous else None,
    )


def _page_by_number(matching: _Matching, query: ProductListQuery) -> Found:
    order, number, size = ORDERS[query.sort], query.page or 1, query.page_size
    statement = Compiled(
        ("page", matching.shape, query.sort, False, False), lambda: order.sorted(matching.rows(query.sort))
    )
    page = order.cut(
        statement.fetch(matching.values, limit=size + 1, offset=(number - 1) * size), size=size, cursor=None
    )
    following: dict[str, Any] | None = None
    if page.next:
        # Deeper than pages may be numbered, the cursor goes on.
        is_near = (number + 1) * size <= DEEPEST_ROW
        following = {"page": number + 1} if is_near else {"cursor": page.next}
    return page.rows, following, {"page": number - 1} if number > 1 else None


def _build(asked: Asked) -> Document:
    try:
        return product_list(ProductListQuery.of(asked))
    except NoSuchCategory:
        detail = "No category has this slug. See /api/v1/categories/tree."
        raise WrongParameters([wrong_value("category", detail)]) from None
    except WrongCursor:
        detail = "Belongs to another sort; take it from next or previous."
        raise WrongParameters([wrong_value("cursor", detail)]) from None


_FEW = {"category", "sort", "in_stock", "featured"}


def _first_page_of_shop() -> Iterable[Asked]:
    return [{}]


def _first_pages() -> Iterable[Asked]:
    yield {}
    for slug in (
        Category.objects.visible().order_by("path__len", "sort_order", "name").values_list("slug", flat=True)
    ):
        yield {"category": slug}


PRODUCTS = register(
    DocumentKind(
        name="products",
        route="products",
        parameters=PARAMETERS,
        build=_build,
        seconds=900,
        is_open=lambda asked: not asked.keys() <= _FEW,
        warmed_as={"categories": _first_pages, "homepage": _first_page_of_shop},
    )
)
