"""Categories, listed as the tree they are."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Exists, F, Func, OuterRef, ProtectedError, QuerySet, TextField
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from torg.backoffice.filters import yes_or_no
from torg.backoffice.refusals import CATEGORY_BELOW_ITSELF, ToldRefusals
from torg.backoffice.site import site
from torg.backoffice.slugs import SluggedForm
from torg.catalogue.models import Category, Product


class CategoryForm(SluggedForm):
    """A category and where it stands."""

    slug_limit = 200

    class Meta:
        model = Category
        fields = ("parent", "name", "slug", "description", "is_active", "sort_order")
        labels = {"is_active": "Active"}
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 4})}

    def clean_parent(self) -> Category | None:
        """Refuse a parent that stands below this category."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.pk in parent.path:
            self.add_error("parent", CATEGORY_BELOW_ITSELF)
        return parent


@admin.register(Category, site=site)
class CategoryAdmin(ToldRefusals):
    """The tree of categories."""

    form = CategoryForm
    fields = (("name", "slug"), "parent", "description", ("is_active", "sort_order"))
    list_display = ("name_in_tree", "slug", "active", "is_shown", "product_count", "sort_order")
    list_filter = (("is_active", yes_or_no("active")),)
    show_facets = admin.ShowFacets.NEVER
    compressed_fields = False
    search_fields = ("name", "slug")
    search_help_text = "Search by name or slug"
    autocomplete_fields = ("parent",)
    prepopulated_fields = {"slug": ("name",)}
    list_per_page = 200
    show_full_result_count = False
    sortable_by = ()

    def get_ordering(self, request: HttpRequest) -> list[OrderBy]:  # noqa: ARG002
        """Put each category below its parent, siblings as the merchant arranged them."""
        return [
            OrderBy(_along_path(Func("sort_order", "name", "id", function="ROW", output_field=TextField())))
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Read each category with the names from the root down to it."""
        categories: QuerySet[Category] = super().get_queryset(request)
        return categories.annotate(names=_along_path(F("name")))

    def label_of(self, category: Category) -> str:
        """Name the category with those above it."""
        return " / ".join(getattr(category, "names", [category.name]))

    @display(description="name")
    def name_in_tree(self, category: Category) -> SafeString:
        """Indent the name by its depth; the names above it are the title."""
        depth = len(category.path) - 1
        return format_html(
            '<span title="{}" style="padding-left: {}rem">{}{}</span>',
            self.label_of(category),
            depth * 1.5,
            "└ " if depth else "",
            category.name,
        )

    @display(description="active", boolean=True)
    def active(self, category: Category) -> bool:
        """Say whether it is switched on itself."""
        return category.is_active

    @display(description="shown", boolean=True)
    def is_shown(self, category: Category) -> bool:
        """Say whether shoppers see it: it and all above it are active."""
        return category.is_visible

    @display(description="active products")
    def product_count(self, category: Category) -> int:
        """How many active products stand directly in it."""
        return category.own_product_count

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        """Refuse categories that are not empty, without listing what may be a hundred thousand products."""
        ids = [category.pk for category in objs]
        filled = Category.objects.filter(pk__in=ids).filter(
            Exists(Product.objects.filter(category=OuterRef("pk")))
            | Exists(Category.objects.filter(parent=OuterRef("pk")))
        )
        in_the_way = [_contents_of(category) for category in filled.order_by("name", "id")[:20]]
        if in_the_way:
            return list(objs), {"categories": len(ids)}, set(), in_the_way
        to_delete, model_count, perms_needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, model_count, perms_needed, list(protected)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete an empty category; somebody may fill it while it is being deleted."""
        try:
            response: HttpResponse = super().delete_view(request, object_id, extra_context)
        except ProtectedError:
            self.message_user(request, "The category is not empty any more, so it stays.", "error")
            return HttpResponseRedirect(request.get_full_path())
        return response


def _along_path(expression: Any) -> ArraySubquery:
    """Collect ``expression`` of every category from the root down to the one in hand."""
    above = Category.objects.filter(
        # Django has no lookup for `id = ANY(path)`, which reads each of them by the primary key.
        Func(
            F("pk"),
            OuterRef("path"),
            template="%(expressions)s)",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )
    in_order = above.order_by("path__len")
    output_field: ArrayField[Any, Any] = ArrayField(TextField())
    return ArraySubquery(in_order.annotate(_value=expression).values("_value"), output_field=output_field)


def _contents_of(category: Category) -> str:
    products = Product.objects.filter(category=category).count()
    children = Category.objects.filter(parent=category).count()
    counted = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in ((products, "product", "products"), (children, "category", "categories"))
        if number
    ]
    return f"{' and '.join(counted)} in “{category}”: move or delete them first"
