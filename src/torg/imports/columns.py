"""Where a Shopify CSV keeps what; both namings that Shopify has used are known, others are passed over."""

from collections.abc import Callable
from typing import TypeVar

from torg.imports.drafts import NotAcceptable, SourceRow

T = TypeVar("T")

_LATER_NAMES = {
    "url handle": "handle",
    "description": "body (html)",
    "published on online store": "published",
    "sku": "variant sku",
    "price": "variant price",
    "compare-at price": "variant compare at price",
    "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty",
    "product image url": "image src",
}


class Columns:
    """The columns of one file, found by their name in lower case."""

    def __init__(self, header: list[str]) -> None:
        self.header = header
        self._indexes: dict[str, int] = {}
        for index, title in enumerate(header):
            name = title.strip().casefold()
            self._indexes.setdefault(_LATER_NAMES.get(name, name), index)

    def __contains__(self, name: str) -> bool:
        return name in self._indexes

    def text(self, row: SourceRow, name: str) -> str:
        """Return what the row holds there, stripped; nothing where the file has no such column."""
        index = self._indexes.get(name)
        return "" if index is None or index >= len(row.fields) else row.fields[index].strip()

    def read(self, row: SourceRow, name: str, parse: Callable[[str], T]) -> T:
        """Return what the row holds there as ``parse`` reads it, or raise ``NotAcceptable``."""
        text = self.text(row, name)
        try:
            return parse(text)
        except ValueError as error:
            raise self.refused(row, name, str(error)) from error

    def refused(self, row: SourceRow, name: str, reason: str) -> NotAcceptable:
        """Make the error that says what is wrong there."""
        index = self._indexes.get(name)
        title = name if index is None else self.header[index]
        return NotAcceptable(title, self.text(row, name), reason, row.line)
