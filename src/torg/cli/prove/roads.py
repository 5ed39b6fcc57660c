"""The roads by which a shop is written: each takes versions of facts to the database, all of them or none."""

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.db import connection, transaction

from torg.catalogue.models import Product, ProductImage
from torg.cli.prove.plan import ROADS
from torg.cli.prove.rows import Write, comet_rows, sql_value

Road = Callable[[Sequence[Write]], None]


class Way(NamedTuple):
    """A road, how often it is taken, and what it takes: ``kinds`` of facts, one or several, the same or any."""

    road: Road
    weight: int = 4
    takes: str = "one"
    kinds: tuple[str, ...] = ()


class _NotThisTime(Exception):
    """Ends a transaction that is to be rolled back."""


def save(writes: Sequence[Write]) -> None:
    """Read the row, change it, save it with all its columns."""
    for write in writes:
        row = cast("Any", write.place.model)._default_manager.get(pk=write.row_id)  # noqa: SLF001
        setattr(row, write.place.column, write.value)
        row.save()


def save_fields(writes: Sequence[Write]) -> None:
    """Save the one column."""
    for write in writes:
        row = cast("Any", write.place.model)._default_manager.get(pk=write.row_id)  # noqa: SLF001
        setattr(row, write.place.column, write.value)
        row.save(update_fields=[write.place.column.removesuffix("_id")])


def update(writes: Sequence[Write]) -> None:
    """Update by a query."""
    for write in writes:
        rows = cast("Any", write.place.model)._default_manager.filter(pk=write.row_id)  # noqa: SLF001
        rows.update(**{write.place.column: write.value})


def bulk_update(writes: Sequence[Write]) -> None:
    """Update several rows by one statement."""
    place = writes[0].place
    manager = cast("Any", place.model)._default_manager  # noqa: SLF001
    rows = manager.in_bulk([write.row_id for write in writes])
    for write in writes:
        setattr(rows[write.row_id], place.column, write.value)
    manager.bulk_update(rows.values(), [place.column.removesuffix("_id")])


def raw_autocommit(writes: Sequence[Write]) -> None:
    """Send a statement of our own."""
    with connection.cursor() as cursor:
        for write in writes:
            cursor.execute(*write.update(write.value))


def executemany(writes: Sequence[Write]) -> None:
    """Send a statement for several rows."""
    statement, _ = writes[0].update(None)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(statement, [write.update(write.value)[1] for write in writes])


def raw_atomic(writes: Sequence[Write]) -> None:
    """Send statements of our own in one transaction."""
    with transaction.atomic():
        raw_autocommit(writes)


