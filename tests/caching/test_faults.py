"""Faults on purpose, that a shop never has."""

import os
import signal
import subprocess
import sys
import time

import pytest

from torg.caching import faults


def run_with(text: str, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from torg.caching import faults; {program}"],
        env={**os.environ, "TORG_FAULTS": text},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_happens_where_no_fault_is_planned():
    began = time.monotonic()
    for point in ("committed", "built", "leased"):
        faults.at(point)

    assert time.monotonic() - began < 0.05
    assert faults.MARKS_ARE_OFF is False


def test_a_process_dies_at_its_point_and_says_where():
    done = run_with(
        "committed:die=1", "faults.at('built'); print('on'); faults.at('committed'); print('past')"
    )

    assert done.returncode == -signal.SIGKILL
    assert done.stderr == "torg.fault committed\n"


def test_faults_of_several_points_are_told_apart():
    program = "import time; t = time.monotonic(); faults.at('built'); print(time.monotonic() - t, faults.MARKS_ARE_OFF)"
    seconds, marks_are_off = run_with("built:sleep=0.1;leased:die=1;marks:off", program).stdout.split()

    assert 0.1 <= float(seconds) < 1
    assert marks_are_off == "True"


@pytest.mark.parametrize("text", ["built", "built:jump=1", "marks:on"])
def test_a_fault_that_there_is_not_is_refused(text):
    done = run_with(text, "print('on')")

    assert done.returncode == 1
    assert f"TORG_FAULTS: '{text}' is no fault" in done.stderr
