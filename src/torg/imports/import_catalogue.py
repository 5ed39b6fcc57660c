"""Bring a catalogue into the shop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Literal

from django.conf import settings
from django.db import connection

from torg.imports.categories import CategoryTree
from torg.imports.columns import Columns
from torg.imports.drafts import (
    CategoryDraft,
    NotAcceptable,
    Offered,
    ProductDraft,
    Refusal,
    Rejected,
    SourceRow,
)
from torg.imports.read_ahead import read_ahead
from torg.imports.records import RecordReader
from torg.imports.rejected_file import RejectedFile, place_beside
from torg.imports.seen import SeenKeys
from torg.imports.shopify_product import Rules
from torg.imports.shopify_reader import read_shopify
from torg.imports.source import CatalogueRefused, FileFormat, Source, format_of, opened
from torg.imports.summary import ImportSummary
from torg.imports.torg_reader import COLUMNS, is_rejected_file, read_torg
from torg.imports.write_batch import BatchOutcome, write_batch

BATCH_PRODUCTS = 1_000
BATCH_CHARACTERS = 8 * 1024 * 1024

_TABLES = (
    "catalogue_category",
    "catalogue_product",
    "catalogue_variant",
    "catalogue_productimage",
    "inventory_stock",
)

Progress = Callable[[int, int, ImportSummary], None]
"""Told after each batch: the bytes of the file that were read, how many it has, and the counts so far."""


def import_catalogue(
    source: Path,
    *,
    file_format: FileFormat | Literal["auto"] = "auto",
    dry_run: bool = False,
    allow_free: bool = False,
    rejected_path: Path | None = None,
    on_progress: Progress | None = None,
) -> ImportSummary:
    """Create and update the products that a Shopify CSV or Torg's JSONL holds, packed with gzip or not.

    A product is imported whole or refused whole; the rows of refused ones go to ``rejected_path``, by default
    ``SOURCE.rejected.csv``, also when ``dry_run`` keeps the shop as it is. Batches are committed one by one,
    so an import that was interrupted is taken up by running it again. What the file does not tell of stays.

    Raises ``CatalogueRefused`` if the file as a whole cannot be imported.
    """
    with opened(source) as catalogue:
        found = format_of(catalogue.stream) if file_format == "auto" else file_format
        rules = Rules(currency=settings.TORG_CURRENCY, allows_free=allow_free)
        header, products = _reading(catalogue.stream, found, rules)
        rejected = RejectedFile(rejected_path or place_beside(source), header)
        summary = ImportSummary(source=str(source), file_format=found, is_dry_run=dry_run)
        run = _Run(summary, rejected, catalogue, on_progress)
        with _rejected_file_in_place(rejected), read_ahead(products, _characters) as ahead:
            run.take(ahead)
    return summary


def _reading(
    stream: BinaryIO, file_format: FileFormat, rules: Rules
) -> tuple[list[str], Iterator[Offered | Rejected]]:
    """Give the header for refused rows, and what the file holds."""
    if file_format == "torg":
        return COLUMNS, read_torg(stream, rules, is_rejected_file=is_rejected_file(stream))
    records = RecordReader(stream)
    columns = Columns(records.header)
    missing = [title for title in ("Handle", "Title") if title.casefold() not in columns]
    if records.header_problem or missing:
        problem = records.header_problem or f"has no column {' and no column '.join(missing)}"
        raise CatalogueRefused(f"The first line is not the header of a Shopify product CSV: it {problem}.")
    return records.header, read_shopify(records, rules)


@contextmanager
def _rejected_file_in_place(rejected: RejectedFile) -> Iterator[None]:
    try:
        yield
    except BaseException:
        rejected.abandon()
        raise
    rejected.finish()


class _Run:
    """One pass over a file."""

    def __init__(
        self, summary: ImportSummary, rejected: RejectedFile, source: Source, on_progress: Progress | None
    ) -> None:
        self.summary = summary
        self.rejected = rejected
        self.source = source
        self.on_progress = on_progress
        self.tree = CategoryTree(is_dry=summary.is_dry_run)
        self.seen = SeenKeys()
        self.batch: list[tuple[Offered, ProductDraft]] = []
        self.batch_characters = 0
        self.began = monotonic()
        self.analyze_at = 1

    def take(self, products: Iterator[Offered | Rejected]) -> None:
        for each in products:
            self.summary.rows += len(each.rows)
            if isinstance(each, Rejected):
                self.reject(each.rows, each.refusals, is_product=each.is_product)
            else:
                self.accept(each)
        self.write()
        self.summary.categories_created = self.tree.created
        self.summary.categories_updated = self.tree.updated
        self.summary.seconds = monotonic() - self.began
        self.summary.rejected_file = self.rejected.path if self.rejected.count else None

    def accept(self, offered: Offered) -> None:
        draft = offered.draft
        try:
            self.ensure_first(offered)
            if isinstance(draft, CategoryDraft):
                # The products before it may stand in a category that it changes.
                self.write()
                self.summary.categories_unchanged += not self.tree.put(draft)
                return
        except NotAcceptable as error:
            self.reject(offered.rows, [error.refusal(offered.line)])
            return
        self.batch.append((offered, draft))
        self.batch_characters += _characters(offered)
        if len(self.batch) >= BATCH_PRODUCTS or self.batch_characters >= BATCH_CHARACTERS:
            self.write()

    def ensure_first(self, offered: Offered) -> None:
        """Refuse what stands earlier in the file already, by slug or by SKU."""
        draft = offered.draft
        keys = [("slug", draft.slug, f"{type(draft).__name__} {draft.slug}")]
        if isinstance(draft, ProductDraft):
            keys.append(("sku", draft.sku, f"sku {draft.sku}"))
            keys += [("variant sku", variant.sku, f"variant {variant.sku}") for variant in draft.variants]
        for column, value, key in keys:
            line = self.seen.first_line(key, offered.line)
            if line is not None:
                raise NotAcceptable(column, value, f"stands in the file before, in line {line}")

    def write(self) -> None:
        if self.batch:
            outcome = write_batch(self.batch, self.tree, dry_run=self.summary.is_dry_run)
            for offered, refusal in outcome.refused:
                self.reject(offered.rows, [refusal])
            self.count(outcome)
            self.batch, self.batch_characters = [], 0
            self.analyze_when_grown()
        if self.on_progress is not None:
            self.on_progress(self.source.position, self.source.size, self.summary)

    def analyze_when_grown(self) -> None:
        """Tell the planner that the tables are not what they were: after the first batch, and when four times as much.

        Foreign keys, too, are checked by plans, and a connection keeps those it made for an empty shop.
        """
        written = self.summary.products_created + self.summary.products_updated
        if written >= self.analyze_at and not self.summary.is_dry_run:
            _analyze()
            self.analyze_at = 4 * written

    def count(self, outcome: BatchOutcome) -> None:
        self.summary.products_created += outcome.created
        self.summary.products_updated += outcome.updated
        self.summary.products_unchanged += outcome.unchanged
        self.summary.variants_created += outcome.variants_created
        self.summary.variants_updated += outcome.variants_updated
        self.summary.images_written += outcome.images

    def reject(self, rows: list[SourceRow], refusals: list[Refusal], *, is_product: bool = True) -> None:
        if self.summary.file_format == "shopify":
            for refusal in refusals:
                refusal.column = _SHOPIFY_COLUMNS.get(refusal.column, refusal.column)
        self.rejected.write(rows, refusals)
        self.summary.products_rejected += is_product
        self.summary.rows_rejected += len(rows)
        self.summary.note_refusals(refusals)


def _characters(each: Offered | Rejected) -> int:
    return sum(len(value) for row in each.rows for value in row.fields)


_SHOPIFY_COLUMNS = {
    "slug": "Handle",
    "sku": "Variant SKU",
    "variant sku": "Variant SKU",
    "on_hand": "Variant Inventory Qty",
}


def _analyze() -> None:
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ANALYZE {table}")
