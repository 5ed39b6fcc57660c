"""Where facts stand in the database."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model

from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.cli.prove.world import PLACES, Fact, id_of, stored, stored_rolled_back
from torg.inventory.models import Stock


@dataclass(frozen=True, slots=True)
class Place:
    """The column of a table where a kind of fact stands."""

    model: type[Model]
    column: str
    row: str
    key: str = "id"
    cast: str = ""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table  # noqa: SLF001  (documented)


PLACES_OF_KINDS = {
    "name": Place(Product, "name", "product"),
    "price": Place(Product, "price", "product", cast="::numeric"),
    "featured": Place(Product, "is_featured", "product", cast="::boolean"),
    "place": Place(Product, "category_id", "product", cast="::uuid"),
    "attribute": Place(Variant, "attributes", "variant", cast="::jsonb"),
    "variant_price": Place(Variant, "price", "variant", cast="::numeric"),
    "availability": Place(Stock, "on_hand", "variant", key="variant_id", cast="::integer"),
    "alt": Place(ProductImage, "alt", "image"),
    "category_name": Place(Category, "name", "category"),
    "category_place": Place(Category, "parent_id", "category", cast="::uuid"),
}


@dataclass(frozen=True, slots=True)
class Write:
    """One version of a fact that is to be written."""

    fact: Fact
    version: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return PLACES_OF_KINDS[self.fact.kind]

    @property
    def row_id(self) -> UUID:
        """Which row it stands in."""
        return id_of(self.place.row, self.fact.slug)

    @property
    def value(self) -> Any:
        """The value, for the ORM."""
        return stored(self.fact, self.version)

    @property
    def rolled_back_value(self) -> Any:
        """A value that must never be seen; None if there is none of this kind."""
        return stored_rolled_back(self.fact)

    def update(self, value: Any) -> tuple[str, list[Any]]:
        """Return the SQL statement that writes ``value`` here, with its parameters."""
        place = self.place
        statement = f"UPDATE {place.table} SET {place.column} = %s{place.cast} WHERE {place.key} = %s"  # noqa: S608
        return statement, [sql_value(value), self.row_id]

    def current(self) -> tuple[str, list[Any]]:
        """Return the query for what stands here."""
        place = self.place
        return f"SELECT {place.column} FROM {place.table} WHERE {place.key} = %s", [self.row_id]  # noqa: S608


def sql_value(value: Any) -> Any:
    """Return a value for a statement of our own."""
    return json.dumps(value) if isinstance(value, dict) else value


def comet_rows(fact: Fact, version: int) -> list[Model]:
    """Make the rows of a product that is there, in the order in which they are inserted."""
    slug = fact.slug
    product = Product(
        id=id_of("product", slug),
        slug=slug,
        sku=slug,
        name=stored(fact, version),
        price=10,
        category_id=id_of("category", PLACES[1]),
    )
    variant = Variant(id=id_of("variant", slug), product_id=product.pk, sku=f"{slug}-1")
    image = ProductImage(id=id_of("image", slug), product_id=product.pk, url="https://shop.example/comet")
    return [product, variant, Stock(variant_id=variant.pk, on_hand=50), image]
