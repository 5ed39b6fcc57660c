"""The file of refused rows: mended, it can be imported as it is."""

import csv
import os
from pathlib import Path
from typing import TextIO

from torg.imports.drafts import Refusal, SourceRow
from torg.imports.records import RECORD_LIMIT
from torg.imports.source import CatalogueRefused
from torg.imports.values import shortened

COLUMNS = ["rejected_line", "rejected_column", "rejected_value", "rejected_reason"]


def ensure_may_be_replaced(path: Path, source: Path) -> None:
    """Raise ``CatalogueRefused`` if refused rows at ``path`` would take the place of anything but such rows."""
    try:
        if path.is_dir():
            raise CatalogueRefused(f"{path} is a folder; name a file for refused rows.")
        if not path.exists():
            return
        if path.samefile(source):
            raise CatalogueRefused(f"{path} is the catalogue itself; name another file for refused rows.")
        if not path.is_file() or not _holds_refused_rows(path):
            raise CatalogueRefused(f"{path} is there and holds no refused rows; name another file for them.")
    except OSError as error:
        raise CatalogueRefused(f"{path} cannot be read: {error.strerror}") from error


def _holds_refused_rows(path: Path) -> bool:
    with path.open("rb") as stream:
        header = stream.readline(RECORD_LIMIT)
    return not header or header.rstrip(b"\r\n").endswith(",".join(COLUMNS).encode())


def place_beside(source: Path) -> Path:
    """Name the file for what is refused of ``source``: beside it, or here where that folder is read-only."""
    folder = source.parent if os.access(source.parent, os.W_OK) else Path.cwd()
    return folder / f"{source.name}.rejected.csv"


class RejectedFile:
    """Writes refused rows with the reasons, under the header of the original; there is no file without rows.

    It takes its place at the end, so there is never half of one. Bytes that are not UTF-8 come out as they
    came in, and rows with too few or too many fields keep them, so only mending makes them acceptable.
    """

    def __init__(self, path: Path, header: list[str]) -> None:
        self.path = path
        self.count = 0
        self._header = [title for title in header if title not in COLUMNS]
        self._width = len(header)
        self._kept = [index for index, title in enumerate(header) if title not in COLUMNS]
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._stream: TextIO | None = None

    def write(self, rows: list[SourceRow], refusals: list[Refusal]) -> None:
        """Add the rows of one product; a row without a refusal of its own names the first one's."""
        stream = self._opened()
        writer = csv.writer(stream, lineterminator="\n")
        by_line = {refusal.line: refusal for refusal in refusals}
        first = refusals[0]
        along = Refusal(first.line, first.column, first.value, f"its product is refused: {first.reason}")
        for row in rows:
            refusal = by_line.get(row.line, along)
            writer.writerow(
                [*self._fields(row), refusal.line, refusal.column, shortened(refusal.value), refusal.reason]
            )
        self.count += len(rows)

    def _fields(self, row: SourceRow) -> list[str]:
        if len(row.fields) != self._width:
            return row.fields
        return [row.fields[index] for index in self._kept]

    def _opened(self) -> TextIO:
        if self._stream is None:
            try:
                self._stream = self._draft.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            except OSError as error:
                raise CatalogueRefused(f"{self.path} cannot be written: {error.strerror}") from error
            csv.writer(self._stream, lineterminator="\n").writerow([*self._header, *COLUMNS])
        return self._stream

    def finish(self) -> None:
        """Put the file into its place, or remove an old one if nothing was refused."""
        try:
            if self._stream is None:
                self.path.unlink(missing_ok=True)
            else:
                self._stream.close()
                self._draft.replace(self.path)
        except OSError as error:
            raise CatalogueRefused(f"{self.path} cannot be written: {error.strerror}") from error

    def abandon(self) -> None:
        """Leave an old file as it is, for a run that did not come to its end."""
        if self._stream is not None and not self._stream.closed:
            self._stream.close()
            self._draft.unlink(missing_ok=True)
