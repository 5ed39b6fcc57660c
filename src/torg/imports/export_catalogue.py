"""Write the shop's catalogue to a file that ``import_catalogue`` reads."""

import gzip
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from django.db import connection, transaction
from django.db.models.functions import Collate

from torg.catalogue.models import Product
from torg.imports.shopify_writer import write_shopify_csv
from torg.imports.source import FileFormat
from torg.imports.torg_writer import write_torg_jsonl

Progress = Callable[[int], None]
"""Told now and then how many products were written."""


class ExportRefused(Exception):
    """The file cannot be written; the message says why and what to do."""


@dataclass(slots=True, kw_only=True)
class ExportSummary:
    """What was written where; categories only in Torg's own format."""

    destination: str
    file_format: str
    products: int
    categories: int


def export_catalogue(
    destination: Path | BinaryIO,
    *,
    file_format: FileFormat | Literal["auto"] = "auto",
    on_progress: Progress | None = None,
) -> ExportSummary:
    """Write all categories and products as they are at one moment, in an order that only slugs decide.

    The format follows from the file's ending: ``.csv`` is Shopify's, everything else Torg's JSONL, ``.gz``
    packs either. Torg's format loses nothing but ids, ratings and what is allocated to orders: those belong
    to one shop. A file takes its place when it is complete. Raises ``ExportRefused`` if it cannot be written.
    """
    chosen = _format_of(destination) if file_format == "auto" else file_format
    with _written(destination) as stream, _one_moment():
        products = Product.objects.order_by(Collate("slug", "C"))
        categories = 0
        if chosen == "shopify":
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
            count = write_shopify_csv(products, text, on_progress=on_progress)
            text.detach()
        else:
            count, categories = write_torg_jsonl(products, stream, on_progress=on_progress)
    name = str(destination) if isinstance(destination, Path) else "-"
    return ExportSummary(destination=name, file_format=chosen, products=count, categories=categories)


def _format_of(destination: Path | BinaryIO) -> FileFormat:
    is_csv = isinstance(destination, Path) and destination.name.lower().removesuffix(".gz").endswith(".csv")
    return "shopify" if is_csv else "torg"


@contextmanager
def _written(destination: Path | BinaryIO) -> Iterator[BinaryIO]:
    if not isinstance(destination, Path):
        yield destination
        destination.flush()
        return
    draft = destination.with_name(f".{destination.name}.{os.getpid()}")
    try:
        with draft.open("wb") as raw:
            if destination.name.lower().endswith(".gz"):
                # Without a name and a time in it, the same catalogue gives the same bytes.
                with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
                    yield cast("BinaryIO", packed)
            else:
                yield raw
        draft.replace(destination)
    except OSError as error:
        raise ExportRefused(f"{destination} cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything from one snapshot, unless the caller's transaction has begun already."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
