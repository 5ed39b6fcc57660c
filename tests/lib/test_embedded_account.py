"""PostgreSQL's account passes by the permissions of directories, and has no other right of root's."""

import subprocess
import sys
from pathlib import Path

import pytest

from torg.lib.embedded.account import as_owner_of, give_to_nobody, is_root


@pytest.fixture
def closed_directory(tmp_path: Path) -> Path:
    """Return a directory that PostgreSQL's account owns, below one that is closed to it."""
    tmp_path.chmod(0o700)
    directory = tmp_path / "cluster"
    directory.mkdir(mode=0o700)
    if is_root():
        give_to_nobody(directory)
    return directory


def say(directory: Path, expression: str) -> str:
    """Return what ``expression`` is for a process of that account."""
    code = f"import os, re, sys; path = sys.argv[1]; print({expression})"
    command = as_owner_of(directory, [sys.executable, "-c", code, str(directory)])
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_it_reaches_what_lies_below_a_closed_directory(closed_directory):
    program = closed_directory / "program"
    program.touch(mode=0o755)
    assert say(closed_directory, "os.access(path + '/program', os.X_OK)") == "True"
    assert say(closed_directory, "os.listdir(path)") == "['program']"


def test_it_is_not_root_and_keeps_one_right_at_most(closed_directory):
    assert say(closed_directory, "os.getuid()") == str(closed_directory.stat().st_uid) != "0"
    effective = say(closed_directory, "re.search('CapEff:.(.*)', open('/proc/self/status').read())[1]")
    assert int(effective, 16) == (1 << 1 if is_root() else 0)  # CAP_DAC_OVERRIDE
