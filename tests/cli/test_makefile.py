"""``make`` makes its virtual environment, also where an earlier attempt was interrupted."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKE = shutil.which("make")
MAKEFILE = Path(__file__).parents[2] / "Makefile"

# Stands for Python outside (python3.13), inside (.venv/bin/python) and for uv; says who was asked for what.
STAND_IN = """#!/bin/sh
echo "$0 $*" >> asked
case "$*" in
  "-m venv "*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  "-m pip install "*) cp "$0" .venv/bin/uv ;;
esac
"""
WITHOUT_PIP = """#!/bin/sh
echo "$0 $*" >> asked
exit 1
"""

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "programs").mkdir()
    for name in ("sh", "cp", "mkdir", "touch"):
        (tmp_path / "programs" / name).symlink_to(shutil.which(name))
    add_program(tmp_path / "programs" / "python3.13", STAND_IN)
    shutil.copy(MAKEFILE, tmp_path)
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).touch()
    return tmp_path


def add_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def make(project):
    """Make the environment without uv on the PATH; return the commands that were asked for it."""
    finished = subprocess.run(
        [MAKE, ".venv/ready"],
        cwd=project,
        env={"PATH": str(project / "programs"), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return (project / "asked").read_text()


def test_an_environment_is_made_where_there_is_none(project):
    asked = make(project)
    assert "python3.13 -m venv " in asked
    assert ".venv/bin/uv sync --frozen" in asked
    assert (project / ".venv" / "ready").exists()


def test_a_half_made_environment_without_pip_is_made_anew(project):
    add_program(project / ".venv" / "bin" / "python", WITHOUT_PIP)
    asked = make(project)
    assert "python3.13 -m venv --clear .venv" in asked
    assert ".venv/bin/uv sync --frozen" in asked
    assert (project / ".venv" / "ready").exists()


def test_an_environment_with_pip_is_kept(project):
    add_program(project / ".venv" / "bin" / "python", STAND_IN)
    asked = make(project)
    assert "-m venv" not in asked
    assert ".venv/bin/uv sync --frozen" in asked
