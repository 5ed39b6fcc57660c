"""Products as a CSV file in Shopify's columns."""

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from torg.catalogue.models import Product

BATCH = 500


def csv_of(products: QuerySet[Any]) -> StreamingHttpResponse:
    """Answer with a download of ``products`` in their order, in memory for 500 of them."""
    response = StreamingHttpResponse(_batches_of(products), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="products-{timezone.now():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _batches_of(products: QuerySet[Any]) -> Iterator[bytes]:
    ids = products.prefetch_related(None).values_list("pk", flat=True).iterator(chunk_size=BATCH)
    header = _csv([])
    yield header.encode()
    while batch := list(islice(ids, BATCH)):
        by_id = Product.objects.in_bulk(batch)
        # One deleted since the list was begun is left out.
        yield _csv([by_id[pk] for pk in batch if pk in by_id]).removeprefix(header).encode()


def _csv(products: list[Product]) -> str:
    from torg.imports import write_shopify_csv  # noqa: PLC0415

    stream = io.StringIO(newline="")
    write_shopify_csv(products, stream)
    return stream.getvalue()
