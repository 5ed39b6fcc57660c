"""The shop at version 0 of everything, made in a process of its own: ``python -m torg.cli.prove.filling``."""

import os
from typing import Any

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
    from torg.catalogue.models import Category, Product, ProductImage, Variant
    from torg.cli.prove.rows import comet_rows
    from torg.inventory.models import Stock

    def value(kind: str, slug: str) -> Any:
        return stored(world.by_name[kind, slug], 0)

    for slug in CATEGORIES:
        parent = PARENTS[slug][0]
        Category.objects.create(
            id=id_of("category", slug),
            parent_id=id_of("category", parent) if parent else None,
            name=value("category_name", slug),
            slug=slug,
        )
    for slug in PRODUCTS:
        product = Product.objects.create(
            id=id_of("product", slug),
            slug=slug,
            sku=slug,
            name=value("name", slug),
            price=value("price", slug),
            is_featured=value("featured", slug),
            category_id=value("place", slug),
        )
        variant = Variant.objects.create(
            id=id_of("variant", slug),
            product=product,
            sku=f"{slug}-1",
            price=value("variant_price", slug),
            attributes=value("attribute", slug),
        )
        Stock.objects.create(variant=variant, on_hand=value("availability", slug))
        ProductImage.objects.create(
            id=id_of("image", slug),
            product=product,
            url=f"https://shop.example/{slug}",
            alt=value("alt", slug),
        )
    for slug in COMETS:
        for row in comet_rows(world.by_name["comet", slug], 0):
            row.save(force_insert=True)


if __name__ == "__main__":
    main()
