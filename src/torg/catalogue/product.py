"""Products, the variants of them that are sold, and their pictures."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import BooleanField, Exists, Expression, Func, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from torg.caching.changes import invalidate
from torg.catalogue.category import Category
from torg.catalogue.triggers import IMAGE_TRIGGERS, PRODUCT_TRIGGERS, VARIANT_TRIGGERS
from torg.lib.ids import uuid7

# Where the API answers with the featured products, no product can answer.
RESERVED_SLUG = "featured"


class MapsTextToText(Func):
    """Whether a JSONB value is an object whose values are all strings."""

    template = (
        "COALESCE(jsonb_path_match(%(expressions)s, "
        "'strict $.type() == \"object\" && !exists($.* ? (@.type() != \"string\"))', '{}', true), false)"
    )
    output_field = BooleanField()


class HttpsURLField(models.URLField):  # type: ignore[type-arg]
    """A URL; where staff type no scheme, HTTPS is meant."""

    def formfield(self, **kwargs: Any) -> Any:
        """Return the form's field."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> Any:
        """Describe it to migrations as the plain field that it is for the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class ProductQuerySet(models.QuerySet["Product"]):
    """Products, to be narrowed down."""

    def on_sale(self) -> Self:
        """Keep those that shoppers see: active, in a category that is visible."""
        return self.filter(is_active=True, category__is_visible=True)

    def featured(self) -> Self:
        """Keep those that the merchant puts in front."""
        return self.filter(is_featured=True)

    def priced(
        self, *, at_least: Decimal | Expression | None = None, at_most: Decimal | Expression | None = None
    ) -> Self:
        """Keep those whose price lies between the two, both included."""
        products = self
        if at_least is not None:
            products = products.filter(price__gte=at_least)
        if at_most is not None:
            products = products.filter(price__lte=at_most)
        return products

    def rated_at_least(self, average: Decimal | Expression) -> Self:
        """Keep those rated at least so well on average; an ``average`` of 1 or more leaves out what nobody rated."""
        return self.filter(rating_average__gte=average)

    def with_variant(self, *conditions: Expression | Q) -> Self:
        """Keep those with an active variant for which all ``conditions`` hold."""
        return self.filter(
            Exists(Variant.objects.filter(*conditions, product=OuterRef("pk"), is_active=True))
        )


class Product(models.Model):
    """Something the merchant offers; what is put into a cart is always one of its variants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Its index is `product_category_newest`, which begins with the category.
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", db_index=False)
    name = models.CharField(max_length=500)
    slug = models.SlugField(max_length=255, db_index=False)
    sku = models.CharField("SKU", max_length=100)
    brand = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True, help_text="HTML; what could run is removed.")
    price = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    compare_at_price = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="The price before, shown struck through; above the price.",
    )
    is_free = models.BooleanField(default=False, help_text="Given away: only then may the price be 0.")
    is_active = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False)
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, default=Decimal(0), editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slug"],
                name="product_slug_unique",
                violation_error_message="Another product has this slug.",
            ),
            models.UniqueConstraint(
                fields=["sku"],
                name="product_sku_unique",
                violation_error_message="Another product has this SKU.",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(slug="") & ~Q(sku=""), name="product_has_name_slug_and_sku"
            ),
            models.CheckConstraint(
                condition=~Q(slug=RESERVED_SLUG),
                name="product_slug_not_reserved",
                violation_error_message="This slug is the address of the featured products; choose another.",
            ),
            models.CheckConstraint(
                condition=Q(price__gt=0, is_free=False) | Q(price=0, is_free=True),
                name="product_price_above_zero_unless_free",
                violation_error_message="The price must be above 0, or the product marked as free.",
            ),
            models.CheckConstraint(
                condition=Q(compare_at_price=None) | Q(compare_at_price__gt=models.F("price")),
                name="product_compare_at_price_above_price",
                violation_error_message="The compare-at price must be above the price.",
            ),
            # Times that Python cannot read back would fail every page that shows the product.
            models.CheckConstraint(
                condition=Q(
                    created_at__gte=datetime(1970, 1, 1, tzinfo=UTC),
                    created_at__lt=datetime(2200, 1, 1, tzinfo=UTC),
                ),
                name="product_created_between_1970_and_2200",
                violation_error_message="Give a time between 1970 and 2200.",
            ),
            models.CheckConstraint(
                condition=Q(rating_average=0, rating_count=0)
                | Q(rating_average__gte=1, rating_average__lte=5, rating_count__gt=0),
                name="product_rating_from_one_to_five",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["category", "-created_at", "-id"], name="product_category_newest"),
            models.Index(fields=["-created_at", "-id"], name="product_newest", condition=Q(is_active=True)),
            models.Index(
                fields=["-created_at", "-id"],
                name="product_featured_newest",
                condition=Q(is_active=True, is_featured=True),
            ),
            models.Index(
                fields=["brand", "-created_at", "-id"],
                name="product_brand_newest",
                condition=Q(is_active=True),
            ),
            models.Index(fields=["price", "id"], name="product_price", condition=Q(is_active=True)),
            models.Index(Lower("name"), "id", name="product_name", condition=Q(is_active=True)),
            models.Index(
                fields=["-rating_average", "-id"], name="product_rating", condition=Q(is_active=True)
            ),
        ]
        triggers: ClassVar = PRODUCT_TRIGGERS

    def __str__(self) -> str:
        return self.name

    def invalidate_cache(self) -> None:
        """Have the product's own page built anew.

        Needed only when it shows what the database does not know; its changes are announced by themselves.
        """
        invalidate(f"product:{self.pk}")


class Variant(models.Model):
    """What is sold: a product in one size, colour and so on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", db_index=False)
    sku = models.CharField("SKU", max_length=100)
    price = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Leave empty to sell it at the product's price.",
    )
    attributes = models.JSONField(default=dict, blank=True, help_text='Such as {"size": "L"}.')
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sku"],
                name="variant_sku_unique",
                violation_error_message="Another variant has this SKU.",
            ),
            models.CheckConstraint(condition=~Q(sku=""), name="variant_has_sku"),
            models.CheckConstraint(
                condition=MapsTextToText("attributes"),
                name="variant_attributes_map_text_to_text",
                violation_error_message='Attributes are an object of texts, such as {"size": "L"}.',
            ),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gt=0),
                name="variant_price_above_zero",
                violation_error_message="The price must be above 0, or empty for the product's price.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "position", "id"], name="variant_product_position"),
            # Without fastupdate: readers need not go through what was not merged yet.
            GinIndex(
                fields=["attributes"],
                name="variant_attributes",
                opclasses=["jsonb_path_ops"],
                fastupdate=False,
            ),
        ]
        triggers: ClassVar = VARIANT_TRIGGERS

    def __str__(self) -> str:
        return self.sku


class ProductImage(models.Model):
    """A picture of a product: a file of this shop, or the address of one elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="images", db_index=False)
    file = models.ImageField(upload_to="products/%Y/%m", max_length=255, blank=True)
    url = HttpsURLField("URL", max_length=2000, blank=True)
    alt = models.CharField("alternative text", max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(file="") & ~Q(url="") | ~Q(file="") & Q(url=""),
                name="image_is_file_or_url",
                violation_error_message="Give either a file or a URL.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "position", "id"], name="image_product_position")
        ]
        triggers: ClassVar = IMAGE_TRIGGERS

    def __str__(self) -> str:
        return self.alt or self.url or self.file.name or ""
