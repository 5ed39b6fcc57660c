"""What a change in the catalogue makes old: the tags that its tables announce."""

from torg.caching.triggers import announce
from torg.catalogue.places import product_stays


def _of_each(kind: str) -> str:
    """Return the tags of this kind for all ids of ``path``."""
    # A subquery would cost more, and most changes are of one row.
    return f"string_to_array('{kind}' || array_to_string(NULLIF(path, '{{}}'), ' {kind}'), ' ')"


def product_tags(products: str) -> str:
    """Return the query for the tags of ``products``, a query for rows of their table.

    A transaction that sees the past may take products for where they no longer are: it announces all places.
    """
    return f"""
        SELECT unnest(
            ARRAY['product:' || product.id, 'products', CASE WHEN product.is_featured THEN 'products:featured' END]
            || {_of_each("products:category:")}
            || CASE WHEN current_setting('transaction_isolation') <> 'read committed' THEN 'products:*' END
        )
        FROM ({products}) AS product LEFT JOIN catalogue_category category ON category.id = product.category_id
    """


_SHOWN = ["id", "parent_id", "name", "slug", "description", "is_active", "sort_order", "path", "is_visible"]

CATEGORY_ANNOUNCEMENTS = [
    *announce(
        key="id",
        columns=_SHOWN,
        tags=f"""
            SELECT unnest(
                ARRAY['category:' || id, 'categories', 'products', 'products:featured']
                || {_of_each("products:category:")}
            )
            FROM changed
        """,
    ),
    *announce(
        name="announce_count",
        key="id",
        columns=["own_product_count"],
        only_updates=True,
        tags=f"SELECT unnest(ARRAY['product-counts'] || {_of_each('product-counts:')}) FROM changed",
    ),
]

PRODUCT_ANNOUNCEMENTS = announce(key="id", tags=product_tags("SELECT * FROM changed"))

PRODUCT_PART_ANNOUNCEMENTS = announce(
    key="id",
    parent="product_id",
    locks=[product_stays("SELECT product_id FROM arrived")],
    tags=product_tags("SELECT * FROM catalogue_product WHERE id IN (SELECT product_id FROM changed)"),
)
