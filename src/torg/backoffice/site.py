"""The site the back office's pages hang on; a project's own admin site is left alone."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite


class BackofficeSite(UnfoldAdminSite):
    """Where the merchant's staff works.

    A project adds a page with ``site.register(TheModel, TheModelAdmin)``.
    """

    index_title = "Overview"
    index_template = "backoffice/overview.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show how the shop stands."""
        from torg.backoffice.overview import figures_for, running_out_for  # noqa: PLC0415  (needs the models)

        context = {
            "figures": figures_for(request.user),
            "running_out": running_out_for(request.user),
            **(extra_context or {}),
        }
        response: TemplateResponse = super().index(request, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that belong to no table."""
        urls: list[URLPattern] = super().get_urls()
        return [path("cache/", self.admin_view(self.cache), name="cache"), *urls]

    def cache(self, request: HttpRequest) -> HttpResponseBase:
        """Show how the cache does."""
        from torg.backoffice.cache import cache_page  # noqa: PLC0415  (needs the models)

        return cache_page(request, self.each_context(request))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer what somebody types into a field that names another row."""
        return LabellingAutocompleteView.as_view(admin_site=self)(request)


class LabellingAutocompleteView(AutocompleteJsonView):
    """Offers rows under the label that their page gives them: the tree may hold ``Shoes`` three times."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Give one row as the field's script expects it."""
        label_of: Callable[[Model], str] = getattr(self.model_admin, "label_of", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label_of(obj)}


site = BackofficeSite(name="backoffice")
