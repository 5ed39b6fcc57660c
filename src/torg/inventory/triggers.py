"""What stock announces, and who waits for whom because of it (``torg.catalogue.places`` says why)."""

from torg.caching.triggers import announce
from torg.catalogue.announcements import product_tags
from torg.catalogue.places import PRODUCT_PLACE, STAYS, VARIANT_PLACE, awaits, product_stays

# Shoppers see the availability, not the units: selling one of many announces nothing.
STOCK_TRIGGERS = announce(
    key="variant_id",
    columns=["variant_id", "availability"],
    first=STAYS,
    parent="variant_id",
    locks=[
        "SELECT FROM catalogue_variant WHERE id IN (SELECT variant_id FROM arrived) ORDER BY id FOR KEY SHARE",
        product_stays(
            "SELECT product_id FROM catalogue_variant WHERE id IN (SELECT variant_id FROM arrived)"
        ),
    ],
    tags=product_tags("""
        SELECT * FROM catalogue_product WHERE id IN (
            SELECT product_id FROM catalogue_variant WHERE id IN (SELECT variant_id FROM changed)
        )
    """),
)
STOCKED_PRODUCT_TRIGGERS = [
    awaits(
        "await_stock",
        PRODUCT_PLACE,
        """
        FROM inventory_stock WHERE variant_id IN (SELECT id FROM catalogue_variant WHERE product_id = NEW.id)
        ORDER BY variant_id FOR NO KEY UPDATE
        """,
    ),
]
STOCKED_VARIANT_TRIGGERS = [
    awaits("await_stock", VARIANT_PLACE, "FROM inventory_stock WHERE variant_id = NEW.id FOR NO KEY UPDATE"),
]
