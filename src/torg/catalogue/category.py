"""Categories: a tree of any depth."""

from typing import ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from torg.caching.changes import invalidate
from torg.catalogue.triggers import CATEGORY_TRIGGERS
from torg.lib.ids import uuid7

# Nobody navigates so deep; the bound is for those who read the tree by recursion.
DEEPEST = 100
# Where the API answers with the whole tree, no category can answer.
RESERVED_SLUG = "tree"


class CategoryQuerySet(models.QuerySet["Category"]):
    """Categories, to be narrowed down."""

    def visible(self) -> Self:
        """Keep those that shoppers see: switched on, and so are all their ancestors."""
        return self.filter(is_visible=True)

    def in_subtree(self, category_id: UUID) -> Self:
        """Keep the category itself and all that stand below it."""
        return self.filter(path__contains=[category_id])

    def in_menu_order(self) -> Self:
        """Order siblings as the merchant arranged them."""
        return self.order_by("sort_order", "name", "id")


class Category(models.Model):
    """A place in the tree of categories.

    ``path``, ``is_visible`` and ``own_product_count`` are kept by the database (``torg.catalogue.triggers``), so
    after a change of ``parent`` or ``is_active`` an instance in memory has to be read again to show them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, db_index=False)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    sort_order = models.IntegerField(default=0)

    path = ArrayField(models.UUIDField(), default=list, editable=False)
    """The ids from the root down to this category, itself included."""
    is_visible = models.BooleanField(default=False, editable=False)
    """Whether this category and all its ancestors are active."""
    own_product_count = models.PositiveIntegerField(default=0, editable=False)
    """How many active products stand directly in it."""

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slug"],
                name="category_slug_unique",
                violation_error_message="Another category has this slug.",
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="category_name_unique_among_siblings",
                nulls_distinct=False,
                violation_error_message="A category of this name stands there already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(slug=""), name="category_has_name_and_slug"
            ),
            models.CheckConstraint(
                condition=~models.Q(slug=RESERVED_SLUG),
                name="category_slug_not_reserved",
                violation_error_message="This slug is the address of the whole tree; choose another.",
            ),
            models.CheckConstraint(
                condition=models.Q(path__len__lte=DEEPEST) | models.Q(path=[]),
                name="category_at_most_100_deep",
                violation_error_message=f"Categories stand at most {DEEPEST} deep.",
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["path"], name="category_path", fastupdate=False)]
        triggers: ClassVar = CATEGORY_TRIGGERS

    def __str__(self) -> str:
        return self.name

    def invalidate_cache(self) -> None:
        """Have its own page, the pages of its products and the list of all below it built anew.

        Needed only when they show what the database does not know; its changes are announced by themselves.
        """
        invalidate(f"category:{self.pk}", f"products:category:{self.pk}", f"product-counts:{self.pk}")

    @property
    def ancestor_ids(self) -> list[UUID]:
        """The ids of the categories above this one, from the root down."""
        return self.path[:-1]
