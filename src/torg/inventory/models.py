"""How much there is of each variant."""

from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When

from torg.catalogue.models import Product, Variant
from torg.inventory.triggers import STOCK_TRIGGERS, STOCKED_PRODUCT_TRIGGERS, STOCKED_VARIANT_TRIGGERS


class Availability(models.IntegerChoices):
    """What shoppers are told; the better one counts higher, so a product has the highest of its variants."""

    OUT_OF_STOCK = 0, "out of stock"
    LOW_STOCK = 1, "low stock"
    IN_STOCK = 2, "in stock"

    @property
    def code(self) -> str:
        """The word for it in JSON, such as ``in_stock``."""
        return self.name.lower()


class Stock(models.Model):
    """The stock of one variant, in units. ``on_hand - allocated`` may still be sold."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.IntegerField(default=0)
    allocated = models.IntegerField(default=0, editable=False)
    low_stock_threshold = models.PositiveIntegerField(default=5)
    is_tracked = models.BooleanField(default=True, help_text="Untracked stock never runs out.")
    availability = models.GeneratedField(
        expression=Case(
            When(is_tracked=False, then=Value(Availability.IN_STOCK)),
            When(on_hand__lte=F("allocated"), then=Value(Availability.OUT_OF_STOCK)),
            When(low_stock_threshold__gte=F("on_hand") - F("allocated"), then=Value(Availability.LOW_STOCK)),
            default=Value(Availability.IN_STOCK),
        ),
        output_field=models.SmallIntegerField(choices=Availability.choices),
        db_persist=True,
    )

    class Meta:
        verbose_name_plural = "stock"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_tracked=False) | Q(allocated__gte=0, allocated__lte=F("on_hand")),
                name="stock_allocated_within_on_hand",
                violation_error_message="There must be at least as many on hand as are allocated to orders.",
            ),
        ]
        triggers: ClassVar = STOCK_TRIGGERS

    def __str__(self) -> str:
        return f"{self.on_hand} on hand, {self.allocated} allocated"


# Tables of the floor below with triggers of this one: a product that changes its place waits for its stock.
class StockedProduct(Product):
    """A product, to its stock."""

    class Meta:
        proxy = True
        default_permissions: ClassVar = ()
        triggers: ClassVar = STOCKED_PRODUCT_TRIGGERS


class StockedVariant(Variant):
    """A variant, to its stock."""

    class Meta:
        proxy = True
        default_permissions: ClassVar = ()
        triggers: ClassVar = STOCKED_VARIANT_TRIGGERS
