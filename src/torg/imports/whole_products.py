"""Products with all that a file tells of them, read in bounded memory."""

from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet

from torg.catalogue.models import Product, ProductImage, Variant
from torg.inventory.models import Stock

CHUNK = 500


def whole_products(products: QuerySet[Product]) -> Iterator[Product]:
    """Give ``products`` in their order, with variants, stock and pictures: three queries for each 500."""
    variants = Variant.objects.select_related("stock").order_by("position", "id")
    images = ProductImage.objects.order_by("position", "id")
    return products.prefetch_related(Prefetch("variants", variants), Prefetch("images", images)).iterator(
        CHUNK
    )


def stock_of(variant: Variant) -> Stock:
    """Return the stock of a variant; one that has none counts as none on hand."""
    try:
        return variant.stock
    except Stock.DoesNotExist:
        return Stock(variant=variant)
