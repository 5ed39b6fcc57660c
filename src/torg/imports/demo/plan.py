"""What follows from the size, the seed and the time alone: how many categories, which ids, made when."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

HISTORY = timedelta(days=730)
LEAST_CATEGORIES, MOST_CATEGORIES = 60, 500
# 60 categories at 2,000 products, 500 at 50,000.
_GROWTH = 0.6587
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A demo shop of ``products`` products, made from ``opening`` on for two years.

    Ids are UUIDv7: their first 48 bits are the time, and the rest comes from the seed and the size, so a shop
    whose filling was interrupted can be recognised by its ids and continued.
    """

    products: int
    seed: int
    opening: datetime

    @classmethod
    def ending_at(cls, now: datetime, *, products: int, seed: int) -> "Plan":
        """Plan a shop whose newest product is made just before ``now``."""
        opening = now - HISTORY
        whole = (opening - _EPOCH) // _MILLISECOND * _MILLISECOND
        return cls(products=products, seed=seed, opening=_EPOCH + whole)

    @classmethod
    def with_category_id(cls, category_id: UUID, *, products: int, seed: int) -> "Plan":
        """Plan the shop that has a category of this id, if any has."""
        return cls(products=products, seed=seed, opening=_EPOCH + _MILLISECOND * (category_id.int >> 80))

    @property
    def categories(self) -> int:
        """How many categories the shop has."""
        wanted: int = round(LEAST_CATEGORIES * (self.products / 2000) ** _GROWTH)
        return max(LEAST_CATEGORIES, min(MOST_CATEGORIES, wanted))

    def category_id(self, slug: str) -> UUID:
        """Return the id of the category with this slug."""
        return uuid7_at(self.opening, self._bits(slug))

    def product(self, number: int) -> tuple[UUID, datetime]:
        """Return the id of a product, counted from 0, and when it was made; both grow with the number."""
        bits = self._bits(str(number))
        share = (number + (bits >> 96) / 2**32) / self.products
        created_at = self.opening + HISTORY * share
        return uuid7_at(created_at, bits), created_at

    def _bits(self, name: str) -> int:
        text = f"{self.seed}:{self.products}:{name}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def uuid7_at(time: datetime, bits: int) -> UUID:
    """Make a UUIDv7 of ``time`` and the lowest 74 of ``bits``."""
    milliseconds = (time - _EPOCH) // _MILLISECOND
    high, low = (bits >> 62) & 0xFFF, bits & (2**62 - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
