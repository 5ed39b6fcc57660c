"""The temporary tables a batch is copied into, and the statements that bring the shop to what they say.

They live for one transaction. Rows that say what the shop has already are taken out first, so what remains is
exactly what changes.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

_TABLES: dict[str, dict[str, str]] = {
    "staged_product": {
        "id": "uuid", "is_new": "boolean", "category_id": "uuid", "slug": "text", "sku": "text",
        "name": "text", "brand": "text", "description": "text", "price": "numeric",
        "compare_at_price": "numeric", "keeps_compare_at_price": "boolean", "is_free": "boolean",
        "is_active": "boolean", "is_featured": "boolean", "created_at": "timestamptz",
    },
    "staged_variant": {
        "id": "uuid", "is_new": "boolean", "product_id": "uuid", "sku": "text", "price": "numeric",
        "attributes": "jsonb", "position": "int2", "is_active": "boolean",
    },
    "staged_stock": {
        "variant_id": "uuid", "is_new": "boolean", "product_id": "uuid", "on_hand": "int4",
        "low_stock_threshold": "int4", "is_tracked": "boolean",
    },
    "staged_pictures": {
        "product_id": "uuid", "is_new": "boolean", "replaces_files": "boolean", "ids": "uuid[]",
        "urls": "text[]", "files": "text[]", "alts": "text[]",
    },
}  # fmt: skip


@dataclass(slots=True)
class StagedRows:
    """The rows of one batch for each temporary table, in the order of its columns."""

    products: list[tuple[Any, ...]] = field(default_factory=list)
    variants: list[tuple[Any, ...]] = field(default_factory=list)
    stock: list[tuple[Any, ...]] = field(default_factory=list)
    pictures: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(slots=True)
class StagedCounts:
    """What is left to do once the rows that change nothing are gone; products by id."""

    changed_product_ids: set[UUID]
    variants_created: int
    variants_updated: int
    images: int


def stage(cursor: CursorWrapper, rows: StagedRows) -> None:
    """Make the temporary tables and copy the rows into them."""
    for (table, columns), staged in zip(
        _TABLES.items(), (rows.products, rows.variants, rows.stock, rows.pictures), strict=True
    ):
        definition = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({definition}) ON COMMIT DROP")
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in staged:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {table}")


def unstage(cursor: CursorWrapper) -> None:
    """Drop the temporary tables, for a caller whose transaction goes on."""
    cursor.execute(f"DROP TABLE {', '.join(_TABLES)}")


def keep_only_changes(cursor: CursorWrapper) -> None:
    """Fill in what the file does not tell, and take out what is so already."""
    for statement in (_FILL_PRODUCTS, _FILL_VARIANTS, _FILL_STOCK):
        cursor.execute(statement)
    for statement in (_SAME_PRODUCTS, _SAME_VARIANTS, _SAME_STOCK, _SAME_PICTURES):
        cursor.execute(statement)


def count_changes(cursor: CursorWrapper) -> StagedCounts:
    """Say what is left."""
    cursor.execute(_CHANGED_IDS)
    changed = {row[0] for row in cursor.fetchall()}
    cursor.execute(_COUNTS)
    created, updated, images = cursor.fetchone()
    return StagedCounts(changed, created, updated, images)


def write_changes(cursor: CursorWrapper) -> bool:
    """Bring the shop to what is staged; ``False`` if stock that was allocated meanwhile is in the way."""
    for statement in (_UPDATE_PRODUCTS, _INSERT_PRODUCTS, _UPDATE_VARIANTS, _INSERT_VARIANTS, _LOCK_STOCK):
        cursor.execute(statement)
    cursor.execute(_UPDATE_STOCK)
    updated = cursor.rowcount
    cursor.execute("SELECT count(*) FROM staged_stock WHERE NOT is_new")
    if cursor.fetchone()[0] != updated:
        return False
    for statement in (_INSERT_STOCK, _DELETE_IMAGES, _INSERT_IMAGES):
        cursor.execute(statement)
    return True


_FILL_PRODUCTS = """
    UPDATE staged_product staged
    SET category_id = COALESCE(staged.category_id, product.category_id),
        brand = COALESCE(staged.brand, product.brand),
        description = COALESCE(staged.description, product.description),
        compare_at_price = CASE
            WHEN NOT staged.keeps_compare_at_price THEN staged.compare_at_price
            WHEN product.compare_at_price > staged.price THEN product.compare_at_price
        END,
        is_active = COALESCE(staged.is_active, product.is_active),
        is_featured = COALESCE(staged.is_featured, product.is_featured),
        created_at = COALESCE(staged.created_at, product.created_at)
    FROM catalogue_product product
    WHERE product.id = staged.id AND NOT staged.is_new
"""
_FILL_VARIANTS = """
    UPDATE staged_variant staged
    SET attributes = COALESCE(staged.attributes, variant.attributes),
        is_active = COALESCE(staged.is_active, variant.is_active)
    FROM catalogue_variant variant
    WHERE variant.id = staged.id AND NOT staged.is_new
"""
_FILL_STOCK = """
    UPDATE staged_stock staged
    SET on_hand = COALESCE(staged.on_hand, stock.on_hand),
        low_stock_threshold = COALESCE(staged.low_stock_threshold, stock.low_stock_threshold),
        is_tracked = COALESCE(staged.is_tracked, stock.is_tracked)
    FROM inventory_stock stock
    WHERE stock.variant_id = staged.variant_id AND NOT staged.is_new
