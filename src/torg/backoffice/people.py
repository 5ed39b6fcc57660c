"""People who sign in, and the groups that say what the staff may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from torg.accounts.models import User
from torg.backoffice.counting import EstimatingPaginator
from torg.backoffice.site import site

# With any of these, staff that may change users could make themselves superusers.
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User, site=site)
class PersonAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Shoppers, authors and staff. Only superusers change staff, and what staff may do."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email", "first_name", "last_name")
    search_help_text = "Search by user name, e-mail address or name"
    ordering = ("-date_joined", "-id")
    filter_horizontal = ()
    show_facets = admin.ShowFacets.NEVER
    compressed_fields = False
    autocomplete_fields = ("groups",)
    readonly_fields = ("last_login", "date_joined")
    paginator = EstimatingPaginator
    show_full_result_count = False
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": (("username", "email"), ("first_name", "last_name"), "password")}),
        (
            "What they may do",
            {"fields": (("is_active", "is_staff", "is_superuser"), "groups", "user_permissions")},
        ),
        ("History", {"fields": (("last_login", "date_joined"),)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let only superusers give powers."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, *POWERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only superusers change staff: whoever sets somebody's password can sign in as them."""
        return super().has_change_permission(request, obj) and _is_below(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only superusers delete staff."""
        return super().has_delete_permission(request, obj) and _is_below(request, obj)


@admin.register(Group, site=site)
class TeamAdmin(GroupAdmin, ModelAdmin):
    """Groups of staff. Only superusers change what a group may do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let only superusers add one."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Let only superusers change one."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Let only superusers delete one."""
        return bool(request.user.is_superuser)


def _is_below(request: HttpRequest, user: User | None) -> bool:
    return request.user.is_superuser or user is None or not (user.is_staff or user.is_superuser)
