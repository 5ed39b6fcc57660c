"""The file a catalogue comes in: packed or not, CSV or JSONL."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, cast

FileFormat = Literal["shopify", "torg"]

_GZIP = b"\x1f\x8b"
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


class CatalogueRefused(Exception):
    """The file as a whole cannot be imported; the message says why and what to do.

    What was imported before the reason was met stays; importing again goes on from there.
    """


class Source:
    """An open catalogue: its bytes unpacked, and how far the file itself was read."""

    def __init__(self, raw: BinaryIO, stream: BinaryIO, size: int) -> None:
        self._raw = raw
        self.stream = stream
        self.size = size

    @property
    def position(self) -> int:
        """How many of the file's ``size`` bytes were read, packed ones where it is packed."""
        return self._raw.tell()


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open ``path``, gzip or plain; raise ``CatalogueRefused`` if it cannot be read, now or in the block."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise CatalogueRefused(
                f"{path} is not a regular file; write the catalogue to one and import that."
            )
        raw = path.open("rb")
    except OSError as error:
        raise CatalogueRefused(f"{path} cannot be read: {error.strerror}") from error
    with raw:
        try:
            is_packed = raw.peek(2)[:2] == _GZIP
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if is_packed else raw
            _ensure_utf8(beginning_of(stream))
            yield Source(raw, stream, path.stat().st_size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CatalogueRefused(f"{path} is damaged: {error}") from error


def format_of(stream: BinaryIO) -> FileFormat:
    """Tell the format by how the file begins: JSONL has an object in each line."""
    beginning = beginning_of(stream).removeprefix(b"\xef\xbb\xbf").lstrip()
    return "torg" if beginning.startswith((b"{", b"json,rejected_line")) else "shopify"


def beginning_of(stream: BinaryIO) -> bytes:
    """Look at the first bytes without reading them."""
    return cast("bytes", stream.peek(64))  # type: ignore[attr-defined]


def _ensure_utf8(beginning: bytes) -> None:
    if not beginning:
        raise CatalogueRefused("The file is empty.")
    for mark, name in _OTHER_ENCODINGS.items():
        if beginning.startswith(mark):
            raise CatalogueRefused(f"The file is {name}, not UTF-8. Save it as CSV UTF-8 and import that.")
