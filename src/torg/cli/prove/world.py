"""The shop that is written and read: which facts it shows, and what each of their versions looks like.

A fact is something one writer changes, such as the name of a product. Its versions are numbered from 0, and from the
number follows the value. Some values show their number; others repeat, as a flag does.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

PRODUCTS = tuple(f"p{number:02}" for number in range(18))
COMETS = tuple(f"comet-{number}" for number in range(3))
"""Products that are deleted and made again."""
OUTSIDE = PRODUCTS[-2:]
"""Products that are written behind Torg's back."""
PARENTS: dict[str, tuple[str | None, ...]] = {
    "alpha": (None,),
    "beta": (None,),
    "alpha-one": ("alpha",),
    "alpha-two": ("alpha",),
    "beta-one": ("beta",),
    "alpha-one-deep": ("alpha-one",),
    "roving": ("alpha-one", "beta"),
    "roving-deep": ("roving",),
}
"""Each category with the parents it has in turn."""
CATEGORIES = tuple(PARENTS)
OUTSIDE_CATEGORY = "alpha-two"
PLACES = ("alpha-one-deep", "roving-deep", "beta-one", "alpha-two", "roving")
"""The categories that products stand in, in turn."""
STOCKS = (("in_stock", 50), ("low_stock", 3), ("out_of_stock", 0))

ROLLED_BACK = "rolled back"
ROLLED_BACK_PRICE = Decimal("0.01")

# Kinds of facts: those of which the value shows the version, and those of which it repeats.
COUNTED = ("name", "price", "attribute", "variant_price", "alt", "category_name")
TRUNCATED = ("truncated", "images")
"""The emptying of the table of pictures. To a snapshot from before it, the table is empty (PostgreSQL says so), so a
page that is built meanwhile may be without its picture; nobody else may see that."""
REPEATED = ("availability", "featured", "place", "category_place")
OF_PRODUCT = ("name", "price", "attribute", "variant_price", "alt", "availability", "featured", "place")


def id_of(kind: str, slug: str) -> UUID:
    """Return the id of a row: the same in each process."""
    return uuid5(NAMESPACE_URL, f"torg-prove:{kind}:{slug}")


@dataclass(frozen=True, slots=True)
class Fact:
    """What one writer changes: ``kind`` of the thing called ``slug``, kept in the ledger at ``index``."""

    index: int
    kind: str
    slug: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.slug}"


class World:
    """All facts."""

    def __init__(self) -> None:
        names = [(kind, slug) for slug in PRODUCTS for kind in OF_PRODUCT]
        names += [("comet", slug) for slug in COMETS]
        names += [("category_name", slug) for slug in CATEGORIES]
        names += [("category_place", slug) for slug, parents in PARENTS.items() if len(parents) > 1]
        names.append(TRUNCATED)
        self.facts = [Fact(index, kind, slug) for index, (kind, slug) in enumerate(names)]

    @cached_property
    def by_name(self) -> dict[tuple[str, str], Fact]:
        """All facts by kind and slug."""
        return {(fact.kind, fact.slug): fact for fact in self.facts}

    def of_writer(self, number: int, writers: int) -> list[Fact]:
        """Return the facts that writer ``number`` of ``writers`` owns: rows whole, as ``save`` writes them whole."""
        return [fact for fact in self.facts if not is_outside(fact) and owner(fact) % writers == number]

    def outside(self) -> list[Fact]:
        """Return the facts that are written behind Torg's back."""
        return [fact for fact in self.facts if is_outside(fact) and fact.kind in COUNTED]


def is_outside(fact: Fact) -> bool:
    """Tell whether a fact is written behind Torg's back, or not at all."""
    return (fact.slug in OUTSIDE and fact.kind != "alt") or fact.slug == OUTSIDE_CATEGORY


def owner(fact: Fact) -> int:
    """Number the writers that own rows; all pictures are of one, who also empties their table."""
    if fact.kind in {"alt", "truncated"}:
        return 0
    for slugs, first in ((PRODUCTS, 0), (COMETS, 1), (CATEGORIES, 2)):
        if fact.slug in slugs:
            return slugs.index(fact.slug) + first
    raise AssertionError(fact)


def shown(fact: Fact, version: int) -> object:
    """Return what documents show of a version; of a counted fact that is the version itself."""
    if fact.kind in COUNTED:
        return version
    if fact.kind == "availability":
        return STOCKS[version % 3][0]
    if fact.kind == "featured":
        return (version + PRODUCTS.index(fact.slug)) % 2 == 0
    if fact.kind == "place":
        return PLACES[(version + PRODUCTS.index(fact.slug)) % len(PLACES)]
    if fact.kind == "category_place":
        return PARENTS[fact.slug][version % len(PARENTS[fact.slug])]
    return version if version % 2 == 0 else None  # A comet, which is there or not.


def stored(fact: Fact, version: int) -> Any:
    """Return what the database holds of a version: a text, a number, a flag or an id."""
    value = shown(fact, version)
    if fact.kind in {"name", "comet", "category_name", "alt"}:
        return text_of(fact, f"v{version:07}")
    if fact.kind in {"price", "variant_price"}:
        return Decimal(100_000 + version) / 100
    if fact.kind == "attribute":
        return {"version": f"v{version:07}"}
    if fact.kind == "availability":
        return STOCKS[version % 3][1]
    if fact.kind in {"place", "category_place"}:
        return id_of("category", str(value)) if value else None
    return value


def stored_rolled_back(fact: Fact) -> object | None:
    """Return a value that is written and rolled back, so that nobody may ever see it; None if there is none."""
    if fact.kind in {"name", "category_name", "alt"}:
        return text_of(fact, ROLLED_BACK)
    if fact.kind in {"price", "variant_price"}:
        return ROLLED_BACK_PRICE
    return {"version": ROLLED_BACK} if fact.kind == "attribute" else None


def text_of(fact: Fact, version: str) -> str:
    """Compose a text that shows a version."""
    return f"{fact.slug} {version}"


def version_of_text(text: str) -> int | None:
    """Read the version from a text; None where it is that of no version."""
    last = text.rpartition(" ")[2]
    return int(last[1:]) if last.startswith("v") and last[1:].isdigit() else None


def version_of_amount(amount: str) -> int | None:
    """Read the version from a price."""
    version = int(Decimal(amount) * 100) - 100_000
    return version if version >= 0 else None
