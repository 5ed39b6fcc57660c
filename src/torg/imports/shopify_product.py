"""One product of a Shopify CSV: the first row tells of it, each row may add a variant, a picture, or both."""

import hashlib
import html
import re
from dataclasses import dataclass
from decimal import Decimal

from torg.catalogue.category import DEEPEST
from torg.catalogue.product import RESERVED_SLUG
from torg.imports.columns import Columns
from torg.imports.drafts import ImageDraft, ProductDraft, SourceRow, StockDraft, VariantDraft
from torg.imports.values import (
    ALT_LIMIT,
    ATTRIBUTE_LIMIT,
    BRAND_LIMIT,
    CATEGORY_NAME_LIMIT,
    NAME_LIMIT,
    SKU_LIMIT,
    SLUG_LIMIT,
    amount_from,
    is_slug,
    units_from,
    web_address_from,
    within,
)
from torg.lib.text import clean_html, clean_line, slug_from

_PATH_SEPARATOR = re.compile(r"\s*>\s*")
_OPTIONS = ("option1", "option2", "option3")
_STATUSES = {"": True, "active": True, "draft": False, "archived": False, "unlisted": False}
_ANSWERS = {"": True, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the shop and whoever imports allow."""

    currency: str
    allows_free: bool


@dataclass(slots=True)
class _Priced:
    """A variant's row with what it costs."""

    row: SourceRow
    price: Decimal


def slug_of_handle(handle: str) -> str:
    """Return the slug for a handle: itself where it can be one, and something for any other text."""
    slug = handle if is_slug(handle) else slug_from(handle, SLUG_LIMIT) if handle else ""
    return f"{slug}-product" if slug == RESERVED_SLUG else slug


def product_from(rows: list[SourceRow], columns: Columns, rules: Rules) -> ProductDraft:
    """Read the product that ``rows`` tell of; raise ``NotAcceptable`` for the first thing that is wrong."""
    first = rows[0]
    slug = columns.read(first, "handle", lambda text: within(slug_of_handle(text), SLUG_LIMIT))
    name = columns.read(first, "title", _name_from)
    priced = _priced_rows(rows, columns, rules)
    cheapest = min(priced, key=lambda each: each.price)
    if cheapest.price == 0 and not rules.allows_free:
        raise columns.refused(
            cheapest.row, "variant price", "is 0; only --allow-free imports it as given away"
        )
    variants = _variants(priced, cheapest.price, slug, columns)
    return ProductDraft(
        slug=slug,
        sku=variants[0].sku,
        name=name,
        price=cheapest.price,
        variants=variants,
        images=_images(rows, columns) if "image src" in columns else None,
        category_path=_category_path(first, columns),
        brand=columns.read(first, "vendor", _brand_from) if "vendor" in columns else None,
        description=clean_html(columns.text(first, "body (html)")) if "body (html)" in columns else None,
        compare_at_price=_compare_at_price(cheapest, columns, rules),
        keeps_compare_at_price="variant compare at price" not in columns,
        is_free=cheapest.price == 0,
        is_active=_is_active(first, columns),
    )


def _name_from(text: str) -> str:
    name = clean_line(html.unescape(text))
    if not name:
        raise ValueError("is empty")
    return within(name, NAME_LIMIT)


def _brand_from(text: str) -> str:
    return within(clean_line(html.unescape(text)), BRAND_LIMIT)


def _priced_rows(rows: list[SourceRow], columns: Columns, rules: Rules) -> list[_Priced]:
    return [
        _Priced(row, columns.read(row, "variant price", lambda text: amount_from(text, rules.currency)))
        for row in rows
        if row is rows[0] or _tells_of_variant(row, columns)
    ]


def _tells_of_variant(row: SourceRow, columns: Columns) -> bool:
    return any(columns.text(row, name) for name in ("variant sku", "variant price", "option1 value"))


def _compare_at_price(cheapest: _Priced, columns: Columns, rules: Rules) -> Decimal | None:
    if not columns.text(cheapest.row, "variant compare at price"):
        return None
    before = columns.read(
        cheapest.row, "variant compare at price", lambda text: amount_from(text, rules.currency)
    )
    return before if before > cheapest.price else None


def _is_active(first: SourceRow, columns: Columns) -> bool | None:
    if "published" not in columns and "status" not in columns:
        return None
    is_published = columns.read(first, "published", _answer_from)
    return columns.read(first, "status", _status_from) and is_published


def _answer_from(text: str) -> bool:
    if text.casefold() not in _ANSWERS:
        raise ValueError("is neither true nor false")
    return _ANSWERS[text.casefold()]


def _status_from(text: str) -> bool:
    if text.casefold() not in _STATUSES:
        raise ValueError("is none of active, draft, archived, unlisted")
    return _STATUSES[text.casefold()]


def _category_path(first: SourceRow, columns: Columns) -> tuple[str, ...] | None:
    column = "product category" if columns.text(first, "product category") else "type"
    return columns.read(first, column, _path_from) or None


def _path_from(text: str) -> tuple[str, ...]:
    names = (clean_line(html.unescape(name)) for name in _PATH_SEPARATOR.split(text))
    path = tuple(within(name, CATEGORY_NAME_LIMIT) for name in names if name)
    if len(path) > DEEPEST:
        raise ValueError(f"is {len(path)} categories deep, at most {DEEPEST} are allowed")
    return path


def _variants(priced: list[_Priced], price: Decimal, slug: str, columns: Columns) -> list[VariantDraft]:
    names = _option_names(priced[0].row, columns)
    variants: list[VariantDraft] = []
    taken: set[str] = set()
    without_sku: dict[tuple[str, ...], bool] = {}
    for position, each in enumerate(priced):
        attributes = _attributes(each.row, names, columns)
        told_sku = columns.read(each.row, "variant sku", _sku_from)
        values = tuple(attributes.get(name, "") for name in names)
        if values in without_sku and (not told_sku or without_sku[values]):
            raise columns.refused(
                each.row,
                "option1 value",
                "stands twice in this product, and without a SKU nothing tells them apart",
            )
        without_sku[values] = not told_sku
        sku = told_sku or _derived_sku(slug, attributes, taken)
        if sku in taken:
            raise columns.refused(each.row, "variant sku", "stands twice in this product")
        taken.add(sku)
        stock = _stock(each.row, columns)
        override = each.price if each.price != price else None
        told = attributes if "option1 value" in columns else None
        variants.append(VariantDraft(sku, override, told, position, stock=stock))
    return variants


def _sku_from(text: str) -> str:
    return within(clean_line(text), SKU_LIMIT)


def _derived_sku(slug: str, attributes: dict[str, str], taken: set[str]) -> str:
    """Make the SKU of a variant that has none; a point, which no slug holds, keeps it apart from others'."""
    values = " ".join(attributes.values())
    sku = f"{slug}.{slug_from(values, SKU_LIMIT)}" if values else slug
    if len(sku) <= SKU_LIMIT and sku not in taken:
        return sku
    digest = hashlib.sha256("\0".join([slug, *attributes.values()]).encode()).hexdigest()[:10]
    return f"{sku[: SKU_LIMIT - 11]}.{digest}"


def _option_names(first: SourceRow, columns: Columns) -> list[str]:
    names: list[str] = []
    for option in _OPTIONS:
        name = columns.read(first, f"{option} name", _attribute_from).lower() or option
        if name in names:
            raise columns.refused(first, f"{option} name", "stands twice in this product")
        names.append(name)
    return names


def _attributes(row: SourceRow, names: list[str], columns: Columns) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for option, name in zip(_OPTIONS, names, strict=True):
        value = columns.read(row, f"{option} value", _attribute_from)
        if value and (name, value.lower()) != ("title", "default title"):
            attributes[name] = value
    return attributes


def _attribute_from(text: str) -> str:
    return within(clean_line(html.unescape(text)), ATTRIBUTE_LIMIT)


def _stock(row: SourceRow, columns: Columns) -> StockDraft:
    on_hand = None
    if columns.text(row, "variant inventory qty"):
        on_hand = columns.read(row, "variant inventory qty", units_from)
    is_tracked = None
    if columns.text(row, "variant inventory policy").casefold() == "continue":
        is_tracked = False
    elif "variant inventory tracker" in columns:
        is_tracked = bool(columns.text(row, "variant inventory tracker"))
    return StockDraft(on_hand=on_hand, is_tracked=is_tracked)


def _images(rows: list[SourceRow], columns: Columns) -> list[ImageDraft]:
    found: dict[str, tuple[int, int, ImageDraft]] = {}
    for number, row in enumerate(rows):
        if not columns.text(row, "image src"):
            continue
        url = columns.read(row, "image src", _picture_address_from)
        alt = columns.read(row, "image alt text", _alt_from)
        position = (
            columns.read(row, "image position", units_from) if columns.text(row, "image position") else 0
        )
        found.setdefault(url, (position, number, ImageDraft(url=url, file="", alt=alt)))
    return [image for _, _, image in sorted(found.values(), key=lambda each: each[:2])]


def _picture_address_from(text: str) -> str:
    return web_address_from(clean_line(text).replace(" ", "%20"))


def _alt_from(text: str) -> str:
    return within(clean_line(html.unescape(text)), ALT_LIMIT)
