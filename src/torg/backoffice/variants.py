"""The rows of the product's form that are sold: variants, each with its stock."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from torg.backoffice.refusals import PRODUCT_WITHOUT_VARIANT, RefusableForm
from torg.backoffice.stock import check_on_hand, correct_stock, may_see_stock, on_hand_after
from torg.catalogue.models import Variant
from torg.inventory.models import Availability, Stock
from torg.lib.text import clean_line

STOCK_FIELDS = ("on_hand", "low_stock_threshold", "is_tracked")
STOCK_COLUMNS = {*STOCK_FIELDS, "allocated"}


class AttributesField(forms.CharField):
    """What tells variants apart, one ``size: L`` a line, to and from ``{"size": "L"}``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 2, "cols": 18, "placeholder": "size: L"})
        super().__init__(required=False, widget=widget, help_text="One a line, such as size: L", **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Write one attribute a line."""
        if isinstance(value, dict):
            return "\n".join(f"{name}: {of_it}" for name, of_it in value.items())
        return value

    def clean(self, value: Any) -> dict[str, str]:
        """Read them, refusing lines without a name or a value and names given twice."""
        attributes: dict[str, str] = {}
        for line in super().clean(value).splitlines():
            name, _, of_it = (clean_line(part) for part in line.partition(":"))
            if not line.strip():
                continue
            if not name or not of_it:
                raise ValidationError(f"“{line.strip()}” is not like size: L")
            if name in attributes:
                raise ValidationError(f"“{name}” is there twice.")
            attributes[name] = of_it
        return attributes

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as text, so that what a form merely showed is never written back."""
        return super().has_changed(self.prepare_value(initial or {}), (data or "").replace("\r\n", "\n"))


class VariantForm(RefusableForm):
    """One variant and its stock."""

    may_change_stock = True

    attributes = AttributesField()
    on_hand = forms.IntegerField(
        initial=0,
        show_hidden_initial=True,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="What you change is added to, or taken from, what there is when you save.",
    )
    low_stock_threshold = forms.IntegerField(
        label="low at", initial=5, min_value=0, max_value=2**31 - 1, widget=UnfoldAdminIntegerFieldWidget
    )
    is_tracked = forms.BooleanField(
        label="tracked",
        initial=True,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Untracked stock never runs out.",
    )

    class Meta:
        model = Variant
        fields = ("sku", "attributes", "price", "is_active", "position")
        labels = {"is_active": "Active"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stock = self.instance.stock if _has_stock(self.instance) else Stock()
        for name in STOCK_FIELDS:
            self.initial.setdefault(name, getattr(self.stock, name))
            self.fields[name].disabled = not self.may_change_stock

    def clean_sku(self) -> str:
        """Make one clean line of it."""
        return clean_line(self.cleaned_data["sku"])

    def clean(self) -> dict[str, Any] | None:
        """Refuse less stock than orders wait for."""
        cleaned = super().clean() or {}
        if "on_hand" in cleaned and "on_hand" in self.changed_data:
            shown = self.data.get(self.add_initial_prefix("on_hand"))
            cleaned["on_hand"] = on_hand_after(cleaned["on_hand"], shown, self.stock.on_hand)
        if "on_hand" in cleaned:
            check_on_hand(
                on_hand=cleaned["on_hand"] if "on_hand" in self.changed_data else self.stock.on_hand,
                allocated=self.stock.allocated,
                is_tracked=bool(cleaned.get("is_tracked")),
            )
        return cleaned

    def save(self, commit: bool = True) -> Variant:  # noqa: FBT001, FBT002
        """Save the variant, then what was changed of its stock."""
        variant: Variant = super().save(commit)
        if commit:
            Stock.objects.get_or_create(variant=variant)
            changed = {name for name in STOCK_FIELDS if name in self.changed_data}
            added = self.cleaned_data["on_hand"] - self.stock.on_hand if "on_hand" in changed else 0
            settings = {name: self.cleaned_data[name] for name in changed - {"on_hand"}}
            correct_stock(variant_id=variant.pk, added=added, changed=settings)
        return variant


class VariantFormSet(PaginationInlineFormSet):
    """The variants of one product, of which there is at least one."""

    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_few_forms": PRODUCT_WITHOUT_VARIANT,
    }


class VariantInline(TabularInline):
    """The variants of a product, in the order in which shoppers see them."""

    model = Variant
    form = VariantForm
    formset = VariantFormSet
    fields = (
        "sku",
        "attributes",
        "price",
        "on_hand",
        "allocated",
        "low_stock_threshold",
        "is_tracked",
        "availability",
        "is_active",
        "position",
    )
    readonly_fields = ("allocated", "availability")
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    extra = 0
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """Read each variant with its stock."""
        variants: QuerySet[Variant] = super().get_queryset(request)
        return variants.select_related("stock")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Leave stock out for who may not see it; what shoppers are told of it stays."""
        fields = list(super().get_fields(request, obj))
        return (
            fields if may_see_stock(request.user) else [name for name in fields if name not in STOCK_COLUMNS]
        )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Demand a variant; who may not change stock sees it only."""
        formset: Any = super().get_formset(request, obj, validate_min=True, **kwargs)
        formset.form.may_change_stock = request.user.has_perm("inventory.change_stock")
        return formset

    @display(description="allocated")
    def allocated(self, variant: Variant) -> int | str:
        """How many are promised to orders."""
        return variant.stock.allocated if _has_stock(variant) else "-"

    @display(description="availability")
    def availability(self, variant: Variant) -> str:
        """What shoppers are told of this variant."""
        return Availability(variant.stock.availability).label if _has_stock(variant) else "-"


def _has_stock(variant: Variant) -> bool:
    return not variant._state.adding and hasattr(variant, "stock")  # noqa: SLF001  (documented)
