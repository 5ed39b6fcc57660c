"""A product's own page. One SQL statement, however many pages, and whatever they have of variants and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from msgspec import Struct

from torg.caching.document import Document
from torg.caching.kinds import Asked, DocumentKind, register
from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.lib.compiled import Compiled, IsOneOf, Slot
from torg.pages.product_card import COLUMNS, availability_code, decode_image, image, money, own_fields
from torg.pages.shapes import CategoryLink, CategoryPlace, ProductDetail, VariantDetail


def product_details(slugs: Sequence[str]) -> list[Document | None]:
    """Build the pages of the products on sale that have these ``slugs``; None where there is none."""
    found = Compiled("product details", _products).fetch({"slugs": list(slugs)})
    documents = {row["slug"]: _document(row) for row in found}
    return [documents.get(slug) for slug in slugs]


def _document(row: Mapping[str, Any]) -> Document:
    tags = [f"product:{row['id']}", *(f"category:{category_id}" for category_id in row["category__path"])]
    return Document.of(msgspec.json.encode(_detail(row)), tags)


class VariantRow(Struct):
    """An active variant, as the database keeps it."""

    sku: str
    price: Decimal | None
    attributes: dict[str, str]
    availability: int | None


def _products() -> QuerySet[Any, Any]:
    """Select products with all that belongs to each gathered into arrays of JSON."""
    images = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
    variants = Variant.objects.filter(product=OuterRef("pk"), is_active=True).order_by("position", "id")
    ancestors = (
        Category.objects.filter(IsOneOf(F("id"), OuterRef("category__path")))
        .exclude(pk=OuterRef("category_id"))
        .order_by("path__len")
    )
    rows: QuerySet[Any, Any] = (
        Product.objects.on_sale()
        .filter(IsOneOf(F("slug"), Slot("slugs", ArrayField(CharField()))))
        .values(
            *COLUMNS,
            "category__path",
            "description",
            "updated_at",
            image_rows=ArraySubquery(images.values(json=JSONObject(file="file", url="url", alt="alt"))),
            variant_rows=ArraySubquery(
                variants.values(
                    json=JSONObject(
                        sku="sku",
                        price="price",
                        attributes="attributes",
                        availability=F("stock__availability"),
                    )
                )
            ),
            ancestor_rows=ArraySubquery(ancestors.values(json=JSONObject(slug="slug", name="name"))),
        )
    )
    return rows


_decode_variant = msgspec.json.Decoder(VariantRow).decode
_decode_ancestor = msgspec.json.Decoder(CategoryLink).decode


def _detail(row: Mapping[str, Any]) -> ProductDetail:
    variants = [_decode_variant(text) for text in row["variant_rows"]]
    pictures = [image(decode_image(text)) for text in row["image_rows"]]
    return ProductDetail(
        **own_fields(row),
        availability=availability_code(max((variant.availability or 0 for variant in variants), default=0)),
        image=pictures[0] if pictures else None,
        category=CategoryPlace(
            row["category__slug"],
            row["category__name"],
            ancestors=[_decode_ancestor(text) for text in row["ancestor_rows"]],
        ),
        description=row["description"],
        images=pictures,
        attributes=_attributes(variants),
        variants=[_variant(variant, row["price"]) for variant in variants],
        updated_at=row["updated_at"],
    )


def _variant(variant: VariantRow, price_of_product: Decimal) -> VariantDetail:
    return VariantDetail(
        sku=variant.sku,
        price=money(price_of_product if variant.price is None else variant.price),
        attributes=variant.attributes,
        availability=availability_code(variant.availability),
    )


def _attributes(variants: Sequence[VariantRow]) -> dict[str, list[str]]:
    """Gather each attribute's values in the order in which the variants bring them."""
    gathered: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.attributes.items():
            gathered.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in gathered.items()}


def _newest() -> Iterable[Asked]:
    newest = Product.objects.on_sale().order_by("-created_at", "-id").values_list("slug", flat=True)
    return ({"slug": slug} for slug in newest[: settings.TORG_CACHE_WARM_LIMIT])


PRODUCT = register(
    DocumentKind(
        name="product",
        route="product",
        place="slug",
        build=lambda asked: product_details([asked["slug"]])[0],
        build_many=lambda batch: product_details([asked["slug"] for asked in batch]),
        seconds=3600,
        warmed_as={"products": _newest},
    )
)
