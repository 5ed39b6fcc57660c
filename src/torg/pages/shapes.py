"""The shapes of documents: what is encoded, and what the schema says about it, in one place."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

AvailabilityCode = Annotated[
    Literal["in_stock", "low_stock", "out_of_stock"],
    Meta(description="Whether it can be bought; `low_stock` is nearly sold out."),
]
Slug = Annotated[str, Meta(examples=["stoneware-mug"])]
Url = Annotated[str, Meta(extra_json_schema={"format": "uri-reference"})]


class Money(Struct, frozen=True):
    """An exact amount, with as many digits after the point as its currency has."""

    amount: Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", examples=["19.99"])]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])]


class Rating(Struct, frozen=True):
    """What approved reviews say."""

    average: Annotated[
        float | None, Meta(description="1 to 5; null before the first review.", examples=[4.5])
    ]
    count: Annotated[int, Meta(ge=0)]


class Image(Struct, frozen=True):
    """A picture, by address."""

    url: Url
    alt: Annotated[str, Meta(description="What it shows, for those who do not see it.")]


class CategoryLink(Struct, frozen=True):
    """A category, by name."""

    slug: Annotated[str, Meta(examples=["mugs"])]
    name: Annotated[str, Meta(examples=["Mugs"])]


class ProductCard(Struct, frozen=True, kw_only=True):
    """A product as lists and search show it."""

    id: UUID
    slug: Slug
    sku: Annotated[str, Meta(examples=["MUG-1"])]
    name: Annotated[str, Meta(examples=["Stoneware Mug"])]
    brand: Annotated[str, Meta(description="Empty where there is none.", examples=["Alder & Finch"])]
    price: Annotated[
        Money, Meta(description="The product's own price, for all variants that have none of theirs.")
    ]
    compare_at_price: Annotated[
        Money | None, Meta(description="The price before, above `price`; to be struck through.")
    ]
    availability: AvailabilityCode
    rating: Rating
    image: Annotated[Image | None, Meta(description="The first picture.")]
    category: CategoryLink
    is_featured: bool
    created_at: datetime


class CategoryPlace(Struct, frozen=True):
    """A category, by name, with those above it from the root down."""

    slug: str
    name: str
    ancestors: list[CategoryLink]


class VariantDetail(Struct, frozen=True):
    """What is put into a cart."""

    sku: Annotated[str, Meta(examples=["MUG-1-MOSS"])]
    price: Money
    attributes: Annotated[dict[str, str], Meta(examples=[{"size": "L", "color": "Moss"}])]
    availability: AvailabilityCode


class ProductDetail(ProductCard, frozen=True, kw_only=True):
    """A product as its own page shows it."""

    category: CategoryPlace  # type: ignore[assignment]  # Says more than the card's.
    description: Annotated[str, Meta(description="HTML, sanitised.")]
    images: list[Image]
    attributes: Annotated[
        dict[str, list[str]],
        Meta(
            description="Each attribute with the values its variants have.",
            examples=[{"size": ["S", "M", "L"]}],
        ),
    ]
    variants: list[VariantDetail]
    updated_at: datetime


class ProductList(Struct, frozen=True):
    """A page of products."""

    results: list[ProductCard]
    next: Annotated[Url | None, Meta(description="The next page, relative to this host.")]
    previous: Url | None
    count: Annotated[int, Meta(ge=0, description="How many there are on all pages.")]
    count_is_exact: Annotated[bool, Meta(description="Otherwise `count` is an estimate, above 10,000.")]


class FeaturedProducts(Struct, frozen=True):
    """The products that the merchant puts in front, newest first."""

    results: list[ProductCard]


class CategoryNode(Struct, frozen=True):
    """A category with all that stand below it."""

    id: UUID
    slug: str
    name: str
    product_count: Annotated[int, Meta(ge=0, description="Products on sale in it and below it.")]
    children: "list[CategoryNode]"


class CategoryTree(Struct, frozen=True):
    """The whole tree."""

    results: list[CategoryNode]


class CategorySummary(Struct, frozen=True):
    """A category and how much is in it."""

    id: UUID
    slug: str
    name: str
    product_count: Annotated[int, Meta(ge=0, description="Products on sale in it and below it.")]


class RootCategory(CategorySummary, frozen=True):
    """A category at the top, with the ones right below it."""

    children: list[CategorySummary]


class RootCategories(Struct, frozen=True):
    """The categories at the top."""

    results: list[RootCategory]


class CategoryDetail(CategorySummary, frozen=True):
    """One category with its place in the tree."""

    description: str
    ancestors: Annotated[list[CategoryLink], Meta(description="From the root down.")]
    children: list[CategorySummary]
