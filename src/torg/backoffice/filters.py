"""What lists can be narrowed down by, where Django's own filters do not fit."""

# ruff: noqa: ARG002  (Django passes what filters get)
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters, ModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    DropdownFilter,
    TextFilter,
)

from torg.inventory.models import Availability, Stock


def yes_or_no(name: str) -> type[BooleanRadioFilter]:
    """Make a filter by a boolean that is called ``name``: "active" where the column says ``is_active``."""

    class YesOrNoFilter(BooleanRadioFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = name

    return YesOrNoFilter


class SubtreeFilter(AutocompleteSelectFilter):
    """Keeps what stands in the category or anywhere below it."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow ``queryset`` down; what is not the id of a category ends the search."""
        category = self.value()
        if not category:
            return queryset
        try:
            return queryset.filter(**{f"{self.field_path}__path__contains": [category]})
        except (ValueError, ValidationError) as error:
            raise IncorrectLookupParameters(error) from error


class BrandFilter(TextFilter):
    """Keeps products of brands that contain the text."""

    title = "brand"
    parameter_name = "brand"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow ``queryset`` down."""
        text = (self.value() or "").strip()
        return queryset.filter(brand__icontains=text) if text else queryset


class _AvailabilityFilter(DropdownFilter):
    title = "availability"
    parameter_name = "availability"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, str]]:
        return [
            (availability.code, availability.label.capitalize()) for availability in reversed(Availability)
        ]

    def wanted(self) -> Availability | None:
        return next(
            (availability for availability in Availability if availability.code == self.value()), None
        )


class StockAvailabilityFilter(_AvailabilityFilter):
    """Keeps stock of one availability."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow ``queryset`` down."""
        wanted = self.wanted()
        return queryset if wanted is None else queryset.filter(availability=wanted)


class ProductAvailabilityFilter(_AvailabilityFilter):
    """Keeps products whose best active variant has one availability."""

    stock: ClassVar = Stock.objects.filter(variant__product=OuterRef("pk"), variant__is_active=True)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow ``queryset`` down, by joins: working out each product's best would visit each by itself."""
        wanted = self.wanted()
        if wanted is None:
            return queryset
        if wanted > Availability.OUT_OF_STOCK:
            queryset = queryset.filter(Exists(self.stock.filter(availability=wanted)))
        return queryset.exclude(Exists(self.stock.filter(availability__gt=wanted)))
