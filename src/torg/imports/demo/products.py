"""The products of the demo shop, as rows ready for the tables."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from random import Random
from uuid import UUID

from torg.imports.demo.pictures import VIEWS, picture_name
from torg.imports.demo.plan import Plan, uuid7_at
from torg.imports.demo.prices import price_before, price_of, prices_by_size
from torg.imports.demo.tree import Tree
from torg.imports.demo.vocabulary import DEPARTMENTS, ORIGINS, PROMISES, SERIES, Department, Kind
from torg.imports.demo.vocabulary.words import BRANDS_OF_A_DEPARTMENT, COLOURS_OF_A_KIND, MAKES_OF_A_KIND
from torg.lib.text import slug_from

Row = tuple[object, ...]

# The shop is filled block by block; in each, every kind comes as often as its weight says.
_DECK: tuple[tuple[Department, Kind, int], ...] = tuple(
    (department, kind, copy)
    for department in DEPARTMENTS
    for group in department.groups
    for shelf in group.shelves
    for kind in shelf.kinds
    for copy in range(kind.weight)
)
BLOCK = len(_DECK)

# A kind has so many products that differ in brand, make or colour; after those, a series tells them apart.
# Colour 0 stands for a product that comes in three colours.
_COLOURS = COLOURS_OF_A_KIND + 1
_COMBINATIONS = BRANDS_OF_A_DEPARTMENT * MAKES_OF_A_KIND * _COLOURS

# One product in five has three variants: those in three colours, and as many with sizes as are missing.
_IN_THREE_COLOURS = 1 / _COLOURS
_WITH_SIZES = sum(1 for _, kind, _ in _DECK if kind.sizes) / BLOCK
_IN_THREE_SIZES = (0.2 - _IN_THREE_COLOURS) / (1 - _IN_THREE_COLOURS) / _WITH_SIZES


@dataclass
class Rows:
    """Rows of a part of the shop, a list for each table; columns as in ``torg.imports.demo.copying``."""

    products: list[Row] = field(default_factory=list)
    variants: list[Row] = field(default_factory=list)
    stock: list[Row] = field(default_factory=list)
    images: list[Row] = field(default_factory=list)


def rows_of(plan: Plan, tree: Tree, numbers: range, *, price_digits: int) -> Rows:
    """Make the rows of the products ``numbers``, which must begin with a block.

    ``price_digits`` are those of the shop's currency after the point: without any, 24.95 becomes 2495.
    """
    rows = Rows()
    for block in range(numbers.start // BLOCK, -(-numbers.stop // BLOCK)):
        random = Random(f"{plan.seed}:{block}")  # noqa: S311  (it has to be repeatable, not secret)
        deck = random.sample(_DECK, BLOCK)
        for number, (department, kind, copy) in enumerate(
            deck[: numbers.stop - block * BLOCK], block * BLOCK
        ):
            design = _design(plan.seed, department, kind, block * kind.weight + copy, random)
            _Writer(rows, plan, random, price_digits).write(number, design, tree)
    return rows


@dataclass(frozen=True)
class _Design:
    """What a product is: no two have the same brand, series, make and colour."""

    department: Department
    kind: Kind
    brand: str
    series: str
    make: str
    colours: tuple[str, ...]
    """One, or three of which each is a variant."""

    @property
    def name(self) -> str:
        words = " ".join(word for word in (self.brand, self.series, self.make, self.kind.noun) if word)
        return words if len(self.colours) > 1 else f"{words}, {self.colours[0]}"

    @property
    def slug(self) -> str:
        words = (
            self.brand,
            self.series,
            self.make,
            self.kind.noun,
            *(self.colours if len(self.colours) == 1 else ()),
        )
        return "-".join(_slug(word) for word in words if word)


def _design(seed: int, department: Department, kind: Kind, ordinal: int, random: Random) -> _Design:
    """Design the product that is number ``ordinal`` of its kind."""
    lap, place = divmod(ordinal, _COMBINATIONS)
    rest, brand = divmod(_combinations(seed, kind.code)[place], BRANDS_OF_A_DEPARTMENT)
    colour, make = divmod(rest, MAKES_OF_A_KIND)
    colours = (kind.colours[colour - 1],) if colour else tuple(random.sample(kind.colours, 3))
    return _Design(department, kind, department.brands[brand], _series(lap), kind.makes[make], colours)


@cache
def _combinations(seed: int, code: str) -> list[int]:
    return Random(f"{seed}:{code}").sample(range(_COMBINATIONS), _COMBINATIONS)  # noqa: S311


def _series(lap: int) -> str:
    if lap == 0:
        return ""
    edition, place = divmod(lap - 1, len(SERIES))
    return f"{SERIES[place]} {edition + 1}" if edition else SERIES[place]


@cache
def _slug(word: str) -> str:
    return slug_from(word, 100)


class _Writer:
    """Writes one product and what belongs to it."""

    def __init__(self, rows: Rows, plan: Plan, random: Random, price_digits: int) -> None:
        self.rows = rows
        self.plan = plan
        self.random = random
        self.price_digits = price_digits

    def write(self, number: int, design: _Design, tree: Tree) -> None:
        random, kind = self.random, design.kind
        product_id, created_at = self.plan.product(number)
        price = price_of(kind, random)
        before = price_before(price, random) if random.random() < 0.12 else None
        sku = f"{kind.code}-{number + 1:05d}"
        variants = list(_variants(design, sku, price, random))
        self.rows.products.append((
            product_id.hex, tree.category_of(kind, design.make).hex, design.name, design.slug, variants[0][0],
            design.brand, _description(design, random), self._money(price),
            self._money(before) if before else None,
            False, number % 200 != 123, number % 100 == 7, 0, 0, created_at, created_at,
        ))  # fmt: skip
        for position, (variant_sku, variant_price, attributes) in enumerate(variants):
            variant_id = self._new_id(created_at).hex
            own_price = None if variant_price == price else self._money(variant_price)
            self.rows.variants.append((
                variant_id, product_id.hex, variant_sku, own_price, json.dumps(attributes), position, True,
            ))  # fmt: skip
            self.rows.stock.append((variant_id, *_stock(random)))
        for position, (colour, view) in enumerate(_pictures(design, random)):
            self.rows.images.append((
                self._new_id(created_at).hex, product_id.hex, picture_name(kind.shape, colour, view), "",
                _alternative_text(design, colour, view), position,
            ))  # fmt: skip

    def _money(self, hundredths: int) -> str:
        return f"{hundredths // 100}.{hundredths % 100:02d}" if self.price_digits else f"{hundredths}.00"

    def _new_id(self, created_at: datetime) -> UUID:
        return uuid7_at(created_at, self.random.getrandbits(74))


def _variants(
    design: _Design, sku: str, price: int, random: Random
) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Yield SKU, price and attributes of each; the lowest price is ``price``."""
    sizes = design.kind.sizes
    if len(design.colours) > 1:
        for position, colour in enumerate(design.colours, 1):
            yield f"{sku}-{position}", price, {"color": colour, **({"size": sizes[1]} if sizes else {})}
    elif sizes and random.random() < _IN_THREE_SIZES:
        for position, (size, size_price) in enumerate(
            zip(sizes, prices_by_size(design.kind, price), strict=True), 1
        ):
            yield f"{sku}-{position}", size_price, {"color": design.colours[0], "size": size}
    else:
        yield sku, price, {"color": design.colours[0], **({"size": sizes[1]} if sizes else {})}


