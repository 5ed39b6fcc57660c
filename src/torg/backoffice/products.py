"""Products: the list the staff works from, and the form."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from torg.backoffice.counting import EstimatingPaginator
from torg.backoffice.export import csv_of
from torg.backoffice.filters import BrandFilter, ProductAvailabilityFilter, SubtreeFilter, yes_or_no
from torg.backoffice.pictures import PictureInline, thumbnail
from torg.backoffice.refusals import ToldRefusals
from torg.backoffice.site import site
from torg.backoffice.slugs import SluggedForm
from torg.backoffice.stock import AVAILABILITY_COLOURS, may_see_stock
from torg.backoffice.variants import VariantInline
from torg.catalogue.models import Product, ProductImage, Variant
from torg.inventory.availability import product_availability
from torg.inventory.models import Availability, Stock
from torg.lib.money import amount_text
from torg.lib.text import clean_html, clean_line


class ProductForm(SluggedForm):
    """A product, but for its variants and pictures."""

    slug_limit = 255

    class Meta:
        model = Product
        fields: ClassVar = [
            "name",
            "slug",
            "sku",
            "brand",
            "category",
            "description",
            "price",
            "compare_at_price",
            "is_free",
            "is_active",
            "is_featured",
        ]
        labels = {"is_free": "Free", "is_active": "Active", "is_featured": "Featured"}
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 8})}

    def clean_sku(self) -> str:
        """Make one clean line of it."""
        return clean_line(self.cleaned_data["sku"])

    def clean_brand(self) -> str:
        """Make one clean line of it."""
        return clean_line(self.cleaned_data["brand"])

    def clean_description(self) -> str:
        """Remove what could run."""
        return clean_html(self.cleaned_data["description"])


class ProductList(ChangeList):
    """The rows of the list, with what only the list shows."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Product]:
        """Read each product with its first picture and its availability; descriptions can be long."""
        first_picture = ProductImage.objects.order_by("position", "id")[:1]
        products: QuerySet[Product] = super().get_queryset(request, exclude_parameters)
        return (
            products.defer("description")
            .annotate(availability=product_availability())
            .prefetch_related(Prefetch("images", first_picture, to_attr="first_pictures"))
        )


