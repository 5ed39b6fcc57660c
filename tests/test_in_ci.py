"""The hooks of CI do what they are there for, tried on faults that are planted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def run(tmp_path: Path, tests: str, *options: str, **environment: str) -> tuple[int, list[str]]:
    """Run pytest on ``tests`` in a process of its own; return its exit status and the lines it printed."""
    (tmp_path / "test_planted.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "DATABASE_URL"}}
    plugins = ["-p", "tests.in_ci", "-p", "no:django", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *options, str(tmp_path)],
        env={**kept, "PYTHONPATH": str(REPOSITORY), **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout.splitlines()


SKIPS = """
import pytest

def test_passes():
    pass

@pytest.mark.skipif(True, reason="no browser")
def test_of_the_page():
    pass

def test_of_the_file():
    pytest.skip("no file")
"""


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "parallel"])
def test_a_skip_fails_the_run_in_ci_and_is_named(tmp_path, options):
    status, lines = run(tmp_path, SKIPS, *options, CI="true")
    assert status == 1
    assert "test_planted.py::test_of_the_page: Skipped: no browser" in lines
    assert "test_planted.py::test_of_the_file: Skipped: no file" in lines
    assert "1 passed, 2 skipped" in lines[-1]


def test_a_skipped_file_fails_the_run_in_ci_and_is_named(tmp_path):
    status, lines = run(
        tmp_path, "import pytest\npytest.skip('no library', allow_module_level=True)", CI="true"
    )
    assert status != 0
    assert "test_planted.py: Skipped: no library" in lines


def test_a_skip_is_nothing_to_fail_for_elsewhere(tmp_path):
    status, lines = run(tmp_path, SKIPS)
    assert status == 0
    assert "1 passed, 2 skipped" in lines[-1]


def test_a_run_in_ci_that_skips_nothing_passes(tmp_path):
    status, lines = run(tmp_path, "def test_passes(): pass", CI="true")
    assert status == 0
    assert "1 passed" in lines[-1]


def test_a_failure_stays_a_failure_in_ci(tmp_path):
    status, lines = run(tmp_path, SKIPS + "\ndef test_fails(): assert False\n", CI="true")
    assert status == 1
    assert "1 failed, 1 passed, 2 skipped" in lines[-1]


EMBEDDED = """
import pytest

@pytest.mark.embedded
def test_of_the_embedded(): pass

def test_of_any(): pass
"""


def test_what_is_of_the_embedded_servers_is_left_out_beside_own_ones_and_is_no_skip(tmp_path):
    status, lines = run(tmp_path, EMBEDDED, CI="true", DATABASE_URL="postgresql://elsewhere/torg")
    assert status == 0
    assert "1 passed, 1 deselected" in lines[-1]
    status, lines = run(tmp_path, EMBEDDED, CI="true")
    assert status == 0
    assert "2 passed" in lines[-1]
