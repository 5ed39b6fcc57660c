"""A Shopify CSV written: as many rows for a product as it has variants or pictures, whichever are more."""

import csv
import html
from collections.abc import Callable, Collection, Iterator
from itertools import zip_longest
from typing import TextIO
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.imports.whole_products import CHUNK, stock_of, whole_products
from torg.lib.money import amount_text

MOST_OPTIONS = 3
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

HEADER = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value",
    "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty",
    "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price", "Variant Compare At Price",
    "Variant Requires Shipping", "Variant Taxable", "Variant Barcode",
    "Image Src", "Image Position", "Image Alt Text", "Status",
]  # fmt: skip


def write_shopify_csv(
    products: QuerySet[Product],
    stream: TextIO,
    *,
    on_progress: Callable[[int], None] | None = None,
    left_empty: Collection[str] = (),
    is_for_spreadsheets: bool = False,
) -> int:
    """Write ``products`` in their order, in bounded memory, and return how many they were.

    Shopify's form has no place for what is featured, thresholds of stock, dates, free products, a fourth
    attribute and uploaded pictures. Variants that are switched off are left out, for there they would be on
    sale; a product that has only such ones is written as a draft.

    The columns ``left_empty`` have no values. ``is_for_spreadsheets`` puts an apostrophe before a text that a
    spreadsheet would run as a formula; such a file is to be looked at, and what is imported is to be exact.
    """
    writer = csv.DictWriter(stream, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    paths = _category_paths()
    count = 0
    for product in whole_products(products):
        for row in _rows(product, paths[product.category_id]):
            shown = {name: value for name, value in row.items() if name not in left_empty}
            writer.writerow(_without_formulas(shown) if is_for_spreadsheets else shown)
        count += 1
        if on_progress is not None and count % CHUNK == 0:
            on_progress(count)
    return count


def _category_paths() -> dict[UUID, str]:
    categories = {each.id: each for each in Category.objects.only("id", "name", "path")}
    return {
        category.id: " > ".join(
            _escaped(categories[ancestor_id].name).replace(">", "&gt;") for ancestor_id in category.path
        )
        for category in categories.values()
    }


def _rows(product: Product, category: str) -> Iterator[dict[str, object]]:
    variants = [variant for variant in product.variants.all() if variant.is_active]
    is_active = product.is_active and bool(variants)
    variants = variants or list(product.variants.all())
    images = [image for image in product.images.all() if image.url]
    options = _options(variants)
    for number, (variant, image) in enumerate(zip_longest(variants, images)):
        row: dict[str, object] = {"Handle": product.slug}
        if number == 0:
            row |= _product_fields(product, category, is_active=is_active)
            row |= {f"Option{index} Name": name for index, name in enumerate(options or ["Title"], start=1)}
        if variant is not None:
            row |= _variant_fields(product, variant, options)
        if image is not None:
            row |= _image_fields(image, number + 1)
        yield row


def _options(variants: list[Variant]) -> list[str]:
    names = dict.fromkeys(name for variant in variants for name in variant.attributes)
    return list(names)[:MOST_OPTIONS]


def _product_fields(product: Product, category: str, *, is_active: bool) -> dict[str, object]:
    return {
        "Title": _escaped(product.name),
        "Body (HTML)": product.description,
        "Vendor": _escaped(product.brand),
        "Product Category": category,
        "Published": "true" if is_active else "false",
        "Status": "active" if is_active else "draft",
    }


def _variant_fields(product: Product, variant: Variant, options: list[str]) -> dict[str, object]:
    stock = stock_of(variant)
    price = product.price if variant.price is None else variant.price
    before = product.compare_at_price
    values = [_escaped(str(variant.attributes.get(name, ""))) for name in options] or ["Default Title"]
    return {f"Option{index} Value": value for index, value in enumerate(values, start=1)} | {
        "Variant SKU": variant.sku,
        "Variant Grams": "0",
        "Variant Inventory Tracker": "shopify" if stock.is_tracked else "",
        "Variant Inventory Qty": stock.on_hand,
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": amount_text(price, settings.TORG_CURRENCY),
        "Variant Compare At Price": amount_text(before, settings.TORG_CURRENCY) if before else "",
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
    }


def _image_fields(image: ProductImage, position: int) -> dict[str, object]:
    return {"Image Src": image.url, "Image Position": position, "Image Alt Text": _escaped(image.alt)}


def _without_formulas(row: dict[str, object]) -> dict[str, object]:
    return {
        name: f"'{value}" if isinstance(value, str) and value.startswith(BEGINS_A_FORMULA) else value
        for name, value in row.items()
    }


def _escaped(text: str) -> str:
    """Write ``&`` as an entity where a reader of this form would take it for the beginning of one."""
    return text.replace("&", "&amp;") if html.unescape(text) != text else text
