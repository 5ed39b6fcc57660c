"""CSV split into records so that one stray quote never swallows the good rows after it.

Python's ``csv`` reads on to the next quote, wherever that is. Here the physical lines of a record are
gathered while the number of quotes is odd, and a record that does not read strictly gives up its first line
only: the lines that follow are read again as records of their own.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from torg.imports.drafts import SourceRow

RECORD_LIMIT = 1024 * 1024
"""Bytes; a record that is longer is taken for one whose quote never closes."""

# In narrower files prose with commas easily has as many parts as a record; in wider ones it hardly does.
_WIDE = 8
_NARROWEST = 3
_PLAUSIBLE_KEY = re.compile(r"[\w.%+-]+")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NEVER_CLOSES = "a quote opens and never closes"


class RecordReader:
    """Reads records in memory bounded by ``limit`` bytes, and passes over empty lines.

    Iterating gives the records after the header. Bytes that are not UTF-8 are kept as lone surrogates, so
    that a refused record can be written back byte by byte.
    """

    def __init__(self, stream: BinaryIO, limit: int = RECORD_LIMIT) -> None:
        self._limit = limit
        self._stream = stream
        self._lines: deque[tuple[bytes, bool]] = deque()
        self._next_line = 1
        self._width = 0
        csv.field_size_limit(max(csv.field_size_limit(), limit))
        header = self._read_record()
        self.header = header.fields if header else []
        self.header_problem = header.problem if header else "is empty"
        self._width = len(self.header)

    def __iter__(self) -> Iterator[SourceRow]:
        while (record := self._read_record()) is not None:
            if any(record.fields) or record.problem:
                yield record

    def _read_record(self) -> SourceRow | None:
        if not self._has_line(0):
            return None
        count = self._lines_of_record()
        if count is None:
            return self._give_up_line(_NEVER_CLOSES)
        raw = b"".join(line for line, _ in islice(self._lines, count))
        text = raw.decode("utf-8", "surrogateescape")
        try:
            fields = next(csv.reader([text], strict=True), [])
        except csv.Error as error:
            return self._give_up_line(_NEVER_CLOSES if count > 1 else f"is not CSV: {error}")
        if count > 1 and self._swallows_record(count, len(fields)):
            return self._give_up_line(_NEVER_CLOSES)
        record = SourceRow(self._next_line, fields)
        self._drop_lines(count)
        self._judge(record, text)
        return record

    def _judge(self, record: SourceRow, text: str) -> None:
        if self._width and record.fields and len(record.fields) != self._width:
            record.problem = f"has {len(record.fields)} fields, the header has {self._width}"
        elif not text.isascii() and not _is_utf8(text):
            record.problem = "is not UTF-8"
            record.problem_index = next(i for i, value in enumerate(record.fields) if not _is_utf8(value))

    def _lines_of_record(self) -> int | None:
        """Count the lines until the quotes are even; ``None`` where that never happens."""
        size = count = 0
        is_open = False
        while self._has_line(count):
            line, is_odd = self._lines[count]
            size += len(line)
            count += 1
            is_open ^= is_odd
            if size > self._limit:
                return None
            if not is_open:
                return count
        return None

    def _swallows_record(self, count: int, field_count: int) -> bool:
        """Say whether two stray quotes have paired, so that it reads well but other records are in it.

        Then a later line looks like a record; and, unlike in text that only quotes some CSV, the first and
        the last line are whole records as well, if their stray quotes are taken for letters.
        """
        if self._width < _NARROWEST or not any(
            self._looks_whole(line) for line, _ in islice(self._lines, 1, count)
        ):
            return False
        if field_count != self._width:
            return True
        first_is_whole = _count_without_open_quote(self._lines[0][0]) >= self._width
        last_is_whole = len(_fields_of(self._lines[count - 1][0])) >= self._width
        if self._width < _WIDE:
            return first_is_whole and last_is_whole
        return first_is_whole or last_is_whole

    def _looks_whole(self, line: bytes) -> bool:
        if line.count(b",") < self._width - 1:
            return False
        fields = _fields_of(line)
        if len(fields) != self._width or not _PLAUSIBLE_KEY.fullmatch(fields[0]):
            return False
        return self._width >= _WIDE or not any(value[:1].isspace() for value in fields)

    def _give_up_line(self, problem: str) -> SourceRow:
        line, _ = self._lines[0]
        if len(line) > self._limit:
            problem = f"is longer than {self._limit} bytes; the rest of it is left out here"
        record = SourceRow(self._next_line, _fields_of(line), problem)
        self._drop_lines(1)
        return record

    def _drop_lines(self, count: int) -> None:
        for _ in range(count):
            self._lines.popleft()
        self._next_line += count

    def _has_line(self, index: int) -> bool:
        while len(self._lines) <= index:
            line = self._stream.readline(self._limit + 1)
            if not line:
                return False
            if len(line) > self._limit:
                self._skip_to_line_end(line)
            elif self._next_line == 1 and not self._lines:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            self._lines.append((line, line.count(b'"') % 2 == 1))
        return True

    def _skip_to_line_end(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._stream.readline(self._limit)


def _fields_of(line: bytes) -> list[str]:
    """Take a broken line apart as well as it goes."""
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n").replace("\r", " ")
    return next(csv.reader([text]), [])


def _count_without_open_quote(line: bytes) -> int:
    """Count the fields of a line whose last quote opens a field, as if that quote were not there."""
    fields = _fields_of(line)
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n").replace("\r", " ")
    opened = fields[-1].replace('"', '""') if fields else ""
    before = text[: len(text) - len(opened) - 1]
    return len(next(csv.reader([before + opened]), []))


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
