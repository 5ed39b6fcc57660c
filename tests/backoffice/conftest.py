from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from torg.accounts.models import User
from torg.catalogue.models import Product, Variant
from torg.inventory.models import Stock


def _signed_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def _person(username: str, **columns: Any) -> User:
    # Nobody signs in as them by password, and hashing one takes longer than most tests.
    columns |= {"email": f"{username}@example.com", "is_staff": True}
    return User.objects.create(username=username, **columns)


@pytest.fixture
def owner(db: None) -> Client:
    """A browser in which a superuser is signed in."""
    return _signed_in(_person("owner", is_superuser=True))


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """Sign in somebody of the staff with just these permissions, such as ``catalogue.view_product``."""

    def sign_in(*permissions: str) -> Client:
        user = _person("staff")
        for permission in permissions:
            app, codename = permission.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        return _signed_in(user)

    return sign_in


@pytest.fixture
def product_form() -> Callable[..., dict[str, Any]]:
    """Fill in the form of a product as a browser sends it; what a test is about is given by name."""

    def fill_in(product: Product | None = None, /, **changes: Any) -> dict[str, Any]:
        form = _product_fields(product) | _variant_rows(product) | _no_pictures(product)
        return {name: value for name, value in (form | changes).items() if value is not None}

    return fill_in


def _product_fields(product: Product | None) -> dict[str, Any]:
    if product is None:
        return {"name": "Mug", "slug": "", "sku": "MUG", "brand": "", "description": "", "price": "5.00"}
    return {
        "name": product.name,
        "slug": product.slug,
        "sku": product.sku,
        "brand": product.brand,
        "category": str(product.category_id),
        "description": product.description,
        "price": str(product.price),
        "compare_at_price": "" if product.compare_at_price is None else str(product.compare_at_price),
        **{name: "on" for name in ("is_free", "is_active", "is_featured") if getattr(product, name)},
    }


def _variant_rows(product: Product | None) -> dict[str, Any]:
    variants = (
        [] if product is None else list(Variant.objects.filter(product=product).select_related("stock"))
    )
    rows = {
        "variants-TOTAL_FORMS": str(len(variants) or 1),
        "variants-INITIAL_FORMS": str(len(variants)),
        "variants-MIN_NUM_FORMS": "1",
        "variants-MAX_NUM_FORMS": "1000",
    }
    for number, variant in enumerate(variants or [Variant(sku="MUG-1")]):
        stock = variant.stock if variants else Stock()
        row = {
            "id": str(variant.pk) if variants else "",
            "product": str(product.pk) if product else "",
            "sku": variant.sku,
            "attributes": "\n".join(f"{name}: {value}" for name, value in variant.attributes.items()),
            "price": "" if variant.price is None else str(variant.price),
            "on_hand": str(stock.on_hand),
            "low_stock_threshold": str(stock.low_stock_threshold),
            "position": str(variant.position),
            **({"is_tracked": "on"} if stock.is_tracked else {}),
            **({"is_active": "on"} if variant.is_active else {}),
        }
        rows |= {f"variants-{number}-{name}": value for name, value in row.items()}
        rows[f"initial-variants-{number}-on_hand"] = str(stock.on_hand)
    return rows


def _no_pictures(product: Product | None) -> dict[str, Any]:
    return {
        "images-TOTAL_FORMS": "0",
        "images-INITIAL_FORMS": "0",
        "images-MIN_NUM_FORMS": "0",
        "images-MAX_NUM_FORMS": "1000",
    }
