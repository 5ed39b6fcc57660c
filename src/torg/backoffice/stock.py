"""Stock: a list of what runs out, and corrections that lose no sale made meanwhile."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from torg.accounts.models import User
from torg.backoffice.counting import EstimatingPaginator
from torg.backoffice.filters import StockAvailabilityFilter, yes_or_no
from torg.backoffice.refusals import RefusableForm, ToldRefusals
from torg.backoffice.site import site
from torg.inventory.models import Availability, Stock

AVAILABILITY_COLOURS = {
    Availability.IN_STOCK.label: "success",
    Availability.LOW_STOCK.label: "warning",
    Availability.OUT_OF_STOCK.label: "danger",
}
MOST_ON_HAND = 2**31 - 1
BEYOND_ALL = "There can be {most} at most."
NOT_BELOW_ALLOCATED = "{allocated} of them are allocated to orders, so there cannot be fewer."


def may_see_stock(user: User | AnonymousUser) -> bool:
    """Tell whether ``user`` may know how much there is; who may change it may."""
    return user.has_perm("inventory.view_stock") or user.has_perm("inventory.change_stock")


def on_hand_after(typed: int, shown: str | None, current: int) -> int:
    """Apply what somebody changed on a form to what there is by now.

    A form showed 10, and 15 was typed: five came in. When three were shipped meanwhile (``current`` is 7),
    there are 12 now; writing 15 would make three out of nothing. ``shown`` is what the form sends back of
    what it had shown.
    """
    try:
        was_shown = int(shown or "")
    except ValueError:
        was_shown = current
    return current + typed - was_shown


def check_on_hand(*, on_hand: int, allocated: int, is_tracked: bool) -> None:
    """Refuse what cannot be kept, and less than what orders wait for, where it is tracked."""
    if abs(on_hand) > MOST_ON_HAND:
        raise ValidationError({"on_hand": BEYOND_ALL.format(most=MOST_ON_HAND)})
    if is_tracked and on_hand < allocated:
        raise ValidationError({"on_hand": NOT_BELOW_ALLOCATED.format(allocated=allocated)})


def correct_stock(*, variant_id: UUID, added: int, changed: dict[str, Any]) -> None:
    """Add ``added`` (or take away, below 0) and set what else ``changed`` names, on what there is by now."""
    changes = {**changed, **({"on_hand": F("on_hand") + added} if added else {})}
    if changes:
        Stock.objects.filter(pk=variant_id).update(**changes)


class StockForm(RefusableForm):
    """How much there is of one variant."""

    on_hand = forms.IntegerField(
        show_hidden_initial=True,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="What you change here is added to, or taken from, what there is when you save.",
    )

    class Meta:
        model = Stock
        fields = ("on_hand", "low_stock_threshold", "is_tracked")
        labels = {"is_tracked": "Tracked"}

    def clean(self) -> dict[str, Any] | None:
        """Work out how much there is after the change, and refuse what orders forbid."""
        cleaned = super().clean() or {}
        if "on_hand" in cleaned:
            self.current = self.instance.on_hand
            shown = self.data.get(self.add_initial_prefix("on_hand"))
            cleaned["on_hand"] = on_hand_after(cleaned["on_hand"], shown, self.current)
            check_on_hand(
                on_hand=cleaned["on_hand"],
                allocated=self.instance.allocated,
                is_tracked=cleaned.get("is_tracked", self.instance.is_tracked),
            )
        return cleaned


@admin.register(Stock, site=site)
class StockAdmin(ToldRefusals):
    """The stock of all variants, what runs out first."""

    form = StockForm
    fields = (
        "variant_name",
        "on_hand",
        ("low_stock_threshold", "is_tracked"),
        ("allocated", "sellable", "state"),
    )
    readonly_fields = ("variant_name", "allocated", "sellable", "state")
    list_display = (
        "sku",
        "product",
        "state",
        "on_hand",
        "allocated",
        "sellable",
        "low_stock_threshold",
        "tracked",
    )
    list_display_links = ("sku",)
    list_filter = (StockAvailabilityFilter, ("is_tracked", yes_or_no("tracked")))
    show_facets = admin.ShowFacets.NEVER
    compressed_fields = False
    list_filter_submit = True
    list_select_related = ("variant__product",)
    ordering = ("availability", "variant__sku")
    search_fields = ("variant__sku",)
    search_help_text = "Search by SKU"
    paginator = EstimatingPaginator
    show_full_result_count = False
    actions = ()

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Stock comes with its variant."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Stock goes with its variant."""
        return False

    def save_model(self, request: HttpRequest, obj: Stock, form: StockForm, change: bool) -> None:  # noqa: ARG002, FBT001
        """Write only what was changed: orders take from the same row at the same time."""
        changed = {name: form.cleaned_data[name] for name in form.changed_data if name != "on_hand"}
        added = form.cleaned_data["on_hand"] - form.current if "on_hand" in form.changed_data else 0
        correct_stock(variant_id=obj.pk, added=added, changed=changed)

    @display(description="SKU", ordering="variant__sku")
    def sku(self, stock: Stock) -> str:
        """Name the variant by its SKU."""
        return stock.variant.sku

    @display(description="product")
    def product(self, stock: Stock) -> str:
        """Name the product, and what tells this variant from its others."""
        attributes = ", ".join(str(value) for value in stock.variant.attributes.values())
        return f"{stock.variant.product} ({attributes})" if attributes else str(stock.variant.product)

    @display(description="variant")
    def variant_name(self, stock: Stock) -> str:
        """Name the variant by SKU and product."""
        return f"{stock.variant.sku}: {self.product(stock)}"

    @display(description="tracked", boolean=True)
    def tracked(self, stock: Stock) -> bool:
        """Say whether it can run out."""
        return stock.is_tracked

    @display(description="can be sold")
    def sellable(self, stock: Stock) -> int | str:
        """How many may still be sold."""
        return stock.on_hand - stock.allocated if stock.is_tracked else "any number"

    @display(description="availability", ordering="availability", label=AVAILABILITY_COLOURS)
    def state(self, stock: Stock) -> str:
        """What shoppers are told."""
        return Availability(stock.availability).label
