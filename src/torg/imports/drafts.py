"""What a reader makes of a file: products and categories to be written, or rows that are refused and why.

``None`` in a field says that the file does not tell, so what the shop has stays, or a default is taken.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(slots=True)
class SourceRow:
    """A record of the file as it stands there; ``line`` is its first physical line, counted from 1.

    With a ``problem`` its ``fields`` are the best guess, and ``problem_index`` may say which of them has it.
    """

    line: int
    fields: list[str]
    problem: str = ""
    problem_index: int | None = None


@dataclass(slots=True)
class Refusal:
    """Why a row is refused: which column of which line holds what, and what is wrong with it."""

    line: int
    column: str
    value: str
    reason: str


class NotAcceptable(Exception):
    """A product cannot be imported; ``line`` is where, or ``None`` for where the product begins."""

    def __init__(self, column: str, value: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.value = value
        self.reason = reason
        self.line = line

    def refusal(self, first_line: int) -> Refusal:
        """Say where it happened, in a product that begins in ``first_line``."""
        return Refusal(self.line or first_line, self.column, self.value, self.reason)


@dataclass(slots=True)
class Rejected:
    """Rows that are not imported, with a refusal at least: a product, or the rest of one that was counted."""

    rows: list[SourceRow]
    refusals: list[Refusal]
    is_product: bool = True
    is_category: bool = False


@dataclass(slots=True)
class StockDraft:
    """How many units there are of a variant."""

    on_hand: int | None = None
    low_stock_threshold: int | None = None
    is_tracked: bool | None = None


@dataclass(slots=True)
class VariantDraft:
    """A variant; ``price`` only where it differs from the product's."""

    sku: str
    price: Decimal | None
    attributes: dict[str, str] | None
    position: int
    is_active: bool | None = None
    stock: StockDraft = field(default_factory=StockDraft)


@dataclass(slots=True)
class ImageDraft:
    """A picture: an address elsewhere, or the name of a file in this shop's media."""

    url: str
    file: str
    alt: str


@dataclass(slots=True)
class ProductDraft:
    """A product with at least one variant; its category is told by a path of names, by slug, or not."""

    slug: str
    sku: str
    name: str
    price: Decimal
    variants: list[VariantDraft]
    images: list[ImageDraft] | None = None
    category_path: tuple[str, ...] | None = None
    category_slug: str | None = None
    brand: str | None = None
    description: str | None = None
    compare_at_price: Decimal | None = None
    keeps_compare_at_price: bool = False
    is_free: bool = False
    is_active: bool | None = None
    is_featured: bool | None = None
    created_at: datetime | None = None


@dataclass(slots=True)
class CategoryDraft:
    """A category, below the one whose slug is ``parent``."""

    slug: str
    name: str
    parent: str | None
    description: str | None = None
    is_active: bool | None = None
    sort_order: int | None = None


@dataclass(slots=True)
class Offered:
    """A product or a category that reads well, with the rows it came from."""

    draft: ProductDraft | CategoryDraft
    rows: list[SourceRow]

    @property
    def line(self) -> int:
        """The physical line in which it begins."""
        return self.rows[0].line
