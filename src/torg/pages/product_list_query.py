"""What can be asked of the list of products: filters, an order, a page. Declared once, for reading and for writing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, DateTimeField, DecimalField, UUIDField
from django.urls import reverse

from torg.lib.keyset import Cursor, Order, parse_cursor
from torg.lib.parameters import (
    FieldError,
    Parameter,
    Parameters,
    WrongValue,
    choice_parser,
    integer_parser,
    parse_amount,
    parse_boolean,
    parse_text,
    wrong_value,
)

DEEPEST_ROW = 10_000
MOST_ATTRIBUTES = 10

AMOUNT = DecimalField(max_digits=12, decimal_places=2)
_ID = {"id": UUIDField()}
ORDERS = {
    order.name: order
    for order in (
        Order("-created_at", {"created_at": DateTimeField(), **_ID}, is_descending=True),
        Order("price", {"price": AMOUNT, **_ID}),
        Order("-price", {"price": AMOUNT, **_ID}, is_descending=True),
        Order("name", {"lower_name": CharField(blank=True), **_ID}),
        Order("-rating", {"rating_average": AMOUNT, **_ID}, is_descending=True),
    )
}
DEFAULT_SORT = "-created_at"
DEFAULT_PAGE_SIZE = 20


def parse_rating(text: str) -> Decimal:
    """Read a rating, 1 to 5."""
    if not re.fullmatch(r"[1-4](\.[0-9]{1,2})?|5(\.0{1,2})?", text):
        raise WrongValue("Must be a number from 1 to 5 with at most two digits after the point.")
    return Decimal(text)


_TEXT = {"type": "string", "minLength": 1, "maxLength": 500}
_AMOUNT = {"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"}
_BOOLEAN = {"type": "boolean"}

FILTERS = (
    Parameter(
        name="category",
        parse=parse_text,
        description="Slug of a category; products below it are included.",
        schema=_TEXT,
        example="kitchen",
    ),
    Parameter(
        name="brand",
        parse=parse_text,
        description="Name of a brand; give it several times for any of several.",
        schema=_TEXT,
        is_repeatable=True,
    ),
    Parameter(
        name="price_min", parse=parse_amount, description="Lowest price.", schema=_AMOUNT, example="10"
    ),
    Parameter(
        name="price_max", parse=parse_amount, description="Highest price.", schema=_AMOUNT, example="49.99"
    ),
    Parameter(
        name="in_stock",
        parse=parse_boolean,
        description="true: at least one variant can be bought; false: none can.",
        schema=_BOOLEAN,
        example=True,
    ),
    Parameter(
        name="featured",
        parse=parse_boolean,
        description="Put in front by the merchant, or not.",
        schema=_BOOLEAN,
    ),
    Parameter(
        name="rating_min",
        parse=parse_rating,
        description="Lowest average rating; leaves out what nobody rated.",
        schema={"type": "string", "pattern": r"^([1-4](\.[0-9]{1,2})?|5(\.0{1,2})?)$"},
        example="4",
    ),
    Parameter(
        name="attr.",
        parse=parse_text,
        description="Attribute of a variant, such as `attr.size=L`; give it several times for any of several values. "
        "Different attributes hold for one and the same variant.",
        schema=_TEXT,
        is_repeatable=True,
    ),
)
PLACE = (
    Parameter(
        name="sort",
        parse=choice_parser(ORDERS),
        description="Order of the list.",
        schema={"type": "string", "enum": list(ORDERS), "default": DEFAULT_SORT},
        default=DEFAULT_SORT,
    ),
    Parameter(
        name="page_size",
        parse=integer_parser(1, 100),
        description="How many products on a page.",
        schema={"type": "integer", "minimum": 1, "maximum": 100, "default": DEFAULT_PAGE_SIZE},
        default=DEFAULT_PAGE_SIZE,
    ),
    Parameter(
        name="cursor",
        parse=parse_cursor,
        write=Cursor.encoded,
        description="Where the page begins, as in `next` and `previous`; costs the same at any depth.",
        schema={"type": "string", "maxLength": 4000},
    ),
    Parameter(
        name="page",
        parse=integer_parser(1, DEEPEST_ROW),
        description=f"Number of the page, for jumping, up to product {DEEPEST_ROW:,}; go on by `cursor` from there.",
        schema={"type": "integer", "minimum": 1, "maximum": DEEPEST_ROW},
    ),
)


def _contradictions(values: Mapping[str, Any]) -> Iterable[FieldError]:
    low, high = values.get("price_min"), values.get("price_max")
    if low is not None and high is not None and low > high:
        yield wrong_value("price_min", "Must not be above price_max.")
    page = values.get("page")
    if page is not None and "cursor" in values:
        yield wrong_value("page", "Cannot be used together with cursor.")
    if page is not None and page * values.get("page_size", DEFAULT_PAGE_SIZE) > DEEPEST_ROW:
        yield wrong_value("page", f"Reaches to product {DEEPEST_ROW:,} at most; go on by cursor from there.")
    if sum(name.startswith("attr.") for name in values) > MOST_ATTRIBUTES:
        yield wrong_value("attr.", f"At most {MOST_ATTRIBUTES} attributes can be asked for at once.")


PARAMETERS = Parameters((*FILTERS, *PLACE), contradictions=_contradictions)


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

    def asked(self) -> dict[str, Any]:
        """Return them as the values of parameters."""
        return {
            "category": self.category,
            "brand": self.brands or None,
            "price_min": self.price_min,
            "price_max": self.price_max,
            "in_stock": self.in_stock,
            "featured": self.featured,
            "rating_min": self.rating_min,
            **{f"attr.{name}": texts for name, texts in self.attributes.items()},
        }


@dataclass(frozen=True, kw_only=True)
class ProductListQuery:
    """Which products, in which order, and which page of them: after ``cursor``, else by number, else the first."""

    filters: ProductFilters = field(default_factory=ProductFilters)
    sort: str = DEFAULT_SORT
    page_size: int = DEFAULT_PAGE_SIZE
    cursor: Cursor | None = None
    page: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "ProductListQuery":
        """Make it of the values of ``PARAMETERS``."""
        filters = ProductFilters(
            category=asked.get("category"),
            brands=tuple(asked.get("brand", ())),
            price_min=asked.get("price_min"),
            price_max=asked.get("price_max"),
            in_stock=asked.get("in_stock"),
            featured=asked.get("featured"),
            rating_min=asked.get("rating_min"),
            attributes={
                name.removeprefix("attr."): tuple(texts)
                for name, texts in asked.items()
                if name.startswith("attr.")
            },
        )
        return cls(
            filters=filters,
            sort=asked.get("sort", DEFAULT_SORT),
            page_size=asked.get("page_size", DEFAULT_PAGE_SIZE),
            cursor=asked.get("cursor"),
            page=asked.get("page"),
        )

    def url(self, *, cursor: Cursor | None = None, page: int | None = None) -> str:
        """Return the address of another page of the same list, written in the one way there is."""
        asked = {
            **self.filters.asked(),
            "sort": self.sort,
            "page_size": self.page_size,
            "cursor": cursor,
            "page": page,
        }
        texts = PARAMETERS.texts_of(asked)
        return f"{reverse('products')}?{urlencode(texts, doseq=True)}" if texts else reverse("products")