def _stock(random: Random) -> tuple[int, int, int, bool]:
    """Choose on hand, allocated, threshold and whether it is tracked.

    6 % are out of stock, 10 % low and 4 % untracked.
    """
    chance = random.random()
    threshold = 10 if chance > 0.9 else 5
    if chance < 0.04:
        return 0, 0, threshold, False
    if chance < 0.10:
        return 0, 0, threshold, True
    if chance < 0.20:
        return random.randint(1, threshold), 0, threshold, True
    return threshold + 1 + int(random.expovariate(1 / 60)), 0, threshold, True


def _pictures(design: _Design, random: Random) -> list[tuple[str, str]]:
    """Return colour and view of each picture: one of each colour, or one to three of the only one."""
    if len(design.colours) > 1:
        return [(colour, "") for colour in design.colours]
    chance = random.random()
    count = 3 if chance < 0.15 else 2 if chance < 0.45 else 1
    return [(design.colours[0], view) for view in VIEWS[:count]]


def _alternative_text(design: _Design, colour: str, view: str) -> str:
    thing = f"{design.make} {design.kind.noun.lower()} in {colour.lower()}"
    return f"{thing}{ {'': '', '-at-home': ', in a room', '-close-up': ', seen from near'}[view] }"


def _description(design: _Design, random: Random) -> str:
    """Write two to four sentences and a list, as HTML."""
    sentences = [
        random.choice(design.kind.openings),
        *random.sample(design.department.sentences, random.choice((1, 1, 2, 3))),
    ]
    colours = [colour.lower() for colour in design.colours]
    facts = [
        f"Colour: {colours[0]}"
        if len(colours) == 1
        else f"Colours: {', '.join(colours[:-1])} or {colours[-1]}",
        random.choice(ORIGINS),
        random.choice(design.department.care),
        random.choice(PROMISES),
    ]
    return f"<p>{' '.join(sentences)}</p><ul>{''.join(f'<li>{fact}</li>' for fact in facts)}</ul>"
