"""Rows into tables, through COPY."""

from collections.abc import Iterable

from django.db import connection
from psycopg import sql

from torg.imports.demo.products import Row, Rows

TABLES = {
    "catalogue_product": (
        "id", "category_id", "name", "slug", "sku", "brand", "description", "price", "compare_at_price",
        "is_free", "is_active", "is_featured", "rating_average", "rating_count", "created_at", "updated_at",
    ),
    "catalogue_variant": ("id", "product_id", "sku", "price", "attributes", "position", "is_active"),
    "inventory_stock": ("variant_id", "on_hand", "allocated", "low_stock_threshold", "is_tracked"),
    "catalogue_productimage": ("id", "product_id", "file", "url", "alt", "position"),
}  # fmt: skip


def copy_rows(rows: Rows) -> None:
    """Copy the rows into the tables, in the transaction that is open."""
    for (table, columns), lines in zip(
        TABLES.items(), (rows.products, rows.variants, rows.stock, rows.images), strict=True
    ):
        _copy(table, columns, lines)


def refresh_statistics() -> None:
    """Let the planner know what was copied, so that the first queries are planned well."""
    with connection.cursor() as cursor:
        for table in ("catalogue_category", *TABLES):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _copy(table: str, columns: Iterable[str], lines: Iterable[Row]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in lines:
            copy.write_row(line)
