"""Whether products can be bought, as expressions for queries over ``Product``."""

from django.db import models
from django.db.models import Exists, IntegerField, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from torg.inventory.models import Availability, Stock


def _stock_of_product() -> models.QuerySet[Stock]:
    return Stock.objects.filter(variant__product=OuterRef("pk"), variant__is_active=True)


def product_availability() -> Coalesce:
    """Give the best ``Availability`` among a product's active variants, as its number."""
    best = (
        _stock_of_product()
        .order_by()
        .values("variant__product")
        .annotate(best=Max("availability"))
        .values("best")
    )
    return Coalesce(Subquery(best), Availability.OUT_OF_STOCK.value, output_field=IntegerField())


def is_available() -> Exists:
    """Say whether at least one active variant of a product can be bought."""
    return Exists(_stock_of_product().filter(availability__gt=Availability.OUT_OF_STOCK))
