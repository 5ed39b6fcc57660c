"""Who waits for whom, so that nobody announces a change for a place where the thing no longer is when it is committed.

Products are announced for all categories above them, and so are their parts. A reader may build a page between the
commit of a move and that of a price which was announced for the old place: it would keep the old price for good. So

- who writes products or parts of them has the categories stay, and who moves a category waits until they are done;
- a product that goes elsewhere waits for who writes parts that it has, and they wait for it;
- who adds a part has its product stay in its category, and a product that goes elsewhere waits for that too.
"""

from collections.abc import Sequence

import pgtrigger

from torg.caching.triggers import FirmTrigger

_TREE = "hashtext('catalogue_category.moves')"
STAYS = f"pg_advisory_xact_lock_shared({_TREE})"
"""The call that has all categories stay where they are until the transaction ends."""


def product_stays(product_ids: str) -> str:
    """Return the query that has the products with ``product_ids``, a query, stay in their category, featured or not."""
    return f"SELECT FROM catalogue_product WHERE id IN ({product_ids}) ORDER BY id FOR KEY SHARE"


def awaits(name: str, place: Sequence[str], *locks: str) -> pgtrigger.Trigger:
    """Have each row whose ``place``, columns, changes wait for ``locks``, queries that may speak of ``NEW``.

    Parts are waited for before what they are parts of, in key order, as those who write them lock them. Of several
    triggers the one whose name comes first fires first. A row that stays costs nothing but the condition, and not even
    that where the statement does not set these columns; no trigger before it may set them then.
    """
    return FirmTrigger(
        name=name,
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*place),
        condition=pgtrigger.Condition(" OR ".join(f"OLD.{column} <> NEW.{column}" for column in place)),
        func="".join(f"PERFORM {lock}; " for lock in locks) + "RETURN NULL;",
    )


PRODUCT_PLACE = ("category_id", "is_featured")
VARIANT_PLACE = ("product_id",)


def _before(name: str, operation: pgtrigger.Operation, *calls: str) -> pgtrigger.Trigger:
    # Before any row is locked, or two could wait for each other.
    return FirmTrigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        func="".join(f"PERFORM {call}; " for call in calls) + "RETURN NULL;",
    )


CATEGORY_PLACES = [
    # Alone also because two moves, each harmless, could together close a cycle. This one fires before the next, so
    # nobody holds the lesser lock while waiting for the greater.
    _before(
        "be_alone", pgtrigger.UpdateOf("id", "parent_id", "is_active"), f"pg_advisory_xact_lock({_TREE})"
    ),
    _before(
        "stay",
        pgtrigger.Delete | pgtrigger.UpdateOf("name", "slug", "description", "sort_order"),
        STAYS,
    ),
    # Two who insert several categories could wait for each other's names.
    _before(
        "take_turns", pgtrigger.Insert, STAYS, "pg_advisory_xact_lock(hashtext('catalogue_category.tree'))"
    ),
]

_STAY = _before("stay", pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete, STAYS)

PRODUCT_PLACES = [
    _STAY,
    awaits(
        "await_parts",
        PRODUCT_PLACE,
        "FROM catalogue_variant WHERE product_id = NEW.id ORDER BY id FOR NO KEY UPDATE",
        "FROM catalogue_productimage WHERE product_id = NEW.id ORDER BY id FOR NO KEY UPDATE",
    ),
    awaits("go_elsewhere", PRODUCT_PLACE, "FROM catalogue_product WHERE id = NEW.id FOR UPDATE"),
]
VARIANT_PLACES = [
    _STAY,
    awaits("go_elsewhere", VARIANT_PLACE, "FROM catalogue_variant WHERE id = NEW.id FOR UPDATE"),
]
IMAGE_PLACES = [_STAY]
