"""The figures on the first page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum
from django.urls import reverse

from torg.catalogue.models import Category
from torg.inventory.models import Availability, Stock

RUNNING_OUT = 10


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number on the first page, and where what it counts is listed."""

    title: str
    number: int
    icon: str
    url: str


def figures_for(user: Any) -> list[Figure]:
    """Count what ``user`` may see; products by their categories, so that not a million is visited."""
    figures = []
    if user.has_perm("catalogue.view_product") and user.has_perm("catalogue.view_category"):
        counted = Category.objects.aggregate(
            products=Sum("own_product_count", default=0), categories=Count("pk")
        )
        figures += [
            _figure(
                "Active products",
                counted["products"],
                "sell",
                "catalogue_product_changelist",
                "is_active__exact=1",
            ),
            _figure("Categories", counted["categories"], "account_tree", "catalogue_category_changelist"),
        ]
    if user.has_perm("inventory.view_stock"):
        for availability, icon in (
            (Availability.LOW_STOCK, "trending_down"),
            (Availability.OUT_OF_STOCK, "block"),
        ):
            number = Stock.objects.filter(availability=availability, variant__is_active=True).count()
            query = f"availability={availability.code}"
            title = f"Variants {availability.label}"
            figures.append(_figure(title, number, icon, "inventory_stock_changelist", query))
    return figures


def running_out_for(user: Any) -> list[dict[str, Any]]:
    """List what can still be sold but is low, the fewest first: ``{"sku", "product", "sellable", "url"}``."""
    if not user.has_perm("inventory.view_stock"):
        return []
    low = Stock.objects.filter(availability=Availability.LOW_STOCK, variant__is_active=True)
    fewest = low.select_related("variant__product").alias(sellable=F("on_hand") - F("allocated"))
    return [
        {
            "sku": stock.variant.sku,
            "product": str(stock.variant.product),
            "sellable": stock.on_hand - stock.allocated,
            "url": reverse("backoffice:inventory_stock_change", args=[stock.pk]),
        }
        for stock in fewest.order_by("sellable", "pk")[:RUNNING_OUT]
    ]


def _figure(title: str, number: int, icon: str, page: str, query: str = "") -> Figure:
    url = reverse(f"backoffice:{page}")
    return Figure(title=title, number=number, icon=icon, url=f"{url}?{query}" if query else url)