def raw_begin_commit(writes: Sequence[Write]) -> None:
    """Begin and commit by statements of our own, unseen by Django."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            raw_autocommit(writes)
        except BaseException:
            with suppress(Exception):
                cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")


def without_autocommit(writes: Sequence[Write]) -> None:
    """Switch autocommit off, and commit by hand."""
    transaction.set_autocommit(False)
    try:
        raw_autocommit(writes)
        transaction.commit()
    except BaseException:
        with suppress(Exception):
            transaction.rollback()
        raise
    finally:
        with suppress(Exception):
            transaction.set_autocommit(True)


def nested_atomic(writes: Sequence[Write]) -> None:
    """Write in a transaction within a transaction."""
    with transaction.atomic():
        update(writes[:1])
        with transaction.atomic():
            save_fields(writes[1:])
        with transaction.atomic(savepoint=False):
            raw_autocommit(writes[:1])


def savepoint_rolled_back(writes: Sequence[Write]) -> None:
    """Write something that is rolled back to a savepoint, and then what is to be."""
    with transaction.atomic():
        with suppress(_NotThisTime), transaction.atomic():
            _write_what_is_rolled_back(writes)
            raise _NotThisTime
        raw_autocommit(writes)


def rolled_back(writes: Sequence[Write]) -> None:
    """Roll back: what is written nobody may see, and nothing is acknowledged."""
    with suppress(_NotThisTime), transaction.atomic():
        _write_what_is_rolled_back(writes)
        raise _NotThisTime


def _write_what_is_rolled_back(writes: Sequence[Write]) -> None:
    with connection.cursor() as cursor:
        for write in writes:
            cursor.execute(*write.update(write.rolled_back_value))


def long_transaction(writes: Sequence[Write]) -> None:
    """Hold the transaction open for a while after writing."""
    with transaction.atomic():
        raw_autocommit(writes)
        time.sleep(random.uniform(0.2, 1.2))  # noqa: S311


def copied_and_joined(writes: Sequence[Write]) -> None:
    """Copy into a temporary table, and update from that."""
    ordered = sorted(writes, key=lambda write: write.fact.kind)
    with transaction.atomic(), connection.cursor() as cursor:
        for _, several in groupby(ordered, key=lambda write: write.fact.kind):
            _copy_and_join(cursor, list(several))


def _copy_and_join(cursor: Any, writes: Sequence[Write]) -> None:
    place = writes[0].place
    cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS news (id uuid, value text) ON COMMIT DROP")
    cursor.execute("TRUNCATE news")
    with cursor.copy("COPY news (id, value) FROM STDIN") as copy:
        for write in writes:
            value = sql_value(write.value)
            copy.write_row((write.row_id, None if value is None else str(value)))
    cursor.execute(
        f"UPDATE {place.table} SET {place.column} = news.value{place.cast} "  # noqa: S608
        f"FROM news WHERE news.id = {place.table}.{place.key}"
    )


def delete_or_create(writes: Sequence[Write]) -> None:
    """Delete a product with all that belongs to it, or make it again in bulk."""
    for write in writes:
        if write.version % 2:
            Product.objects.get(slug=write.fact.slug).delete()
            continue
        with transaction.atomic():
            for row in comet_rows(write.fact, write.version):
                cast("Any", type(row))._default_manager.bulk_create([row])  # noqa: SLF001


def delete_or_copy(writes: Sequence[Write]) -> None:
    """Delete a product by a query, or copy it straight into the tables."""
    for write in writes:
        if write.version % 2:
            Product.objects.filter(slug=write.fact.slug).delete()
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            for row in comet_rows(write.fact, write.version):
                _copy_row(cursor, row)


def delete_and_create(writes: Sequence[Write]) -> None:
    """Delete a product and make it again, in one transaction."""
    with transaction.atomic():
        for write in writes:
            Product.objects.filter(slug=write.fact.slug).delete()
            if write.version % 2 == 0:
                for row in comet_rows(write.fact, write.version):
                    row.save(force_insert=True)


def _copy_row(cursor: Any, row: Any) -> None:
    fields = [field for field in row._meta.concrete_fields if not field.generated]  # noqa: SLF001
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    columns = ", ".join(field.column for field in fields)
    with cursor.copy(f"COPY {row._meta.db_table} ({columns}) FROM STDIN") as copy:  # noqa: SLF001
        copy.write_row(values)


def truncate_and_copy(writes: Sequence[Write]) -> None:
    """Empty the table of pictures, and copy all of them back with what is new."""
    news = {write.row_id: write.value for write in writes}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalogue_productimage")
        images = list(ProductImage.objects.all())
        cursor.execute("TRUNCATE catalogue_productimage")
        with cursor.copy(
            "COPY catalogue_productimage (id, product_id, file, url, alt, position) FROM STDIN"
        ) as copy:
            for image in images:
                alt = news.get(image.pk, image.alt)
                copy.write_row((image.pk, image.product_id, image.file.name, image.url, alt, image.position))


def imported(writes: Sequence[Write]) -> None:
    """Import a catalogue that names the products anew; what it changed is warmed by a worker."""
    from torg.imports.import_catalogue import import_catalogue

    lines: list[dict[str, Any]] = [
        {"type": "torg-catalogue", "version": 1, "currency": settings.TORG_CURRENCY}
    ]
    for write in writes:
        product = Product.objects.get(pk=write.row_id)
        variants = [{"sku": variant.sku, "price": str(variant.price)} for variant in product.variants.all()]
        known = {"slug": product.slug, "sku": product.sku, "price": str(product.price), "variants": variants}
        lines.append({"type": "product", "name": write.value, **known})
    with TemporaryDirectory() as folder:
        source = Path(folder) / "catalogue.jsonl"
        source.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        summary = import_catalogue(source)
    if summary.refusals:
        raise ValueError(str(summary.refusals))


def in_a_job(writes: Sequence[Write]) -> None:
    """Have a worker write, and wait until it has."""
    from torg.cli.prove.tasks import await_job, write_name

    for write in writes:
        await_job(write_name.defer(slug=write.fact.slug, version=write.version))


_SEVERAL_KINDS = ("name", "price", "attribute", "variant_price", "category_name")
_WAYS = (
    Way(save, 8),
    Way(save_fields),
    Way(update, 8),
    Way(bulk_update, takes="same"),
    Way(raw_autocommit, 8),
    Way(raw_atomic, 4, "any"),
    Way(executemany, 2, "same"),
    Way(raw_begin_commit, 2, "any"),
    Way(without_autocommit, 2, "any"),
    Way(nested_atomic, 4, "any"),
    Way(savepoint_rolled_back, 4, "any", _SEVERAL_KINDS),
    Way(rolled_back, 4, "any", _SEVERAL_KINDS),
    Way(long_transaction, 1, "any"),
    Way(copied_and_joined, 3, "any"),
    Way(delete_or_create, 4, "one", ("comet",)),
    Way(delete_or_copy, 4, "one", ("comet",)),
    Way(delete_and_create, 2, "one", ("comet",)),
    Way(truncate_and_copy, 2, "same", ("alt",)),
    Way(imported, 1, "same", ("name",)),
    Way(in_a_job, 3, "one", ("name",)),
)
WAYS = dict(zip(ROADS, _WAYS, strict=True))
