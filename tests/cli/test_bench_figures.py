"""The table of ``torg bench`` and its JSON."""

import json
from io import StringIO

import pytest
from rich.console import Console

from torg.cli.bench.constant import BODY
from torg.cli.bench.figures import Line, at_least, at_most, print_table, write_json
from torg.cli.bench.other_work import import_lines

PAGE = Line(work="page", figure=1234.5, unit="requests/s", ratio=0.25, goal=at_least(0.2, "≥ 1/5 U"))
DEEP = Line(work="deep", figure=5.5, unit="ms", ratio=1.3, ratio_unit="x", goal=at_most(1.2, "≤ 1.2 x"))
START = Line(work="start", figure=1.5, unit="s", goal=at_most(5, "≤ 5 s"))
SKIPPED = Line(work="import", figure=None, unit="skipped: no file", goal=at_least(3000, "≥ 3,000/s"))
WITHOUT_GOAL = Line(work="other", figure=7, unit="s")


@pytest.mark.parametrize(
    ("line", "holds"), [(PAGE, True), (DEEP, False), (START, True), (SKIPPED, None), (WITHOUT_GOAL, None)]
)
def test_a_goal_holds_by_the_ratio_where_there_is_one_else_by_the_figure(line, holds):
    assert line.holds is holds


def test_a_figure_that_meets_its_goal_exactly_holds():
    assert Line(work="w", figure=3000, unit="/s", goal=at_least(3000, "")).holds is True
    assert Line(work="w", figure=0, unit="", goal=at_most(0, "")).holds is True


def test_the_table_has_a_row_for_each_line():
    output = StringIO()
    print_table([PAGE, DEEP, SKIPPED], Console(file=output, width=120), title="U = 3,000 requests/s")

    rows = [
        [cell.strip() for cell in line.strip("│\n").split("│")] for line in output.getvalue().splitlines()
    ]
    assert rows[0] == ["U = 3,000 requests/s"]
    assert rows[4:7] == [
        ["page", "1,234 requests/s", "0.25 U", "≥ 1/5 U", "yes"],
        ["deep", "5.50 ms", "1.30 x", "≤ 1.2 x", "no"],
        ["import", "skipped: no file", "", "≥ 3,000/s", ""],
    ]


def test_counts_have_no_fraction_and_notes_stand_below_the_work():
    output = StringIO()
    line = Line(work="stale reads", figure=0, unit="reads", note="of 3,200")
    print_table([line], Console(file=output, width=120), title="U")

    rows = [[cell.strip() for cell in row.strip("│\n").split("│")] for row in output.getvalue().splitlines()]
    assert rows[4][:2] == ["stale reads", "0 reads"]
    assert rows[5][:2] == ["of 3,200", ""]


def test_the_json_says_the_same(tmp_path):
    path = tmp_path / "made" / "bench.json"

    write_json([PAGE, SKIPPED], path, unit=3000.0, client="wrk")

    assert json.loads(path.read_text()) == {
        "unit": 3000.0,
        "client": "wrk",
        "lines": [
            {
                "work": "page",
                "figure": 1234.5,
                "unit": "requests/s",
                "ratio": 0.25,
                "ratio_unit": "U",
                "goal": "≥ 1/5 U",
                "holds": True,
                "note": "",
            },
            {
                "work": "import",
                "figure": None,
                "unit": "skipped: no file",
                "ratio": None,
                "ratio_unit": "U",
                "goal": "≥ 3,000/s",
                "holds": None,
                "note": "",
            },
        ],
    }


def test_a_catalogue_that_is_not_there_is_skipped_with_the_reason(tmp_path):
    lines = list(import_lines(tmp_path, tmp_path / "electronics.csv.gz"))

    assert [(line.figure, line.unit) for line in lines] == [
        (None, f"skipped: no {tmp_path}/electronics.csv.gz")
    ]


def test_the_unit_is_a_kilobyte():
    assert len(BODY) == 1024
    assert json.loads(BODY)
