"""``torg import`` and ``torg export``: catalogues in and out."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from torg.cli.refusal import Refused
from torg.cli.setup import ensure_schema_is_current, shop_running

if TYPE_CHECKING:
    from torg.imports.summary import ImportSummary

PLAIN_LINE_SECONDS = 5
SHOWN = 10

Told = Callable[[int, int, "ImportSummary"], None]


class CatalogueFormat(StrEnum):
    """The formats a catalogue can have."""

    SHOPIFY = "shopify"
    TORG = "torg"
    AUTO = "auto"


def import_(
    file: Annotated[Path, typer.Argument(help="Shopify's product CSV or Torg's JSONL; .gz is unpacked.")],
    *,
    file_format: Annotated[
        CatalogueFormat, typer.Option("--format", help="What the file is; auto looks at how it begins.")
    ] = CatalogueFormat.AUTO,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Change nothing in the shop; FILE.rejected.csv is written all the same."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
    allow_free: Annotated[
        bool, typer.Option("--allow-free", help="Import products whose price is 0 as given away.")
    ] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="Where refused rows go instead of FILE.rejected.csv.")
    ] = None,
) -> None:
    """Bring a catalogue in; products are found again by slug, else by SKU, so twice changes nothing.

    A bad row never stops the good ones: its product goes to FILE.rejected.csv with line, column, value and
    reason; mend that file and import it. An import that was interrupted is taken up by running it again.

    Exit status 0 if it came to its end, also where rows were refused; 1 if the whole file was, or nothing
    in it was good.

    Examples: [bold]torg import products.csv[/bold] · [bold]torg import products.jsonl.gz --dry-run[/bold]
    """
    summary = _imported(file, file_format, dry_run=dry_run, allow_free=allow_free, rejected=rejected)
    if as_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False))
    else:
        _print_summary(summary)
    if summary.accepted_nothing and summary.rows_rejected:
        raise Refused("Nothing in the file could be imported.")


def _imported(
    file: Path, file_format: CatalogueFormat, *, dry_run: bool, allow_free: bool, rejected: Path | None
) -> "ImportSummary":
    with shop_running():
        ensure_schema_is_current()
        from torg.imports.import_catalogue import import_catalogue
        from torg.imports.source import CatalogueRefused

        with _progress(file.name) as on_progress:
            try:
                return import_catalogue(
                    file,
                    file_format=file_format.value,
                    dry_run=dry_run,
                    allow_free=allow_free,
                    rejected_path=rejected,
                    on_progress=on_progress,
                )
            except CatalogueRefused as refusal:
                raise Refused(str(refusal)) from refusal


def export(
    file: Annotated[Path, typer.Argument(help="Where to write; - is the standard output.")],
    *,
    file_format: Annotated[
        CatalogueFormat, typer.Option("--format", help="auto: shopify for .csv, else torg; .gz packs either.")
    ] = CatalogueFormat.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Write the whole catalogue to a file that [bold]torg import[/bold] reads.

    Torg's JSONL loses nothing; Shopify's CSV has no place for featured, thresholds, dates, uploaded pictures
    and switched-off variants.

    Examples: [bold]torg export shop.jsonl.gz[/bold] · [bold]torg export shop.csv[/bold]
    """
    is_standard_output = str(file) == "-"
    with shop_running():
        ensure_schema_is_current()
        from torg.imports.export_catalogue import ExportRefused, export_catalogue

        try:
            destination = sys.stdout.buffer if is_standard_output else file
            summary = export_catalogue(destination, file_format=file_format.value, on_progress=_exporting())
        except ExportRefused as refusal:
            raise Refused(str(refusal)) from refusal
    line = f"{summary.products} products and {summary.categories} categories to {summary.destination}."
    fields = {
        "destination": summary.destination,
        "file_format": summary.file_format,
        "products": summary.products,
        "categories": summary.categories,
    }
    # What goes to the standard output is the catalogue alone.
    stream = sys.stderr if is_standard_output else sys.stdout
    print(json.dumps(fields) if as_json else line, file=stream)


@contextmanager
def _progress(name: str) -> Iterator[Told]:
    """Show on the standard error how far the file was read: a bar on a terminal, now and then a line else."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines()
        return
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name)

        def show(position: int, size: int, summary: "ImportSummary") -> None:
            bar.update(task, completed=position, total=size, description=f"{name}: {_counted(summary)}")

        yield show


def _plain_lines() -> Told:
    next_at = monotonic() + PLAIN_LINE_SECONDS

    def show(position: int, size: int, summary: "ImportSummary") -> None:
        nonlocal next_at
        if monotonic() >= next_at:
            next_at = monotonic() + PLAIN_LINE_SECONDS
            print(f"{100 * position // max(size, 1)} %: {_counted(summary)}", file=sys.stderr, flush=True)

    return show


def _exporting() -> Callable[[int], None]:
    next_at = monotonic() + PLAIN_LINE_SECONDS

    def show(count: int) -> None:
        nonlocal next_at
        if monotonic() >= next_at:
            next_at = monotonic() + PLAIN_LINE_SECONDS
            print(f"{count} products", file=sys.stderr, flush=True)

    return show


def _counted(summary: "ImportSummary") -> str:
    return f"{summary.products_accepted} products, {summary.products_rejected} rejected"


def _print_summary(summary: "ImportSummary") -> None:
    did = summary
    if did.is_dry_run:
        print("Nothing was changed; this is what would have been done.")
    print(
        f"Products: {did.products_created} created, {did.products_updated} updated, "
        f"{did.products_unchanged} unchanged, {did.products_rejected} rejected (of {did.rows} rows)."
    )
    rejected = f", {did.categories_rejected} rejected" if did.categories_rejected else ""
    print(
        f"Variants: {did.variants_created} created, {did.variants_updated} updated. "
        f"Images: {did.images_written}. "
        f"Categories: {did.categories_created} created, {did.categories_updated} updated{rejected}."
    )
    if not did.rows:
        print("The file holds no products.")
    print(f"{did.seconds:.1f} seconds, {did.products_per_second:,.0f} products a second.")
    for refusal in summary.refusals[:SHOWN]:
        print(f"  line {refusal.line}, {refusal.column or 'whole line'}: {refusal.value!r} {refusal.reason}")
    if summary.rejected_file:
        print(f"All rejected rows and the reasons: {summary.rejected_file}")
