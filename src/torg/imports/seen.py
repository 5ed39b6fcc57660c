"""What a file has told of already, in bounded memory."""

from array import array
from hashlib import blake2b


class SeenKeys:
    """Remembers in which line each key was first seen: 12 bytes a key, at most two thirds full.

    A million products with their SKUs and variants take about 50 MB. Keys are told apart by 64 bits of a
    digest: of four million files with three million keys each, one has two that are taken for the same.
    """

    def __init__(self) -> None:
        self._count = 0
        self._keys = array("Q", bytes(8 * 1024))
        self._lines = array("I", bytes(4 * 1024))

    def line_of(self, key: str) -> int | None:
        """Return the line in which ``key`` was seen, counted from 1."""
        # A key that is not there has the line 0, as one that was forgotten has.
        return self._lines[self._index(_number_of(key))] or None

    def remember(self, key: str, line: int) -> None:
        """Note that ``key`` was seen in ``line``."""
        number = _number_of(key)
        index = self._index(number)
        self._count += not self._keys[index]
        self._keys[index], self._lines[index] = number, line
        if self._count * 3 > len(self._keys) * 2:
            self._grow()

    def forget(self, key: str) -> None:
        """Take ``key`` for one that was not seen."""
        self._lines[self._index(_number_of(key))] = 0

    def _index(self, number: int) -> int:
        mask = len(self._keys) - 1
        index = number & mask
        while self._keys[index] and self._keys[index] != number:
            index = (index + 1) & mask
        return index

    def _grow(self) -> None:
        keys, lines = self._keys, self._lines
        self._keys = array("Q", bytes(16 * len(keys)))
        self._lines = array("I", bytes(8 * len(lines)))
        for number, line in zip(keys, lines, strict=True):
            if number:
                index = self._index(number)
                self._keys[index], self._lines[index] = number, line


def _number_of(key: str) -> int:
    digest = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
