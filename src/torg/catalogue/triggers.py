"""What the database itself keeps right in the catalogue, for ``save()``, bulk writes, raw SQL and ``psql`` alike."""

import pgtrigger

from torg.catalogue.announcements import (
    CATEGORY_ANNOUNCEMENTS,
    PRODUCT_ANNOUNCEMENTS,
    PRODUCT_PART_ANNOUNCEMENTS,
)
from torg.catalogue.places import CATEGORY_PLACES, IMAGE_PLACES, PRODUCT_PLACES, VARIANT_PLACES

# The rows whose place or activity changed, for each kind of statement.
_INSERTED = "SELECT id FROM new_values"
_MOVED_OR_SWITCHED = """
    SELECT new_values.id FROM new_values LEFT JOIN old_values USING (id)
    WHERE (new_values.parent_id, new_values.is_active) IS DISTINCT FROM (old_values.parent_id, old_values.is_active)
"""


def _place_in_tree(changed: str) -> str:
    return f"""
        IF NOT EXISTS ({changed}) THEN RETURN NULL; END IF;

        IF EXISTS (
            WITH RECURSIVE upward (start, id) AS (
                SELECT id, parent_id FROM catalogue_category WHERE id IN ({changed}) AND parent_id IS NOT NULL
                UNION
                SELECT upward.start, category.parent_id
                FROM upward JOIN catalogue_category category ON category.id = upward.id
                WHERE category.parent_id IS NOT NULL
            )
            SELECT FROM upward WHERE id = start
        ) THEN
            RAISE EXCEPTION 'a category cannot stand below itself'
                USING ERRCODE = 'check_violation', TABLE = 'catalogue_category',
                      CONSTRAINT = 'category_not_below_itself';
        END IF;

        -- In key order, as those who count products do.
        PERFORM FROM catalogue_category WHERE path && ARRAY(SELECT id FROM ({changed}) AS changed)
        ORDER BY id FOR NO KEY UPDATE;

        WITH RECURSIVE upward (start, next_id, path, is_visible) AS (
            SELECT id, parent_id, ARRAY[id], is_active FROM catalogue_category WHERE id IN ({changed})
            UNION ALL
            SELECT upward.start, category.parent_id, category.id || upward.path,
                   upward.is_visible AND category.is_active
            FROM upward JOIN catalogue_category category ON category.id = upward.next_id
        ), downward (id, path, is_visible) AS (
            SELECT start, path, is_visible FROM upward WHERE next_id IS NULL
            UNION ALL
            SELECT category.id, downward.path || category.id, downward.is_visible AND category.is_active
            FROM downward JOIN catalogue_category category ON category.parent_id = downward.id
        )
        UPDATE catalogue_category category SET path = downward.path, is_visible = downward.is_visible
        FROM downward
        WHERE category.id = downward.id
          AND (category.path, category.is_visible) IS DISTINCT FROM (downward.path, downward.is_visible);
        RETURN NULL;
    """


def _count_products(changes: str) -> str:
    # Rows are locked in key order before any is changed, so that two statements over the same categories queue up
    # and cannot deadlock.
    return f"""
        PERFORM FROM catalogue_category WHERE id IN (
            SELECT category_id FROM ({changes}) AS change (category_id, difference)
            GROUP BY category_id HAVING sum(difference) <> 0
        ) ORDER BY id FOR NO KEY UPDATE;
        UPDATE catalogue_category category
        SET own_product_count = category.own_product_count + total.difference
        FROM (
            SELECT category_id, sum(difference) AS difference FROM ({changes}) AS change (category_id, difference)
            GROUP BY category_id HAVING sum(difference) <> 0
        ) AS total
        WHERE category.id = total.category_id;
        RETURN NULL;
    """


