"""Products as a CSV file in Shopify's columns."""

import io
from collections.abc import Collection, Iterator
from itertools import islice

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from torg.catalogue.models import Product
from torg.imports.shopify_writer import write_shopify_csv

BATCH = 500
STOCK_COLUMNS = ("Variant Inventory Tracker", "Variant Inventory Qty")


def csv_of(products: QuerySet[Product], *, shows_stock: bool) -> StreamingHttpResponse:
    """Answer with a download of ``products`` in their order; 500 of them are in memory at a time.

    It is made to be opened in a spreadsheet: nothing in it is a formula. ``torg export`` writes what is exact.
    """
    left_empty = () if shows_stock else STOCK_COLUMNS
    response = StreamingHttpResponse(_parts_of(products, left_empty), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="products-{timezone.now():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _parts_of(products: QuerySet[Product], left_empty: Collection[str]) -> Iterator[bytes]:
    header = _csv(Product.objects.none(), left_empty)
    yield header.encode()
    ids = products.prefetch_related(None).values_list("pk", flat=True).iterator(chunk_size=BATCH)
    while batch := list(islice(ids, BATCH)):
        # Read anew: what a list defers or adds is of no use here.
        rows = Product.objects.filter(pk__in=batch).order_by(*products.query.order_by)
        yield _csv(rows, left_empty).removeprefix(header).encode()


def _csv(products: QuerySet[Product], left_empty: Collection[str]) -> str:
    stream = io.StringIO(newline="")
    write_shopify_csv(products, stream, left_empty=left_empty, is_for_spreadsheets=True)
    return stream.getvalue()
