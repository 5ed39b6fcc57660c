"""A shop for each test: migrated, empty, and nobody else's."""

import shutil
from pathlib import Path

import pytest

from tests.cli.commands import free_port, kill_all, run


@pytest.fixture(scope="session")
def migrated_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("shop") / "data"
    assert run(data_dir, "migrate")[0] == 0
    (data_dir / "demo-shop").touch()  # as if it had been filled
    return data_dir


@pytest.fixture
def data_dir(migrated_data_dir: Path, tmp_path: Path):
    copy = tmp_path / "data"
    shutil.copytree(migrated_data_dir, copy, ignore=shutil.ignore_patterns("*.sock"))
    yield copy
    kill_all(copy)


@pytest.fixture
def port() -> int:
    return free_port()