"""

_PRODUCT = (
    "category_id", "sku", "name", "brand", "description", "price", "compare_at_price", "is_free", "is_active",
    "is_featured", "created_at",
)  # fmt: skip
_VARIANT = ("price", "attributes", "position", "is_active")
_STOCK = ("on_hand", "low_stock_threshold", "is_tracked")


def _of(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


def _same(staged: str, table: str, key: str, columns: tuple[str, ...]) -> str:
    return f"""
        DELETE FROM {staged} staged USING {table} kept
        WHERE kept.{key} = staged.{key} AND NOT staged.is_new
          AND ({_of("kept", columns)}) IS NOT DISTINCT FROM ({_of("staged", columns)})
    """  # noqa: S608  (names that stand above)


def _update(staged: str, table: str, key: str, columns: tuple[str, ...]) -> str:
    return f"""
        UPDATE {table} kept SET ({", ".join(columns)}) = ROW({_of("staged", columns)})
        FROM {staged} staged
        WHERE kept.{key} = staged.{key} AND NOT staged.is_new
    """  # noqa: S608  (names that stand above)


_SAME_PRODUCTS = _same("staged_product", "catalogue_product", "id", _PRODUCT)
_SAME_VARIANTS = _same("staged_variant", "catalogue_variant", "id", _VARIANT)
_SAME_STOCK = _same("staged_stock", "inventory_stock", "variant_id", _STOCK)
_SAME_PICTURES = """
    DELETE FROM staged_pictures staged
    WHERE NOT is_new AND (urls, files, alts) = (
        SELECT COALESCE(array_agg(image.url::text ORDER BY image.position, image.id), '{}'),
               COALESCE(array_agg(image.file::text ORDER BY image.position, image.id), '{}'),
               COALESCE(array_agg(image.alt::text ORDER BY image.position, image.id), '{}')
        FROM catalogue_productimage image
        WHERE image.product_id = staged.product_id AND (staged.replaces_files OR image.file = '')
    )
"""

_CHANGED_IDS = """
    SELECT id FROM staged_product
    UNION SELECT product_id FROM staged_variant
    UNION SELECT product_id FROM staged_stock
    UNION SELECT product_id FROM staged_pictures
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM staged_variant WHERE is_new),
           (SELECT count(*) FROM staged_variant WHERE NOT is_new),
           (SELECT COALESCE(sum(cardinality(ids)), 0) FROM staged_pictures)
"""

_UPDATE_PRODUCTS = _update("staged_product", "catalogue_product", "id", _PRODUCT)
_INSERT_PRODUCTS = f"""
    INSERT INTO catalogue_product
        (id, slug, rating_average, rating_count, updated_at, {", ".join(_PRODUCT[:-1])}, created_at)
    SELECT id, slug, 0, 0, now(), {", ".join(_PRODUCT[:-1])}, COALESCE(created_at, now())
    FROM staged_product WHERE is_new ORDER BY id
"""  # noqa: S608  (names that stand above)
_UPDATE_VARIANTS = _update("staged_variant", "catalogue_variant", "id", _VARIANT)
_INSERT_VARIANTS = f"""
    INSERT INTO catalogue_variant (id, product_id, sku, {", ".join(_VARIANT)})
    SELECT id, product_id, sku, {", ".join(_VARIANT)} FROM staged_variant WHERE is_new ORDER BY id
"""  # noqa: S608  (names that stand above)

# Orders lock stock in the order of its key too, so the two wait for each other and never deadlock.
_LOCK_STOCK = """
    SELECT FROM inventory_stock stock JOIN staged_stock staged USING (variant_id)
    WHERE NOT staged.is_new ORDER BY stock.variant_id FOR NO KEY UPDATE OF stock
"""
_UPDATE_STOCK = (
    _update("staged_stock", "inventory_stock", "variant_id", _STOCK)
    + " AND (NOT staged.is_tracked OR kept.allocated <= staged.on_hand)"
)
_INSERT_STOCK = """
    INSERT INTO inventory_stock (variant_id, on_hand, allocated, low_stock_threshold, is_tracked)
    SELECT variant_id, COALESCE(on_hand, 0), 0, COALESCE(low_stock_threshold, 5), COALESCE(is_tracked, true)
    FROM staged_stock WHERE is_new ORDER BY variant_id
"""
_DELETE_IMAGES = """
    DELETE FROM catalogue_productimage image USING staged_pictures staged
    WHERE image.product_id = staged.product_id AND NOT staged.is_new
      AND (staged.replaces_files OR image.file = '')
"""
_INSERT_IMAGES = """
    INSERT INTO catalogue_productimage (id, product_id, url, file, alt, position)
    SELECT picture.id, staged.product_id, picture.url, picture.file, picture.alt, picture.position - 1
    FROM staged_pictures staged,
         unnest(staged.ids, staged.urls, staged.files, staged.alts)
             WITH ORDINALITY AS picture (id, url, file, alt, position)
"""


def attributes_json(attributes: dict[str, str] | None) -> str | None:
    """Write attributes as COPY wants them."""
    return None if attributes is None else json.dumps(attributes, ensure_ascii=False)
