"""What was measured: the lines of the table, on the screen and as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a ratio, or a figure that has none, should reach."""

    text: str
    holds: Callable[[float], bool]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table. ``figure`` is in ``unit``; None, with the reason there, if it was skipped.

    ``note`` is what else was found, that one has to know to understand the figure.
    """

    work: str
    figure: float | None
    unit: str
    ratio: float | None = None
    ratio_unit: str = "U"
    goal: Goal | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None where there is none, or nothing was measured."""
        if self.goal is None or self.figure is None:
            return None
        return self.goal.holds(self.figure if self.ratio is None else self.ratio)

    def as_json(self) -> dict[str, Any]:
        """Return the line as an object of plain values."""
        fields = asdict(self)
        return {**fields, "goal": self.goal.text if self.goal else None, "holds": self.holds}


def at_least(share: float, text: str) -> Goal:
    """Ask for a ratio or figure of ``share`` or more."""
    return Goal(text=text, holds=lambda value: value >= share)


def at_most(share: float, text: str) -> Goal:
    """Ask for a ratio or figure of ``share`` or less."""
    return Goal(text=text, holds=lambda value: value <= share)


def print_table(lines: Sequence[Line], console: Console, *, title: str) -> None:
    """Print the lines."""
    table = Table("work", title=title, title_justify="left")
    for heading in ("figure", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("goal")
    table.add_column("holds")
    for line in lines:
        figure = line.unit if line.figure is None else f"{_rounded(line.figure)} {line.unit}"
        ratio = "" if line.ratio is None else f"{line.ratio:.2f} {line.ratio_unit}"
        answer = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[line.holds]
        work = f"{line.work}\n[dim]{line.note}[/dim]" if line.note else line.work
        table.add_row(work, figure, ratio, line.goal.text if line.goal else "", answer)
    console.print(table)


def write_json(lines: Sequence[Line], path: Path, **circumstances: Any) -> None:
    """Write the lines, and under what circumstances they were measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**circumstances, "lines": [line.as_json() for line in lines]}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 or isinstance(figure, int) else f"{figure:,.2f}"
