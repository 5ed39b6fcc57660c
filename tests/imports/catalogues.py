"""Catalogues for tests, written down as their readers see them; and what a shop holds, to be compared."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from django.db import connection

HEADER = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Published", "Option1 Name",
    "Option1 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty",
    "Variant Inventory Policy", "Variant Price", "Variant Compare At Price", "Image Src", "Image Position",
    "Image Alt Text", "Status",
]  # fmt: skip

GOOD = {
    "Published": "true",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "7",
    "Variant Inventory Policy": "deny",
    "Variant Price": "12.50",
    "Status": "active",
}


def product(handle: str, **columns: str) -> dict[str, str]:
    """A row that makes a good product; ``columns`` are named with _ for each blank."""
    named = {name.replace("_", " "): value for name, value in columns.items()}
    return {"Handle": handle, "Title": handle.capitalize(), "Variant SKU": f"S-{handle}"} | GOOD | named


def line(row: dict[str, str], header: list[str] = HEADER) -> str:
    """The row as a line of CSV."""
    stream = io.StringIO()
    csv.DictWriter(stream, header, restval="", lineterminator="\n").writerow(row)
    return stream.getvalue()


def shopify(path: Path, *rows: dict[str, str] | str | bytes) -> Path:
    """Write a Shopify CSV of rows and of raw lines."""
    content = (",".join(HEADER) + "\n").encode()
    for row in rows:
        text = line(row) if isinstance(row, dict) else row
        content += text if isinstance(text, bytes) else text.encode()
    path.write_bytes(content)
    return path


def jsonl(path: Path, *lines: dict[str, Any] | str) -> Path:
    """Write Torg's JSONL of objects and of raw lines."""
    path.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines))
    return path


def rejected(path: Path) -> list[dict[str, str]]:
    """Read a file of refused rows; a row with too few or too many fields is cut from behind."""
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as stream:
        header, *rows = list(csv.reader(stream))
    return [dict(zip(reversed(header), reversed(row), strict=False)) for row in rows]


def reasons(path: Path) -> list[tuple[str, str, str, str]]:
    """What the file of refused rows says: line, column, value, reason."""
    names = ("rejected_line", "rejected_column", "rejected_value", "rejected_reason")
    return [(row[names[0]], row[names[1]], row[names[2]], row[names[3]]) for row in rejected(path)]


def contents(*, with_ids: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the catalogue and the stock, with ``updated_at`` and the row versions."""
    found = {}
    with connection.cursor() as cursor:
        for table, key in _KEYS.items():
            columns = "xmin::text, ctid::text, *" if with_ids else _TOLD[table]
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {key}")
            found[table] = cursor.fetchall()
    return found


_KEYS = {
    "catalogue_category": "slug",
    "catalogue_product": "slug",
    "catalogue_variant": "sku",
    "catalogue_productimage": "url, file, alt, position",
    "inventory_stock": "(SELECT sku FROM catalogue_variant WHERE id = variant_id)",
}
_TOLD = {
    "catalogue_category": "slug, name, description, is_active, sort_order, is_visible, own_product_count,"
    " cardinality(path)",
    "catalogue_product": "slug, sku, name, brand, description, price, compare_at_price, is_free, is_active,"
    " is_featured",
    "catalogue_variant": "sku, price, attributes::text, position, is_active",
    "catalogue_productimage": "url, file, alt, position",
    "inventory_stock": "on_hand, allocated, low_stock_threshold, is_tracked",
}
