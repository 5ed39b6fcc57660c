"""Small shops for tests, built as their readers would say them."""

import itertools
from decimal import Decimal
from typing import Any

from django.db import transaction

from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.inventory.models import Stock

_numbers = itertools.count(1)


def add_category(name: str, *, parent: Category | None = None, **columns: Any) -> Category:
    """Add a category whose slug is its name in lower case, and read it back as the database keeps it."""
    columns.setdefault("slug", name.lower().replace(" ", "-"))
    category = Category.objects.create(name=name, parent=parent, **columns)
    category.refresh_from_db()
    return category


def add_product(
    name: str = "",
    *,
    category: Category | None = None,
    price: str = "10.00",
    on_hand: int = 50,
    variants: list[dict[str, Any]] | None = None,
    images: list[str] = (),  # type: ignore[assignment]
    **columns: Any,
) -> Product:
    """Add a product with one variant, or with ``variants`` (``sku``, ``price``, ``attributes``, ``on_hand``, …)."""
    number = next(_numbers)
    name = name or f"Product {number}"
    columns.setdefault("slug", name.lower().replace(" ", "-"))
    columns.setdefault("sku", f"SKU-{number}")
    category = category or Category.objects.filter(slug="things").first() or add_category("Things")
    with transaction.atomic():
        product = Product.objects.create(name=name, category=category, price=Decimal(price), **columns)
        for position, variant in enumerate(variants or [{}]):
            add_variant(product, position=position, **{"on_hand": on_hand, **variant})
        for position, url in enumerate(images):
            ProductImage.objects.create(
                product=product, url=url, alt=f"{name}, picture {position}", position=position
            )
    return product


def add_variant(
    product: Product, *, on_hand: int = 50, stock: dict[str, Any] | None = None, **columns: Any
) -> Variant:
    """Add a variant with its stock."""
    columns.setdefault("sku", f"{product.sku}-{columns.get('position', 0)}")
    variant = Variant.objects.create(product=product, **columns)
    Stock.objects.create(variant=variant, on_hand=on_hand, **(stock or {}))
    return variant
