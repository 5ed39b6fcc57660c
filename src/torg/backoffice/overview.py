"""The figures on the first page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse

from torg.catalogue.models import Category
from torg.inventory.models import Availability, Stock


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
            number = Stock.objects.filter(Q(availability=availability, variant__is_active=True)).count()
            query = f"availability={availability.code}"
            title = f"Variants {availability.label}"
            figures.append(_figure(title, number, icon, "inventory_stock_changelist", query))
    return figures


def _figure(title: str, number: int, icon: str, page: str, query: str = "") -> Figure:
    url = reverse(f"backoffice:{page}")
    return Figure(title=title, number=number, icon=icon, url=f"{url}?{query}" if query else url)
