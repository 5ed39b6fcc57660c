"""What the database announces, for tests to compare exactly."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from torg.caching.models import Change


def changes_so_far() -> set[str]:
    """Return where the changes lie that were recorded until now."""
    return set(Change.objects.values_list("place", flat=True))


def tags_since(changes: set[str]) -> set[str]:
    """Return all tags announced in other changes than these."""
    found = Change.objects.values_list("place", "tags")
    return {tag for place, tags in found if place not in changes for tag in tags}


@contextmanager
def announced() -> Iterator[set[str]]:
    """Give a set that holds, when the block has ended, all tags that were announced in it."""
    tags: set[str] = set()
    before = changes_so_far()
    yield tags
    tags |= tags_since(before)


def run(sql: str, *values: object) -> None:
    """Do it behind Django's back."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def product_tags(product: object, *categories: object) -> set[str]:
    """Return the tags of a product in the last of these categories, which stand below each other."""
    return {
        f"product:{getattr(product, 'pk', product)}",
        "products",
        *(f"products:category:{getattr(category, 'pk', category)}" for category in categories),
    }


def category_tags(category: object, *path: object) -> set[str]:
    """Return the tags of a category's shown columns; ``path`` are those above it, old and new ones."""
    return {
        f"category:{getattr(category, 'pk', category)}",
        "categories",
        "products",
        "products:featured",
        *(f"products:category:{getattr(place, 'pk', place)}" for place in (*path, category)),
    }


def count_tags(*path: object) -> set[str]:
    """Return the tags of a category's count; ``path`` are those above it and itself."""
    return {"product-counts", *(f"product-counts:{getattr(place, 'pk', place)}" for place in path)}
