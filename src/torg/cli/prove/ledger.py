"""What writers have acknowledged, in memory that all processes share: nothing else of theirs tells readers anything.

Each fact has cells of eight bytes: the highest version that was attempted, and of the last versions when each was
acknowledged. One process writes the cells of a fact, any number read them.
"""

import mmap
import time
from collections.abc import Sequence
from pathlib import Path

REMEMBERED = 128
_HEADER = 64
_BYTES = 8
_NEVER = float("inf")
_WORKS, _RESTS = 1.0, 2.0


class Ledger:
    """The cells of ``facts`` facts, and some of the run itself."""

    def __init__(self, path: Path, facts: int) -> None:
        self.facts = facts
        self._size = (_HEADER + facts * (1 + REMEMBERED)) * _BYTES
        if not path.exists():
            path.write_bytes(bytes(self._size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), self._size)
        view = memoryview(self._memory)
        self._header = view[: _HEADER * _BYTES].cast("d")
        middle = (_HEADER + facts) * _BYTES
        self._attempted = view[_HEADER * _BYTES : middle].cast("q")
        self._acknowledged_at = view[middle:].cast("d")

    @property
    def is_paused(self) -> bool:
        """Whether writers are to rest."""
        return self._header[0] != 0

    @is_paused.setter
    def is_paused(self, value: bool) -> None:
        self._header[0] = float(value)

    @property
    def is_over(self) -> bool:
        """Whether all are to end."""
        return self._header[1] != 0

    @is_over.setter
    def is_over(self, value: bool) -> None:
        self._header[1] = float(value)

    def has_begun(self, writer: int) -> bool:
        """Tell whether a writer is there."""
        return self._header[2 + writer] != 0

    def rests(self, writer: int) -> bool:
        """Tell whether a writer is there and has nothing under way."""
        return self._header[2 + writer] == _RESTS

    def set_rests(self, writer: int, value: bool) -> None:  # noqa: FBT001
        """Say whether a writer has nothing under way."""
        self._header[2 + writer] = _RESTS if value else _WORKS

    def attempted(self, fact: int) -> int:
        """Return the highest version that was ever attempted."""
        return self._attempted[fact]

    def all_attempted(self) -> list[int]:
        """Return the same of all facts."""
        return self._attempted.tolist()

    def attempt(self, fact: int, version: int) -> None:
        """Say that a version is about to be written."""
        self._acknowledged_at[fact * REMEMBERED + version % REMEMBERED] = _NEVER
        self._attempted[fact] = version

    def acknowledge(self, fact: int, version: int, at: float | None = None) -> None:
        """Say that from ``at`` (``time.monotonic``; now) on nobody may see what was before ``version``."""
        when = time.monotonic() if at is None else at
        self._acknowledged_at[fact * REMEMBERED + version % REMEMBERED] = when

    def acknowledged_at(self, fact: int, version: int) -> float:
        """Return when a version was acknowledged, infinity if it was not."""
        attempted = self._attempted[fact]
        if version > attempted or version <= attempted - REMEMBERED:
            return _NEVER
        return self._acknowledged_at[fact * REMEMBERED + version % REMEMBERED]

    def acknowledged(self, fact: int, at: float) -> int | None:
        """Return the highest version acknowledged before ``at``; None if that is longer ago than is remembered."""
        attempted = self._attempted[fact]
        for version in range(attempted, max(-1, attempted - REMEMBERED + 1), -1):
            if self._acknowledged_at[fact * REMEMBERED + version % REMEMBERED] < at:
                return version
        return None

    def all_acknowledged(self, at: float) -> Sequence[int | None]:
        """Return the same of all facts."""
        return [self.acknowledged(fact, at) for fact in range(self.facts)]
