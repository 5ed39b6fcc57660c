"""What the database refuses is told on the form, in the shop's words.

Forms check first. But a rule that only the database can keep (a tree without cycles while others move
categories too) may refuse what a form let pass, and nobody should lose what they typed for it.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.forms import BaseModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

if TYPE_CHECKING:
    _Form = forms.ModelForm[Any]
else:
    _Form = forms.ModelForm

# Rules that triggers keep, so that no model can say the words.
CATEGORY_BELOW_ITSELF = "A category cannot stand below itself."
PRODUCT_WITHOUT_VARIANT = "A product needs at least one variant: that is what is sold."
TRIGGER_RULES = {
    "category_not_below_itself": CATEGORY_BELOW_ITSELF,
    "product_has_variant": PRODUCT_WITHOUT_VARIANT,
}


def refusal_of(error: IntegrityError) -> str:
    """Say what rule was broken; raise ``error`` again when it is not the rule of a constraint."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if not name:
        raise error
    for model in apps.get_models():
        for constraint in model._meta.constraints:  # noqa: SLF001  (Django documents _meta)
            if constraint.name == name:
                return str(constraint.get_violation_error_message())
    return TRIGGER_RULES.get(name, f"Something this belongs to was changed or removed meanwhile ({name}).")


class RefusableForm(_Form):
    """A form that can be shown again with what the database refused."""

    refusal = ""

    def clean(self) -> dict[str, Any] | None:
        """Refuse what the database has refused already."""
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned


class ToldRefusals(ModelAdmin):
    """Shows the form again when the database refuses it; for pages whose form is a ``RefusableForm``."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Handle the form; after a refusal handle it once more, with the refusal known from the start."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            request.META["torg.refusal"] = refusal_of(error)
        for uploads in request.FILES.lists():
            for upload in uploads[1]:
                upload.seek(0)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> Any:
        """Tell the form what was refused."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = request.META.get("torg.refusal", "")
        return form

    def save_related(
        self,
        request: HttpRequest,
        form: "BaseModelForm[Any]",
        formsets: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save the rest, and have deferred rules checked: at commit, success would have been told."""
        super().save_related(request, form, formsets, change)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
