"""Torg's JSONL written: categories from the root down, then products."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import BinaryIO
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Collate

from torg.catalogue.models import Category, Product, Variant
from torg.imports.torg_lines import (
    VERSION,
    CategoryLine,
    HeaderLine,
    ImagePart,
    ProductLine,
    StockPart,
    VariantPart,
)
from torg.imports.whole_products import CHUNK, stock_of, whole_products
from torg.lib.money import amount_text

_encode = msgspec.json.Encoder(order="deterministic").encode


def write_torg_jsonl(
    products: QuerySet[Product], stream: BinaryIO, *, on_progress: Callable[[int], None] | None = None
) -> tuple[int, int]:
    """Write all categories and ``products``; return how many products and categories that were."""
    _write(stream, HeaderLine(version=VERSION, currency=settings.TORG_CURRENCY))
    slugs: dict[UUID, str] = {}
    for category in _from_root_down():
        slugs[category.id] = category.slug
        _write(stream, _category_line(category, slugs))
    count = 0
    for product in whole_products(products):
        _write(stream, _product_line(product, slugs[product.category_id]))
        count += 1
        if on_progress is not None and count % CHUNK == 0:
            on_progress(count)
    return count, len(slugs)


def _write(stream: BinaryIO, line: msgspec.Struct) -> None:
    stream.write(_encode(line) + b"\n")


def _from_root_down() -> Iterator[Category]:
    return Category.objects.order_by("path__len", Collate("slug", "C")).iterator(CHUNK)


def _category_line(category: Category, slugs: dict[UUID, str]) -> CategoryLine:
    return CategoryLine(
        slug=category.slug,
        name=category.name,
        parent=slugs[category.parent_id] if category.parent_id else None,
        description=category.description,
        is_active=category.is_active,
        sort_order=category.sort_order,
    )


def _product_line(product: Product, category: str) -> ProductLine:
    return ProductLine(
        slug=product.slug,
        sku=product.sku,
        name=product.name,
        price=_amount(product.price),
        variants=[_variant_part(variant) for variant in product.variants.all()],
        category=category,
        brand=product.brand,
        description=product.description,
        compare_at_price=None if product.compare_at_price is None else _amount(product.compare_at_price),
        is_free=product.is_free,
        is_active=product.is_active,
        is_featured=product.is_featured,
        created_at=product.created_at,
        images=[
            ImagePart(url=image.url, file=image.file.name or "", alt=image.alt)
            for image in product.images.all()
        ],
    )


def _variant_part(variant: Variant) -> VariantPart:
    stock = stock_of(variant)
    return VariantPart(
        sku=variant.sku,
        price=None if variant.price is None else _amount(variant.price),
        attributes={name: str(value) for name, value in variant.attributes.items()},
        position=variant.position,
        is_active=variant.is_active,
        stock=StockPart(
            on_hand=stock.on_hand, low_stock_threshold=stock.low_stock_threshold, is_tracked=stock.is_tracked
        ),
    )


def _amount(amount: Decimal) -> str:
    return amount_text(amount, settings.TORG_CURRENCY)
