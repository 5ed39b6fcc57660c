"""The list of products: filtered, sorted, a page at a time. At most four SQL statements, at any depth."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.db.models import (
    CharField,
    DateTimeField,
    DecimalField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Subquery,
    Sum,
    UUIDField,
)
from django.db.models.functions import Lower
from django.urls import reverse

from torg.caching.document import Document
from torg.catalogue.models import Category, Product
from torg.catalogue.product import ProductQuerySet
from torg.inventory.availability import is_available
from torg.lib.keyset import Cursor, Order
from torg.pages.product_card import CardRows, card, card_rows
from torg.pages.shapes import ProductList

COUNTED_EXACTLY = 10_000
DEEPEST_ROW = 10_000

_AMOUNT = DecimalField(max_digits=12, decimal_places=2)
_ID = {"id": UUIDField()}
ORDERS = {
    order.name: order
    for order in (
        Order("-created_at", {"created_at": DateTimeField(), **_ID}, is_descending=True),
        Order("price", {"price": _AMOUNT, **_ID}),
        Order("-price", {"price": _AMOUNT, **_ID}, is_descending=True),
        Order("name", {"lower_name": CharField(blank=True), **_ID}),
        Order("-rating", {"rating_average": _AMOUNT, **_ID}, is_descending=True),
    )
}
DEFAULT_SORT = "-created_at"
DEFAULT_PAGE_SIZE = 20


_BOOLEANS = {None: None, True: "true", False: "false"}
# The rows of a page, and the parameters that lead to the next and the previous one.
Found = tuple[Sequence[Mapping[str, Any]], dict[str, Any] | None, dict[str, Any] | None]


class NoSuchCategory(LookupError):
    """No category that shoppers see has this slug."""


@dataclass(frozen=True, kw_only=True)
class ProductFilters:
    """Which products: all conditions hold together; of several brands or values of an attribute, any one."""

    category: str | None = None
    brands: Sequence[str] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool | None = None
    featured: bool | None = None
    rating_min: Decimal | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def only_category(self) -> bool:
        """Whether nothing but the category, if that, narrows the shop down."""
        return self == ProductFilters(category=self.category)

    def parameters(self) -> dict[str, Any]:
        """Return them as the query parameters that ask for them, in a fixed order."""
        named = {
            "category": self.category,
            "brand": list(self.brands),
            "price_min": self.price_min,
            "price_max": self.price_max,
            "in_stock": _BOOLEANS[self.in_stock],
            "featured": _BOOLEANS[self.featured],
            "rating_min": self.rating_min,
            **{f"attr.{name}": list(values) for name, values in sorted(self.attributes.items())},
        }
        return {name: value for name, value in named.items() if value not in (None, [])}


@dataclass(frozen=True, kw_only=True)
class ProductListQuery:
    """Which products, in which order, and which page of them: after ``cursor``, else by number, else the first."""

    filters: ProductFilters = field(default_factory=ProductFilters)
    sort: str = DEFAULT_SORT
    page_size: int = DEFAULT_PAGE_SIZE
    cursor: Cursor | None = None
    page: int | None = None

    def url(self, **place: Any) -> str:
        """Return the address of another page of the same list, with defaults left out."""
        parameters = self.filters.parameters()
        if self.sort != DEFAULT_SORT:
            parameters["sort"] = self.sort
        if self.page_size != DEFAULT_PAGE_SIZE:
            parameters["page_size"] = self.page_size
        return f"{reverse('products')}?{urlencode({**parameters, **place}, doseq=True)}"


def product_list(query: ProductListQuery) -> Document:
    """Build a page of products.

    Raises ``NoSuchCategory``, and ``WrongCursor`` for a cursor of another order.
    """
    category_id, total = _category_and_total(query.filters.category)
    products = matching(query.filters, category_id)
    count, count_is_exact = (total, True) if query.filters.only_category else _counted(products)
    rows, following, preceding = (
        _page_by_cursor(products, query) if query.page is None else _page_by_number(products, query)
    )
    body = ProductList(
        results=[card(row) for row in rows],
        next=query.url(**following) if following else None,
        previous=query.url(**preceding) if preceding else None,
        count=count,
        count_is_exact=count_is_exact,
    )
    return Document.of(
        msgspec.json.encode(body), ["products" if category_id is None else f"category:{category_id}"]
    )


def matching(filters: ProductFilters, category_id: UUID | None) -> ProductQuerySet:
    """Return the products on sale that ``filters`` let through; the category is given by its id."""
    products = (
        Product.objects.on_sale()
        .priced(at_least=filters.price_min, at_most=filters.price_max)
        .with_attributes(filters.attributes)
    )
    if category_id is not None:
        products = products.in_subtree(category_id)
    if filters.brands:
        products = products.of_brands(filters.brands)
    if filters.featured is not None:
        products = products.filter(is_featured=filters.featured)
    if filters.rating_min is not None:
        products = products.rated_at_least(filters.rating_min)
    if filters.in_stock is not None:
        products = products.filter(is_available() if filters.in_stock else ~is_available())
    return products


def _category_and_total(slug: str | None) -> tuple[UUID | None, int]:
    """Return the category's id and how many products are on sale in it and below it; without a slug, in the shop."""
    if slug is None:
        total = Category.objects.visible().aggregate(total=Sum("own_product_count", default=0))["total"]
        return None, total
    below = Category.objects.visible().filter(path__contains=[OuterRef("pk")]).order_by()
    total = below.values(total=Func(F("own_product_count"), function="SUM"))
    found: tuple[UUID, int] | None = (
        Category.objects.visible()
        .filter(slug=slug)
        .values_list("id", Subquery(total, output_field=IntegerField()))
        .first()
    )
    if found is None:
        raise NoSuchCategory(slug)
    return found


def _counted(products: ProductQuerySet) -> tuple[int, bool]:
    """Count exactly as far as that is cheap; beyond, take the planner's estimate."""
    count = products[: COUNTED_EXACTLY + 1].count()
    if count <= COUNTED_EXACTLY:
        return count, True
    plan = json.loads(products.order_by().explain(format="json"))
    return max(int(plan[0]["Plan"]["Plan Rows"]), count), False


def _page_by_cursor(products: ProductQuerySet, query: ProductListQuery) -> Found:
    order = ORDERS[query.sort]
    fetched = list(order.page(_rows(products, query.sort), size=query.page_size, cursor=query.cursor))
    page = order.cut(fetched, size=query.page_size, cursor=query.cursor)
    return (
        page.rows,
        {"cursor": page.next.encoded()} if page.next else None,
        {"cursor": page.previous.encoded()} if page.previous else None,
    )


def _page_by_number(products: ProductQuerySet, query: ProductListQuery) -> Found:
    number, size = query.page or 1, query.page_size
    rows = list(
        ORDERS[query.sort].sorted(_rows(products, query.sort))[(number - 1) * size : number * size + 1]
    )
    has_more = len(rows) > size and (number + 1) * size <= DEEPEST_ROW
    return (
        rows[:size],
        {"page": number + 1} if has_more else None,
        {"page": number - 1} if number > 1 else None,
    )


def _rows(products: ProductQuerySet, sort: str) -> CardRows:
    rows = card_rows(products)
    return rows.annotate(lower_name=Lower("name")) if sort == "name" else rows
