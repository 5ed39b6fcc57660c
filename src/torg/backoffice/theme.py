"""How the back office looks: the setting ``UNFOLD``, for ``torg.config.settings``."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _icon(_request: HttpRequest) -> str:
    return static("backoffice/icon.svg")


def _login_picture(_request: HttpRequest) -> str:
    return static("backoffice/login.svg")


def _link(title: str, icon: str, page: str, permission: str = "") -> dict[str, Any]:
    def is_allowed(request: HttpRequest) -> bool:
        return not permission or request.user.has_perm(permission)

    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"backoffice:{page}"),
        "permission": is_allowed,
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Torg",
    "SITE_HEADER": "Torg",
    "SITE_SUBHEADER": "Back office",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {"image": _login_picture},
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "oklch(97.7% .013 190)",
            "100": "oklch(94.5% .035 188)",
            "200": "oklch(89.5% .07 186)",
            "300": "oklch(82.5% .1 186)",
            "400": "oklch(74% .115 187)",
            "500": "oklch(64% .105 188)",
            "600": "oklch(53% .088 190)",
            "700": "oklch(46% .076 191)",
            "800": "oklch(40% .064 192)",
            "900": "oklch(35% .053 194)",
            "950": "oklch(26% .043 196)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": True,
        "navigation": [
            {"items": [_link("Overview", "dashboard", "index")]},
            {
                "title": "Catalogue",
                "items": [
                    _link("Products", "sell", "catalogue_product_changelist", "catalogue.view_product"),
                    _link(
                        "Categories",
                        "account_tree",
                        "catalogue_category_changelist",
                        "catalogue.view_category",
                    ),
                    _link("Stock", "inventory_2", "inventory_stock_changelist", "inventory.view_stock"),
                ],
            },
            {
                "title": "Cache",
                "items": [
                    _link("Figures", "monitoring", "cache", "caching.view_cache"),
                    _link(
                        "Warming",
                        "local_fire_department",
                        "caching_warmingjob_changelist",
                        "caching.view_warmingjob",
                    ),
                ],
            },
            {
                "title": "People",
                "items": [
                    _link("Users", "person", "accounts_user_changelist", "accounts.view_user"),
                    _link("Groups", "group", "auth_group_changelist", "auth.view_group"),
                ],
            },
        ],
    },
}