@admin.register(Product, site=site)
class ProductAdmin(ToldRefusals):
    """The catalogue's products."""

    form = ProductForm
    inlines = (VariantInline, PictureInline)
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("sku", "brand"), "category", "description")}),
        ("Price", {"fields": (("price", "compare_at_price", "is_free"),)}),
        ("In the shop", {"fields": (("is_active", "is_featured"),)}),
        ("History", {"fields": (("rating", "created_at", "updated_at"),)}),
    )
    readonly_fields = ("rating", "created_at", "updated_at")
    autocomplete_fields = ("category",)
    prepopulated_fields = {"slug": ("name",)}

    list_display = (
        "picture",
        "name",
        "sku",
        "brand",
        "category",
        "shown_price",
        "state",
        "active",
        "featured",
    )
    list_display_links = ("picture", "name")
    list_filter = (
        ("category", SubtreeFilter),
        BrandFilter,
        ProductAvailabilityFilter,
        ("is_active", yes_or_no("active")),
        ("is_featured", yes_or_no("featured")),
    )
    show_facets = admin.ShowFacets.NEVER
    compressed_fields = False
    list_filter_submit = True
    list_select_related = ("category",)
    list_per_page = 50
    list_before_template = "backoffice/export_matching.html"
    ordering = ("-created_at", "-id")
    search_fields = ("name", "sku", "slug", "variants__sku")
    search_help_text = "Search by name, slug or SKU, also of variants"
    paginator = EstimatingPaginator
    show_full_result_count = False
    actions = ("activate", "deactivate", "feature", "unfeature", "export_selected")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        """Use the list that reads pictures and availability."""
        return ProductList

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Product],
        search_term: str,
    ) -> tuple[QuerySet[Product], bool]:
        """Keep products that have every word somewhere; a join would list them once for each variant."""
        for word in search_term.split():
            of_variant = Variant.objects.filter(sku__icontains=word).values("product")
            queryset = queryset.filter(
                Q(name__icontains=word)
                | Q(sku__icontains=word)
                | Q(slug__icontains=word)
                | Q(pk__in=of_variant)
            )
        return queryset, False

    def save_model(
        self,
        request: HttpRequest,
        obj: Product,
        form: "forms.ModelForm[Any]",
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write only what was changed, so that what others change at the same time stays."""
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """List what goes with the products; nobody may delete stock but with its product."""
        to_delete, model_count, perms_needed, protected = super().get_deleted_objects(objs, request)
        perms_needed = perms_needed - {Stock._meta.verbose_name}  # noqa: SLF001  (Django documents _meta)
        return to_delete, model_count, perms_needed, protected

    @display(description="")
    def picture(self, product: Product) -> SafeString:
        """Show its first picture."""
        return thumbnail(next(iter(getattr(product, "first_pictures", [])), None))

    @display(description="price", ordering="price")
    def shown_price(self, product: Product) -> str:
        """Write its price with the shop's currency."""
        if product.is_free:
            return "free"
        return f"{amount_text(product.price, settings.TORG_CURRENCY)} {settings.TORG_CURRENCY}"

    @display(description="availability", label=AVAILABILITY_COLOURS)
    def state(self, product: Product) -> str:
        """What shoppers are told."""
        return Availability(getattr(product, "availability", 0)).label

    @display(description="active", boolean=True, ordering="is_active")
    def active(self, product: Product) -> bool:
        """Say whether it is switched on."""
        return product.is_active

    @display(description="featured", label="primary", ordering="is_featured")
    def featured(self, product: Product) -> str:
        """Mark what is put in front; most is not."""
        return "featured" if product.is_featured else ""

    @display(description="rating")
    def rating(self, product: Product) -> str:
        """Its stars on average, and how many gave them."""
        if not product.rating_count:
            return "not rated yet"
        return f"{product.rating_average.quantize(Decimal('0.1'))} of 5, by {product.rating_count}"

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Show the products to shoppers."""
        self._change_all(request, queryset, "activated", is_active=True)

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Hide the products from shoppers."""
        self._change_all(request, queryset, "deactivated", is_active=False)

    @admin.action(description="Feature", permissions=["change"])
    def feature(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Put the products in front."""
        self._change_all(request, queryset, "featured", is_featured=True)

    @admin.action(description="No longer feature", permissions=["change"])
    def unfeature(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Put the products back into the ranks."""
        self._change_all(request, queryset, "no longer featured", is_featured=False)

    def _change_all(
        self, request: HttpRequest, queryset: QuerySet[Product], done: str, **changes: bool
    ) -> None:
        others = Q()
        for name, value in changes.items():
            others |= ~Q(**{name: value})
        number = (
            Product.objects.filter(pk__in=queryset.order_by().values("pk")).filter(others).update(**changes)
        )
        self.message_user(
            request, f"{number} {'product was' if number == 1 else 'products were'} {done}.", messages.SUCCESS
        )

    @admin.action(description="Export selected as CSV", permissions=["view"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> StreamingHttpResponse:
        """Download the selected products."""
        return csv_of(queryset, shows_stock=may_see_stock(request.user))

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the export."""
        export = path(
            "export/", self.admin_site.admin_view(self.export_matching), name="catalogue_product_export"
        )
        return [export, *super().get_urls()]

    def export_matching(self, request: HttpRequest) -> HttpResponseBase:
        """Download all products that match the list's search and filters, which come in the query string."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            products = self.get_changelist_instance(request).get_queryset(request)
            return csv_of(products, shows_stock=may_see_stock(request.user))
        except IncorrectLookupParameters:
            self.message_user(
                request, "These filters make no sense, so nothing was exported.", messages.ERROR
            )
            return redirect("backoffice:catalogue_product_changelist")
