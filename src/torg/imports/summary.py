"""What an import did."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from torg.imports.drafts import Refusal
from torg.imports.values import shortened

SHOWN_REFUSALS = 20


@dataclass(slots=True, kw_only=True)
class ImportSummary:
    """Counts of one run; in a dry run, of what it would have done. ``refusals`` holds the first few."""

    source: str
    file_format: str
    is_dry_run: bool
    rows: int = 0
    products_created: int = 0
    products_updated: int = 0
    products_unchanged: int = 0
    products_rejected: int = 0
    rows_rejected: int = 0
    variants_created: int = 0
    variants_updated: int = 0
    images_written: int = 0
    categories_created: int = 0
    categories_updated: int = 0
    categories_unchanged: int = 0
    categories_rejected: int = 0
    seconds: float = 0.0
    rejected_file: Path | None = None
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def products_accepted(self) -> int:
        """How many products of the file the shop has now, as the file tells them."""
        return self.products_created + self.products_updated + self.products_unchanged

    @property
    def products_per_second(self) -> float:
        """How fast it went, counting every product of the file."""
        return (self.products_accepted + self.products_rejected) / self.seconds if self.seconds else 0.0

    @property
    def accepted_nothing(self) -> bool:
        """Whether nothing in the file was good."""
        categories = self.categories_created + self.categories_updated + self.categories_unchanged
        return self.products_accepted + categories == 0

    @property
    def has_changed_the_shop(self) -> bool:
        """Whether anything is other than before."""
        products = self.products_created + self.products_updated
        return not self.is_dry_run and products + self.categories_created + self.categories_updated > 0

    def note_refusals(self, refusals: list[Refusal]) -> None:
        """Keep the first few to be shown; all of them are in the file of rejected rows."""
        for refusal in refusals[: SHOWN_REFUSALS - len(self.refusals)]:
            self.refusals.append(
                Refusal(refusal.line, refusal.column, shortened(refusal.value), refusal.reason)
            )

    def as_json(self) -> dict[str, object]:
        """Give it as a JSON object: the fields, and what is derived from them."""
        fields = asdict(self)
        fields["seconds"] = round(self.seconds, 3)
        fields["products_per_second"] = round(self.products_per_second, 1)
        fields["rejected_file"] = str(self.rejected_file) if self.rejected_file else None
        return fields
