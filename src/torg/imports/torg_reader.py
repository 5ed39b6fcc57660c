"""Torg's JSONL read strictly."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import BinaryIO, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from torg.catalogue import category, product
from torg.imports.drafts import (
    CategoryDraft,
    ImageDraft,
    NotAcceptable,
    Offered,
    ProductDraft,
    Rejected,
    SourceRow,
    StockDraft,
    VariantDraft,
)
from torg.imports.records import RecordReader
from torg.imports.shopify_product import Rules
from torg.imports.source import CatalogueRefused, beginning_of
from torg.imports.torg_lines import (
    VERSION,
    CategoryLine,
    HeaderLine,
    ImagePart,
    Line,
    ProductLine,
    StockPart,
    VariantPart,
)
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
    web_address_from,
    within,
)
from torg.lib.text import clean_html, clean_line, clean_text

LINE_LIMIT = 8 * 1024 * 1024
"""Bytes; a longer line is refused."""
COLUMNS = ["json"]
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 2200

T = TypeVar("T")


_decode = msgspec.json.Decoder(Line).decode


def read_torg(stream: BinaryIO, rules: Rules, *, is_rejected_file: bool) -> Iterator[Offered | Rejected]:
    """Read the categories and products of a JSONL, or of the ``json`` column of a file of rejected lines.

    Raises ``CatalogueRefused`` if its header tells another currency or version.
    """
    rows = _rows_of_rejected_file(stream) if is_rejected_file else _rows(stream)
    for row in rows:
        try:
            if row.problem:
                raise NotAcceptable("", row.fields[0] if row.fields else "", row.problem)
            draft = _draft(_decoded(row.fields[0]), rules)
        except NotAcceptable as error:
            kind = _type_of(row)
            yield Rejected(
                [row],
                [error.refusal(row.line)],
                is_product=kind == "product",
                is_category=kind == "category",
            )
        else:
            if draft is not None:
                yield Offered(draft, [row])


def is_rejected_file(stream: BinaryIO) -> bool:
    """Say whether these are lines that an import refused, in the CSV it made of them."""
    return beginning_of(stream).startswith(b"json,rejected_line")


def _rows(stream: BinaryIO) -> Iterator[SourceRow]:
    number = 0
    while line := stream.readline(LINE_LIMIT + 1):
        number += 1
        row = SourceRow(number, [line.decode("utf-8", "surrogateescape").strip("\ufeff \t\r\n")])
        if len(line) > LINE_LIMIT:
            row.problem = f"is longer than {LINE_LIMIT} bytes; the rest of it is left out here"
        while len(line) >= LINE_LIMIT and not line.endswith(b"\n"):
            line = stream.readline(LINE_LIMIT)
        if row.fields[0]:
            yield row


def _rows_of_rejected_file(stream: BinaryIO) -> Iterator[SourceRow]:
    for row in RecordReader(stream, limit=2 * LINE_LIMIT):
        yield SourceRow(row.line, row.fields[:1], row.problem)


def _type_of(row: SourceRow) -> str:
    """Say what a refused line would have been, as far as it can be told."""
    text = row.fields[0] if row.fields else ""
    return "" if row.problem else _value_at(text, "type")


def _decoded(text: str) -> Line:
    try:
        line: Line = _decode(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise NotAcceptable("", text, "is not UTF-8") from error
    except msgspec.DecodeError as error:
        reason, _, path = str(error).partition(" - at `$")
        column = path.rstrip("`").lstrip(".")
        raise NotAcceptable(column, _value_at(text, column), _continued(reason)) from error
    return line


def _continued(reason: str) -> str:
    """Begin in lower case, as it stands after the value; an abbreviation stays one."""
    return reason if reason[1:2].isupper() else reason[:1].lower() + reason[1:]


def _value_at(text: str, column: str) -> str:
    """Find what stands in a field of the outermost object, else show the line."""
    try:
        return str(msgspec.json.decode(text)[column])
    except (msgspec.DecodeError, LookupError, TypeError):
        return text


def _draft(line: Line, rules: Rules) -> CategoryDraft | ProductDraft | None:
    if isinstance(line, HeaderLine):
        _ensure_fits(line, rules)
        return None
    if isinstance(line, CategoryLine):
        return _category(line)
    return _product(line, rules)


def _ensure_fits(header: HeaderLine, rules: Rules) -> None:
    if header.version != VERSION:
        raise CatalogueRefused(
            f"The file has version {header.version} of the format; this Torg reads {VERSION}."
        )
    if header.currency != rules.currency:
        raise CatalogueRefused(
            f"The file's prices are in {header.currency}, this shop's in {rules.currency}."
        )


def _category(line: CategoryLine) -> CategoryDraft:
    return CategoryDraft(
        slug=_slug(line.slug, 200, reserved=category.RESERVED_SLUG),
        name=_line("name", line.name, CATEGORY_NAME_LIMIT, is_required=True),
        parent=line.parent,
        description=None if line.description is UNSET else clean_text(line.description),
        is_active=_told(line.is_active),
        sort_order=_told(line.sort_order),
    )


def _product(line: ProductLine, rules: Rules) -> ProductDraft:
    price = _amount("price", line.price, rules)
    if (price == 0) != line.is_free:
        raise NotAcceptable("price", line.price, "is 0 exactly where is_free is true, and only there")
    return ProductDraft(
        slug=_slug(line.slug, SLUG_LIMIT, reserved=product.RESERVED_SLUG),
        sku=_line("sku", line.sku, SKU_LIMIT, is_required=True),
        name=_line("name", line.name, NAME_LIMIT, is_required=True),
        price=price,
        variants=_variants(line, rules),
        images=None if line.images is UNSET else [_image(image) for image in line.images],
        category_slug=_told(line.category),
        brand=None if line.brand is UNSET else _line("brand", line.brand, BRAND_LIMIT),
        description=None if line.description is UNSET else clean_html(line.description),
        compare_at_price=_compare_at_price(line, price, rules),
        keeps_compare_at_price=line.compare_at_price is UNSET,
        is_free=line.is_free,
        is_active=_told(line.is_active),
        is_featured=_told(line.is_featured),
        created_at=None if line.created_at is UNSET else _moment("created_at", line.created_at),
    )


def _compare_at_price(line: ProductLine, price: Decimal, rules: Rules) -> Decimal | None:
    if line.compare_at_price is UNSET or line.compare_at_price is None:
        return None
    before = _amount("compare_at_price", line.compare_at_price, rules)
    if before <= price:
        raise NotAcceptable("compare_at_price", line.compare_at_price, "is not above the price")
    return before


def _variants(line: ProductLine, rules: Rules) -> list[VariantDraft]:
    variants = [_variant(part, index, rules) for index, part in enumerate(line.variants)]
    taken: set[str] = set()
    for index, variant in enumerate(variants):
        if variant.sku in taken:
            raise NotAcceptable(f"variants[{index}].sku", variant.sku, "stands twice in this product")
        taken.add(variant.sku)
    return variants


def _variant(part: VariantPart, index: int, rules: Rules) -> VariantDraft:
    place = f"variants[{index}]"
    price = None
    if part.price is not None:
        price = _amount(f"{place}.price", part.price, rules)
        if price == 0:
            raise NotAcceptable(f"{place}.price", part.price, "is 0; leave it out for the product's price")
    stock = StockPart() if part.stock is UNSET else part.stock
    if stock.on_hand is not UNSET and stock.on_hand < 0 and stock.is_tracked is not False:
        raise NotAcceptable(
            f"{place}.stock.on_hand", str(stock.on_hand), "is below 0, and it is not untracked"
        )
    return VariantDraft(
        sku=_line(f"{place}.sku", part.sku, SKU_LIMIT, is_required=True),
        price=price,
        attributes=None if part.attributes is UNSET else _attributes(part.attributes, f"{place}.attributes"),
        position=index if part.position is UNSET else part.position,
        is_active=_told(part.is_active),
        stock=StockDraft(_told(stock.on_hand), _told(stock.low_stock_threshold), _told(stock.is_tracked)),
    )


def _attributes(told: dict[str, str], column: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for told_name, value in told.items():
        name = _line(column, told_name, ATTRIBUTE_LIMIT)
        if not name:
            raise NotAcceptable(column, value, "has no name")
        if name in attributes:
            raise NotAcceptable(column, name, "stands twice in this variant")
        attributes[name] = _line(column, value, ATTRIBUTE_LIMIT)
    return attributes


def _image(part: ImagePart) -> ImageDraft:
    if bool(part.url) == bool(part.file):
        raise NotAcceptable("images", part.url, "has both a url and a file, or neither")
    alt = _line("images.alt", part.alt, ALT_LIMIT)
    if part.file:
        file = _line("images.file", part.file, 255)
        if "\\" in file or not {"", ".", ".."}.isdisjoint(file.split("/")):
            raise NotAcceptable("images", part.file, "is not the name of a file below the shop's media")
        return ImageDraft(url="", file=file, alt=alt)
    return ImageDraft(url=_checked("images.url", clean_line(part.url), web_address_from), file="", alt=alt)


def _moment(column: str, told: datetime) -> datetime:
    """Bring it to UTC; years outside of these are mistakes, and near the ends no other zone can show them."""
    try:
        moment = told.astimezone(UTC)
    except OverflowError:
        moment = None
    if moment is None or not _EARLIEST_YEAR <= moment.year < _LATEST_YEAR:
        reason = f"is not between the years {_EARLIEST_YEAR} and {_LATEST_YEAR}"
        raise NotAcceptable(column, told.isoformat(), reason)
    return moment


def _told(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value


def _line(column: str, text: str, limit: int, *, is_required: bool = False) -> str:
    line = clean_line(text)
    if is_required and not line:
        raise NotAcceptable(column, text, "is empty")
    return _checked(column, line, lambda value: within(value, limit))


def _slug(text: str, limit: int, *, reserved: str) -> str:
    if text == reserved:
        raise NotAcceptable("slug", text, "is an address of the shop's own; choose another")
    if not is_slug(text):
        raise NotAcceptable("slug", text, "has more in it than the letters a to z, digits, - and _")
    return _checked("slug", text, lambda value: within(value, limit))


def _amount(column: str, text: str, rules: Rules) -> Decimal:
    return _checked(column, text, lambda value: amount_from(value, rules.currency))


def _checked(column: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise NotAcceptable(column, text, str(error)) from error
