"""Bring a catalogue into the shop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Literal

from django.conf import settings
from django.db import connection

from torg.caching.warming.start import warm_after_import
from torg.imports.categories import CategoryTree
from torg.imports.columns import Columns
from torg.imports.drafts import (
    CategoryDraft,
    NotAcceptable,
    Offered,
    ProductDraft,
    Rejected,
)
from torg.imports.read_ahead import read_ahead
from torg.imports.records import RecordReader
from torg.imports.rejected_file import RejectedFile, ensure_may_be_replaced, place_beside
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
    What it changed is warmed by a worker.

    Raises ``CatalogueRefused`` if the file as a whole cannot be imported.
    """
    with opened(source) as catalogue:
        found = format_of(catalogue.stream) if file_format == "auto" else file_format
        rules = Rules(currency=settings.TORG_CURRENCY, allows_free=allow_free)
        header, products = _reading(catalogue.stream, found, rules)
        place = rejected_path or place_beside(source)
        ensure_may_be_replaced(place, source)
        rejected = RejectedFile(place, header)
        summary = ImportSummary(source=str(source), file_format=found, is_dry_run=dry_run)
        run = _Run(summary, rejected, catalogue, on_progress)
        with _rejected_file_in_place(rejected), read_ahead(products, _characters) as ahead:
            run.take(ahead)
    if summary.has_changed_the_shop:
        warm_after_import()
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
        self.batch_lines: set[int] = set()
        self.waiting: list[Offered] = []
        self.waiting_keys: set[str] = set()
        self.began = monotonic()
        self.analyze_at = 1

    def take(self, products: Iterator[Offered | Rejected]) -> None:
        for each in products:
            self.summary.rows += len(each.rows)
            if isinstance(each, Rejected):
                self.reject(each)
            else:
                self.accept(each)
        self.write_all()
        self.summary.categories_created = self.tree.created
        self.summary.categories_updated = self.tree.updated
        self.summary.seconds = monotonic() - self.began
        self.summary.rejected_file = self.rejected.path if self.rejected.count else None

    def accept(self, offered: Offered) -> None:
        try:
            if isinstance(offered.draft, CategoryDraft):
                self.accept_category(offered, offered.draft)
            else:
                self.accept_product(offered, offered.draft)
        except NotAcceptable as error:
            is_product = isinstance(offered.draft, ProductDraft)
            refusals = [error.refusal(offered.line)]
            self.reject(Rejected(offered.rows, refusals, is_product=is_product, is_category=not is_product))

    def accept_category(self, offered: Offered, draft: CategoryDraft) -> None:
        # The products before it may stand in a category that it changes.
        self.write_all()
        self.ensure_first(offered)
        self.summary.categories_unchanged += not self.tree.put(draft)
        self.remember(offered)

    def accept_product(self, offered: Offered, draft: ProductDraft) -> None:
        if self.ensure_first(offered):
            self.batch.append((offered, draft))
            self.remember(offered)
        else:
            self.waiting.append(offered)
            self.waiting_keys.update(key for _, _, key in _keys(offered))
        self.batch_characters += _characters(offered)
        if len(self.batch) + len(self.waiting) >= BATCH_PRODUCTS or self.batch_characters >= BATCH_CHARACTERS:
            self.write()

    def ensure_first(self, offered: Offered) -> bool:
        """Refuse what stands earlier in the file already; ``False`` if that itself may still be refused."""
        lines = [(column, value, self.seen.line_of(key)) for column, value, key in _keys(offered)]
        known = [(column, value, line) for column, value, line in lines if line is not None]
        for column, value, line in known:
            if line not in self.batch_lines:
                raise NotAcceptable(column, value, f"stands in the file before, in line {line}")
        return not known and self.waiting_keys.isdisjoint(key for _, _, key in _keys(offered))

    def remember(self, offered: Offered) -> None:
        self.batch_lines.add(offered.line)
        for _, _, key in _keys(offered):
            self.seen.remember(key, offered.line)

    def write_all(self) -> None:
        """Write what was accepted, and what waited for it, which may wait for each other in turn."""
        self.write()
        while self.batch or self.waiting:
            self.write()

    def write(self) -> None:
        if self.batch:
            outcome = write_batch(self.batch, self.tree, dry_run=self.summary.is_dry_run)
            for offered, refusal in outcome.refused:
                self.reject(Rejected(offered.rows, [refusal]))
                for _, _, key in _keys(offered):
                    self.seen.forget(key)
            self.count(outcome)
            self.batch, self.batch_characters = [], 0
            self.analyze_when_grown()
        self.batch_lines.clear()
        waiting, self.waiting = self.waiting, []
        self.waiting_keys.clear()
        for offered in waiting:
            self.accept(offered)
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

    def reject(self, refused: Rejected) -> None:
        if self.summary.file_format == "shopify":
            for refusal in refused.refusals:
                refusal.column = _SHOPIFY_COLUMNS.get(refusal.column, refusal.column)
        self.rejected.write(refused.rows, refused.refusals)
        self.summary.products_rejected += refused.is_product
        self.summary.categories_rejected += refused.is_category
        self.summary.rows_rejected += len(refused.rows)
        self.summary.note_refusals(refused.refusals)


def _keys(offered: Offered) -> list[tuple[str, str, str]]:
    """Give what may stand only once in a file: the column, the value, and a name for the two."""
    draft = offered.draft
    keys = [("slug", draft.slug, f"{type(draft).__name__} {draft.slug}")]
    if isinstance(draft, ProductDraft):
        keys.append(("sku", draft.sku, f"sku {draft.sku}"))
        keys += [("variant sku", variant.sku, f"variant {variant.sku}") for variant in draft.variants]
    return keys


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
