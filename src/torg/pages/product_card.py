"""The short form of a product, as lists, search and featured products show it: one SQL statement for all of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.encoding import filepath_to_uri
from msgspec import Struct

from torg.catalogue.models import Product, ProductImage
from torg.catalogue.product import ProductQuerySet
from torg.inventory.availability import product_availability
from torg.inventory.models import Availability
from torg.lib.money import amount_text
from torg.pages.shapes import CategoryLink, Image, Money, ProductCard, Rating

COLUMNS = (
    "id", "slug", "sku", "name", "brand", "price", "compare_at_price", "rating_average", "rating_count",
    "category__slug", "category__name", "is_featured", "created_at",
)  # fmt: skip


CardRows = QuerySet[Product, dict[str, Any]]


def card_rows(products: ProductQuerySet) -> CardRows:
    """Select what ``card`` needs."""
    first_image = (
        ProductImage.objects.filter(product=OuterRef("pk"))
        .order_by("position", "id")
        .values(image=JSONObject(file="file", url="url", alt="alt"))[:1]
    )
    rows: CardRows = products.values(
        *COLUMNS, first_image=Subquery(first_image), availability=product_availability()
    )
    return rows


def card(row: Mapping[str, Any]) -> ProductCard:
    """Make the card of a row that ``card_rows`` selected and a ``Compiled`` fetched."""
    return ProductCard(
        **own_fields(row),
        availability=availability_code(row["availability"]),
        image=image(decode_image(row["first_image"])) if row["first_image"] else None,
        category=CategoryLink(row["category__slug"], row["category__name"]),
    )


def own_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a product's card and its own page say alike, from ``COLUMNS``."""
    return {
        "id": row["id"],
        "slug": row["slug"],
        "sku": row["sku"],
        "name": row["name"],
        "brand": row["brand"],
        "price": money(row["price"]),
        "compare_at_price": money(row["compare_at_price"]) if row["compare_at_price"] is not None else None,
        "rating": rating(row["rating_average"], row["rating_count"]),
        "is_featured": row["is_featured"],
        "created_at": row["created_at"],
    }


def money(amount: Decimal) -> Money:
    """Give ``amount`` in the shop's currency."""
    return Money(amount_text(amount, settings.TORG_CURRENCY), settings.TORG_CURRENCY)


def rating(average: Decimal, count: int) -> Rating:
    """Give a rating; nobody's rating has no average."""
    return Rating(float(average) if count else None, count)


class ImageRow(Struct):
    """A picture as the database keeps it: a file of this shop, or the address of one elsewhere."""

    file: str
    url: str
    alt: str


decode_image = msgspec.json.Decoder(ImageRow).decode


def image(row: ImageRow) -> Image:
    """Give a picture by its address, here or elsewhere."""
    return Image(row.url or _address(row.file), row.alt)


def _address(file: str) -> str:
    # What the storage of files on disk would say, ten times as fast; another one is asked.
    if isinstance(default_storage, FileSystemStorage):
        return f"{settings.MEDIA_URL}{filepath_to_uri(file)}"
    return default_storage.url(file)


_CODES: dict[int, Any] = {availability.value: availability.code for availability in Availability}


def availability_code(number: int | None) -> Any:
    """Give the word for an ``Availability``; what has no stock row was never received."""
    return _CODES[number or 0]
