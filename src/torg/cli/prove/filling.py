"""The shop at version 0 of everything, made in a process of its own: ``python -m torg.cli.prove.filling``."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import django

from torg.cli.prove.world import (
    CATEGORIES,
    COMETS,
    PARENTS,
    PRODUCTS,
    World,
    id_of,
    stored,
)

if TYPE_CHECKING:
    from torg.catalogue.models import Product


def main() -> None:
    """Empty the shop of the environment, and fill it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE catalogue_category, procrastinate_jobs CASCADE")
        _fill(World())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill(world: World) -> None:
    from torg.cli.prove.rows import comet_rows

    def value(kind: str, slug: str) -> Any:
        return stored(world.by_name[kind, slug], 0)

    for slug in CATEGORIES:
        _fill_category(slug, value)
    for slug in PRODUCTS:
        _fill_product(slug, value)
    for slug in COMETS:
        for row in comet_rows(world.by_name["comet", slug], 0):
            row.save(force_insert=True)


def _fill_category(slug: str, value: Callable[[str, str], Any]) -> None:
    from torg.catalogue.models import Category

    parent = PARENTS[slug][0]
    Category.objects.create(
        id=id_of("category", slug),
        parent_id=id_of("category", parent) if parent else None,
        name=value("category_name", slug),
        slug=slug,
    )


def _fill_product(slug: str, value: Callable[[str, str], Any]) -> None:
    from torg.catalogue.models import Product, ProductImage

    product = Product.objects.create(
        id=id_of("product", slug),
        slug=slug,
        sku=slug,
        name=value("name", slug),
        price=value("price", slug),
        is_featured=value("featured", slug),
        category_id=value("place", slug),
    )
    _fill_variant(product, value)
    ProductImage.objects.create(
        id=id_of("image", slug),
        product=product,
        url=f"https://shop.example/{slug}",
        alt=value("alt", slug),
    )


def _fill_variant(product: "Product", value: Callable[[str, str], Any]) -> None:
    from torg.catalogue.models import Variant
    from torg.inventory.models import Stock

    slug = product.slug
    variant = Variant.objects.create(
        id=id_of("variant", slug),
        product=product,
        sku=f"{slug}-1",
        price=value("variant_price", slug),
        attributes=value("attribute", slug),
    )
    Stock.objects.create(variant=variant, on_hand=value("availability", slug))


if __name__ == "__main__":
    main()
