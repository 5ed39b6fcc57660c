"""The lines of Torg's JSONL: an object in each, whose ``type`` says what it is. Unknown fields are errors."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from torg.imports.values import MOST_UNITS, MOST_VARIANTS

VERSION = 1

Units = Annotated[int, Meta(ge=0, le=MOST_UNITS)]


class HeaderLine(Struct, tag="torg-catalogue", forbid_unknown_fields=True):
    """The first line: which version of this format, and in which currency prices are."""

    version: int
    currency: str


class CategoryLine(Struct, tag="category", forbid_unknown_fields=True):
    """A category; ``parent`` is the slug of one that stands earlier in the file or in the shop."""

    slug: str
    name: str
    parent: str | None = None
    description: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    sort_order: Annotated[int, Meta(ge=-(2**31), lt=2**31)] | UnsetType = UNSET


class StockPart(Struct, forbid_unknown_fields=True):
    """The stock of a variant, in units."""

    on_hand: Annotated[int, Meta(ge=-(2**31), le=MOST_UNITS)] | UnsetType = UNSET
    low_stock_threshold: Units | UnsetType = UNSET
    is_tracked: bool | UnsetType = UNSET


class VariantPart(Struct, forbid_unknown_fields=True):
    """A variant; without a price it is sold at the product's."""

    sku: str
    price: str | None = None
    attributes: dict[str, str] | UnsetType = UNSET
    position: Annotated[int, Meta(ge=0, le=32767)] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    stock: StockPart | UnsetType = UNSET


class ImagePart(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A picture: the address of one elsewhere, or the name of a file among this shop's media."""

    url: str = ""
    file: str = ""
    alt: str = ""


class ProductLine(Struct, tag="product", forbid_unknown_fields=True):
    """A product; what is left out stays as it is, or takes its default."""

    slug: str
    sku: str
    name: str
    price: str
    variants: Annotated[list[VariantPart], Meta(min_length=1, max_length=MOST_VARIANTS)]
    category: str | UnsetType = UNSET
    brand: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    compare_at_price: str | UnsetType | None = UNSET
    is_free: bool = False
    is_active: bool | UnsetType = UNSET
    is_featured: bool | UnsetType = UNSET
    created_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    images: Annotated[list[ImagePart], Meta(max_length=1000)] | UnsetType = UNSET


Line = HeaderLine | CategoryLine | ProductLine
