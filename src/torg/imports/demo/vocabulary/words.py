"""What the words are of: departments hold groups of shelves, and shelves hold kinds of products."""

from dataclasses import dataclass

MAKES_OF_A_KIND = 8
COLOURS_OF_A_KIND = 8
BRANDS_OF_A_DEPARTMENT = 10


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of product, such as a mug. ``shape`` names its drawing, prices are whole units of money."""

    shape: str
    noun: str
    plural: str
    code: str
    """Begins the SKUs; unique among kinds."""
    price: tuple[int, int]
    colours: tuple[str, ...]
    makes: tuple[str, ...]
    """What stands before the noun: materials and styles. Each is a category of its own in a large shop."""
    openings: tuple[str, ...]
    sizes: tuple[str, ...] = ()
    """Three sizes, where people ask for one."""
    bigger_costs_more: bool = False
    weight: int = 1
    """How many of them stand in the shop for each of the rarest kind."""


@dataclass(frozen=True)
class Shelf:
    """A category of the third level."""

    name: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Group:
    """A category of the second level."""

    name: str
    shelves: tuple[Shelf, ...]


@dataclass(frozen=True, kw_only=True)
class Department:
    """A root of the tree, with the brands that make its products and what may be said about all of them."""

    name: str
    description: str
    brands: tuple[str, ...]
    sentences: tuple[str, ...]
    care: tuple[str, ...]
    groups: tuple[Group, ...]
