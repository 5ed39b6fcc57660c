"""What the machine writes into which column of every table that announces changes; few values, so that they meet."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model
from hypothesis import strategies as st

from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.inventory.models import Stock

CATEGORY_SLUGS = ["all", "cups", "mugs", "spoons", "pots"]
PRODUCT_SLUGS = ["red", "green", "blue", "white", "black"]
BRANDS = ["", "Alder", "Finch"]
SIZES = ["S", "L"]


@dataclass(frozen=True)
class Row:
    """A row of a table, whatever its key: the one of this number among those there are."""

    model: str
    number: int

    def __repr__(self) -> str:
        return f"{self.model}[{self.number}]"


def row_of(model: str) -> st.SearchStrategy[Row]:
    return st.builds(Row, st.just(model), st.integers(0, 4))


AMOUNTS = st.sampled_from([Decimal(10), Decimal("19.99"), Decimal(25)])
DAYS = st.sampled_from([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)])
POSITIONS = st.integers(0, 2)
BOOLEANS = st.booleans()


def _together(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(columns)


# Each of a table's changes writes one of these.
CHANGES: dict[str, list[st.SearchStrategy[dict[str, Any]]]] = {
    "Category": [
        _together(name=st.sampled_from(["Cups", "Mugs", "Pots & Pans"])),
        _together(slug=st.sampled_from(CATEGORY_SLUGS)),
        _together(description=st.sampled_from(["", "To drink from", "To cook in"])),
        _together(is_active=BOOLEANS),
        _together(sort_order=POSITIONS),
        _together(parent=st.none() | row_of("Category")),
    ],
    "Product": [
        _together(category=row_of("Category")),
        _together(name=st.sampled_from(["Cup", "Mug", "cup"])),
        _together(slug=st.sampled_from(PRODUCT_SLUGS)),
        _together(sku=st.sampled_from(["A-1", "A-2"])),
        _together(brand=st.sampled_from(BRANDS)),
        _together(description=st.sampled_from(["", "<p>Fine</p>"])),
        _together(price=AMOUNTS),
        _together(compare_at_price=st.sampled_from([None, Decimal(30), Decimal(40)])),
        st.sampled_from([{"price": Decimal(0), "is_free": True}, {"price": Decimal(10), "is_free": False}]),
        _together(is_active=BOOLEANS),
        _together(is_featured=BOOLEANS),
        _together(
            rating_average=st.sampled_from([Decimal(1), Decimal("4.5")]), rating_count=st.integers(1, 3)
        ),
        _together(created_at=DAYS),
        _together(updated_at=DAYS),
    ],
    "Variant": [
        _together(product=row_of("Product")),
        _together(sku=st.sampled_from(["V-1", "V-2"])),
        _together(price=st.none() | AMOUNTS),
        _together(
            attributes=st.dictionaries(st.sampled_from(["size", "hue"]), st.sampled_from(SIZES), max_size=2)
        ),
        _together(position=POSITIONS),
        _together(is_active=BOOLEANS),
    ],
    "ProductImage": [
        _together(product=row_of("Product")),
        st.sampled_from(
            [{"file": "a.jpg", "url": ""}, {"file": "", "url": "https://pictures.example/b.jpg"}]
        ),
        _together(alt=st.sampled_from(["", "A cup"])),
        _together(position=POSITIONS),
    ],
    "Stock": [
        _together(on_hand=st.sampled_from([0, 5, 6, 499, 500])),
        _together(allocated=st.sampled_from([0, 1, 5, 499])),
        _together(low_stock_threshold=st.sampled_from([0, 5, 500])),
        _together(is_tracked=BOOLEANS),
    ],
}
# What a new row is made of, beside the columns that have defaults.
NEW: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "Category": _together(
        parent=st.none() | row_of("Category"),
        name=st.sampled_from(["Cups", "Mugs", "Spoons"]),
        slug=st.sampled_from(CATEGORY_SLUGS),
        is_active=BOOLEANS,
    ),
    "Product": _together(
        category=row_of("Category"),
        name=st.sampled_from(["Cup", "Mug", "Pot"]),
        slug=st.sampled_from(PRODUCT_SLUGS),
        sku=st.sampled_from(["A-1", "A-2", "A-3"]),
        brand=st.sampled_from(BRANDS),
        price=AMOUNTS,
        created_at=DAYS,
        is_featured=BOOLEANS,
    ),
    "Variant": _together(
        product=row_of("Product"),
        sku=st.sampled_from(["V-1", "V-2", "V-3"]),
        attributes=st.just({"size": "L"}),
        position=POSITIONS,
    ),
    "ProductImage": _together(
        product=row_of("Product"), url=st.just("https://pictures.example/c.jpg"), position=POSITIONS
    ),
    "Stock": _together(variant=row_of("Variant"), on_hand=st.sampled_from([0, 5, 500])),
}
MODELS: dict[str, type[Model]] = {
    model.__name__: model for model in (Category, Product, Variant, ProductImage, Stock)
}
