"""Products: the list, one, and the featured ones."""

from typing import Any, ClassVar

from torg.api.documents import DocumentView
from torg.api.parameters import (
    Parameter,
    Parameters,
    WrongValue,
    choice_parser,
    integer_parser,
    parse_amount,
    parse_boolean,
    parse_rating,
    parse_text,
    refuse_parameters,
)
from torg.api.problems import FieldError
from torg.api.schema import describe
from torg.caching.document import Document
from torg.lib.keyset import Cursor, WrongCursor
from torg.pages.featured_products import DEFAULT_LIMIT, HIGHEST_LIMIT, featured_products
from torg.pages.product_detail import product_detail
from torg.pages.product_list import (
    DEEPEST_ROW,
    DEFAULT_PAGE_SIZE,
    DEFAULT_SORT,
    ORDERS,
    NoSuchCategory,
    ProductFilters,
    ProductListQuery,
    product_list,
)
from torg.pages.shapes import FeaturedProducts, ProductDetail, ProductList


def parse_cursor(text: str) -> Cursor:
    """Read a cursor that we gave out."""
    try:
        return Cursor.decoded(text)
    except WrongCursor:
        raise WrongValue("Is not a cursor of ours; take it from next or previous.") from None


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
    ),
    Parameter(
        name="page_size",
        parse=integer_parser(1, 100),
        description="How many products on a page.",
        schema={"type": "integer", "minimum": 1, "maximum": 100, "default": DEFAULT_PAGE_SIZE},
    ),
    Parameter(
        name="cursor",
        parse=parse_cursor,
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


@describe("List products", shape=ProductList, parameters=(*FILTERS, *PLACE), tag="Products")
class ProductListView(DocumentView):
    """Products on sale, filtered and sorted, a page at a time."""

    parameters: ClassVar = Parameters((*FILTERS, *PLACE))

    def document(self, values: dict[str, Any], **place: str) -> Document:  # noqa: ARG002
        """Return the page that was asked for."""
        query = _query(values)
        try:
            return product_list(query)
        except NoSuchCategory:
            refuse_parameters([_wrong("category", "No category has this slug. See /api/v1/categories/tree.")])
        except WrongCursor:
            refuse_parameters([_wrong("cursor", "Belongs to another sort; take it from next or previous.")])
        raise AssertionError


@describe("Get a product", shape=ProductDetail, tag="Products", can_be_missing=True)
class ProductDetailView(DocumentView):
    """One product on sale, with its variants, pictures and place in the tree."""

    def document(self, values: dict[str, Any], **place: str) -> Document | None:  # noqa: ARG002
        """Return the product's page."""
        return product_detail(place["slug"])


_LIMIT = Parameter(
    name="limit",
    parse=integer_parser(1, HIGHEST_LIMIT),
    description="How many at most.",
    schema={"type": "integer", "minimum": 1, "maximum": HIGHEST_LIMIT, "default": DEFAULT_LIMIT},
)


@describe("List featured products", shape=FeaturedProducts, parameters=(_LIMIT,), tag="Products")
class FeaturedProductsView(DocumentView):
    """The products that the merchant puts in front, newest first."""

    parameters: ClassVar = Parameters((_LIMIT,))

    def document(self, values: dict[str, Any], **place: str) -> Document:  # noqa: ARG002
        """Return the list."""
        return featured_products(values.get("limit", DEFAULT_LIMIT))


def _query(values: dict[str, Any]) -> ProductListQuery:
    filters = ProductFilters(
        category=values.get("category"),
        brands=tuple(values.get("brand", ())),
        price_min=values.get("price_min"),
        price_max=values.get("price_max"),
        in_stock=values.get("in_stock"),
        featured=values.get("featured"),
        rating_min=values.get("rating_min"),
        attributes={name[5:]: tuple(texts) for name, texts in values.items() if name.startswith("attr.")},
    )
    query = ProductListQuery(
        filters=filters,
        sort=values.get("sort", DEFAULT_SORT),
        page_size=values.get("page_size", DEFAULT_PAGE_SIZE),
        cursor=values.get("cursor"),
        page=values.get("page"),
    )
    refuse_parameters(_contradictions(query))
    return query


def _contradictions(query: ProductListQuery) -> list[FieldError]:
    errors = []
    filters = query.filters
    if (
        filters.price_min is not None
        and filters.price_max is not None
        and filters.price_min > filters.price_max
    ):
        errors.append(_wrong("price_min", "Must not be above price_max."))
    if query.page is not None and query.cursor is not None:
        errors.append(_wrong("page", "Cannot be used together with cursor."))
    if query.page is not None and query.page * query.page_size > DEEPEST_ROW:
        errors.append(
            _wrong("page", f"Reaches to product {DEEPEST_ROW:,} at most; go on by cursor from there.")
        )
    if len(filters.attributes) > 10:
        errors.append(_wrong("attr.", "At most 10 attributes can be asked for at once."))
    return errors


def _wrong(name: str, detail: str) -> FieldError:
    return FieldError(field=name, code="invalid_value", detail=detail)