def _refuse_without_variant(product_id: str, message: str) -> str:
    return f"""
        IF EXISTS (SELECT FROM catalogue_product WHERE id = {product_id})
           AND NOT EXISTS (SELECT FROM catalogue_variant WHERE product_id = {product_id}) THEN
            RAISE EXCEPTION {message}
                USING ERRCODE = 'check_violation', TABLE = 'catalogue_product', CONSTRAINT = 'product_has_variant';
        END IF;
        RETURN NULL;
    """


_ADDED = "SELECT category_id, is_active::int FROM new_values"
_REMOVED = "SELECT category_id, -is_active::int FROM old_values"

CATEGORY_TRIGGERS = [
    # Whoever saves a category they read a while ago writes all its columns; what the database keeps stays as it is.
    # Our own triggers write these columns too, from inside another trigger.
    pgtrigger.Trigger(
        name="keep_own_columns",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
            IF TG_OP = 'INSERT' THEN
                NEW.path = '{}';
                NEW.is_visible = false;
                NEW.own_product_count = 0;
            ELSIF pg_trigger_depth() = 1 THEN
                NEW.path = OLD.path;
                NEW.is_visible = OLD.is_visible;
                NEW.own_product_count = OLD.own_product_count;
            END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="place_inserted",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_values"),
        func=_place_in_tree(_INSERTED),
    ),
    pgtrigger.Trigger(
        name="place_moved",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_values", new="new_values"),
        func=_place_in_tree(_MOVED_OR_SWITCHED),
    ),
    *CATEGORY_PLACES,
    *CATEGORY_ANNOUNCEMENTS,
]

PRODUCT_TRIGGERS = [
    pgtrigger.Trigger(
        name="count_inserted",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_values"),
        func=_count_products(_ADDED),
    ),
    pgtrigger.Trigger(
        name="count_updated",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_values", new="new_values"),
        func=_count_products(f"{_ADDED} UNION ALL {_REMOVED}"),
    ),
    pgtrigger.Trigger(
        name="count_deleted",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_values"),
        func=_count_products(_REMOVED),
    ),
    pgtrigger.Trigger(
        name="count_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Truncate,
        func="UPDATE catalogue_category SET own_product_count = 0 WHERE own_product_count <> 0; RETURN NULL;",
    ),
    pgtrigger.Trigger(
        name="stamp_updated",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.* IS DISTINCT FROM NEW.*"),
        func="NEW.updated_at = statement_timestamp(); RETURN NEW;",
    ),
    pgtrigger.Trigger(
        name="has_variant",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_refuse_without_variant("NEW.id", "'product % has no variant to sell', NEW.slug"),
    ),
    *PRODUCT_PLACES,
    *PRODUCT_ANNOUNCEMENTS,
]

# Of two who remove different variants of a product at once, the second looks later. They wait for each other when they
# commit, and not for a row of the product: whoever moves the product has that, and waits for its variants.
_LOOK_IN_TURN = "PERFORM pg_advisory_xact_lock(hashtext('catalogue_product.variants'));"

VARIANT_TRIGGERS = [
    pgtrigger.Trigger(
        name="stays_while_sold",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Truncate,
        func="""
            IF EXISTS (SELECT FROM catalogue_product) THEN
                RAISE EXCEPTION 'every product has a variant to sell; truncate the products too'
                    USING ERRCODE = 'check_violation', TABLE = 'catalogue_product',
                          CONSTRAINT = 'product_has_variant';
            END IF;
            RETURN NULL;
        """,
    ),
    pgtrigger.Trigger(
        name="leaves_variant",
        when=pgtrigger.After,
        operation=pgtrigger.Delete | pgtrigger.UpdateOf("product_id"),
        timing=pgtrigger.Deferred,
        func=_LOOK_IN_TURN
        + _refuse_without_variant("OLD.product_id", "'variant % is the last one of its product', OLD.sku"),
    ),
    *VARIANT_PLACES,
    *PRODUCT_PART_ANNOUNCEMENTS,
]

IMAGE_TRIGGERS = [*IMAGE_PLACES, *PRODUCT_PART_ANNOUNCEMENTS]
