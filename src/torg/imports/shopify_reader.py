"""A Shopify CSV read as products: rows of one handle that stand together are one product."""

import re
from collections.abc import Iterator

from torg.imports.columns import Columns
from torg.imports.drafts import NotAcceptable, Offered, Refusal, Rejected, SourceRow
from torg.imports.records import RecordReader
from torg.imports.shopify_product import Rules, product_from, slug_of_handle
from torg.imports.values import MOST_VARIANTS

_MOST_CHARACTERS = 8 * 1024 * 1024
_PLAUSIBLE_HANDLE = re.compile(r"[a-z0-9_]+(?:-[a-z0-9_]+)*")


def read_shopify(records: RecordReader, rules: Rules) -> Iterator[Offered | Rejected]:
    """Read the products of a Shopify CSV, each offered whole or rejected whole."""
    columns = Columns(records.header)
    for rows, is_rest in _grouped(records, columns):
        if is_rest:
            yield Rejected(rows, [_too_much(rows)], is_product=False)
        elif len(rows) > MOST_VARIANTS or _size(rows) > _MOST_CHARACTERS:
            yield Rejected(rows, [_too_much(rows)])
        elif refusals := _refusals_of_rows(rows, columns):
            yield Rejected(rows, refusals)
        else:
            yield _offered_or_rejected(rows, columns, rules)


def _offered_or_rejected(rows: list[SourceRow], columns: Columns, rules: Rules) -> Offered | Rejected:
    try:
        return Offered(product_from(rows, columns, rules), rows)
    except NotAcceptable as error:
        return Rejected(rows, [error.refusal(rows[0].line)])


def _grouped(records: RecordReader, columns: Columns) -> Iterator[tuple[list[SourceRow], bool]]:
    """Give the rows of each product, and whether they are the rest of one that was too large to hold."""
    rows: list[SourceRow] = []
    slug, size, is_rest = "", 0, False
    for row in records:
        row_slug = _slug_of(row, columns)
        belongs = row_slug == slug if row_slug else bool(row.problem and rows and rows[-1].problem)
        is_full = len(rows) > MOST_VARIANTS or size > _MOST_CHARACTERS
        if rows and (not belongs or is_full):
            yield rows, is_rest
            rows, size, is_rest = [], 0, belongs and is_full
        if not rows:
            slug = row_slug
        rows.append(row)
        size += _size([row])
    if rows:
        yield rows, is_rest


def _slug_of(row: SourceRow, columns: Columns) -> str:
    handle = columns.text(row, "handle")
    # Of a broken line only what looks like a handle is one; else it is taken for the rest of the line before.
    if row.problem and (len(row.fields) < 2 or not _PLAUSIBLE_HANDLE.fullmatch(handle)):
        return ""
    return slug_of_handle(handle)


def _size(rows: list[SourceRow]) -> int:
    return sum(len(value) for row in rows for value in row.fields)


def _too_much(rows: list[SourceRow]) -> Refusal:
    reason = f"has more than {MOST_VARIANTS} rows or {_MOST_CHARACTERS} characters"
    return Refusal(rows[0].line, "Handle", rows[0].fields[0], reason)


def _refusals_of_rows(rows: list[SourceRow], columns: Columns) -> list[Refusal]:
    """Say which rows could not be read, or stand without a handle."""
    refusals = []
    for row in rows:
        if row.problem:
            title, value = _place(row, columns)
            refusals.append(Refusal(row.line, title, value, row.problem))
        elif not columns.text(row, "handle"):
            refusals.append(Refusal(row.line, "Handle", "", "is empty"))
    return refusals


def _place(row: SourceRow, columns: Columns) -> tuple[str, str]:
    if row.problem_index is None:
        return "", ",".join(row.fields)
    return columns.header[row.problem_index], row.fields[row.problem_index]
