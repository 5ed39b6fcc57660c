"""Counters in shared memory: what a process has counted survives its being killed."""

import mmap
from collections.abc import Sequence
from pathlib import Path


class Tallies:
    """A row of counters for each of ``processes``, named by ``names``; each process counts in its own row."""

    def __init__(self, path: Path, processes: int, names: Sequence[str]) -> None:
        self._column = {name: number for number, name in enumerate(names)}
        self._rows = processes
        size = processes * len(names) * 8
        if not path.exists():
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), size)).cast("q")

    def add(self, process: int, name: str) -> None:
        """Count one more."""
        self._cells[process * len(self._column) + self._column[name]] += 1

    def totals(self) -> dict[str, int]:
        """Return what all have counted together."""
        width = len(self._column)
        return {
            name: sum(self._cells[row * width + column] for row in range(self._rows))
            for name, column in self._column.items()
        }
