"""A product's own page. Four SQL statements, whatever it has of variants and pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from torg.caching.document import Document
from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.inventory.models import Availability
from torg.pages.product_card import availability_code, image, money, rating
from torg.pages.shapes import CategoryLink, CategoryPlace, ProductDetail, VariantDetail


def product_detail(slug: str) -> Document | None:
    """Build the page of the product on sale that has ``slug``; None where there is none."""
    product = Product.objects.on_sale().select_related("category").filter(slug=slug).first()
    if product is None:
        return None
    variants = list(
        Variant.objects.filter(product=product, is_active=True)
        .order_by("position", "id")
        .values("sku", "price", "attributes", "stock__availability")
    )
    detail = _detail(product, _place(product.category), variants, _images(product))
    tags = [f"product:{product.pk}", *(f"category:{category_id}" for category_id in product.category.path)]
    return Document.of(msgspec.json.encode(detail), tags)


def _detail(
    product: Product,
    place: CategoryPlace,
    variants: Sequence[Mapping[str, Any]],
    images: Sequence[Mapping[str, Any]],
) -> ProductDetail:
    pictures = [image(row) for row in images]
    best = max((row["stock__availability"] or 0 for row in variants), default=Availability.OUT_OF_STOCK)
    return ProductDetail(
        id=product.pk,
        slug=product.slug,
        sku=product.sku,
        name=product.name,
        brand=product.brand,
        price=money(product.price),
        compare_at_price=money(product.compare_at_price) if product.compare_at_price is not None else None,
        availability=availability_code(best),
        rating=rating(product.rating_average, product.rating_count),
        image=pictures[0] if pictures else None,
        category=place,
        is_featured=product.is_featured,
        created_at=product.created_at,
        description=product.description,
        images=pictures,
        attributes=_attributes(variants),
        variants=[_variant(product, row) for row in variants],
        updated_at=product.updated_at,
    )


def _place(category: Category) -> CategoryPlace:
    by_id = {
        row["id"]: CategoryLink(row["slug"], row["name"])
        for row in Category.objects.filter(pk__in=category.ancestor_ids).values("id", "slug", "name")
    }
    return CategoryPlace(
        slug=category.slug,
        name=category.name,
        ancestors=[by_id[pk] for pk in category.ancestor_ids if pk in by_id],
    )


def _images(product: Product) -> Sequence[Mapping[str, Any]]:
    return list(
        ProductImage.objects.filter(product=product).order_by("position", "id").values("file", "url", "alt")
    )


def _variant(product: Product, row: Mapping[str, Any]) -> VariantDetail:
    return VariantDetail(
        sku=row["sku"],
        price=money(row["price"] if row["price"] is not None else product.price),
        attributes=row["attributes"],
        availability=availability_code(row["stock__availability"]),
    )


def _attributes(variants: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Gather each attribute's values in the order in which the variants bring them."""
    gathered: dict[str, dict[str, None]] = {}
    for row in variants:
        for name, value in row["attributes"].items():
            gathered.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in gathered.items()}
