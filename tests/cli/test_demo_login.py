"""The password of the demo's superuser: made once, kept whole."""

import stat

import pytest

from torg.cli.first_run import _kept_password


def test_a_password_is_made_once_and_readable_for_us_alone(tmp_path):
    path = tmp_path / "demo-login"
    password = _kept_password(path)
    assert len(password) == 16
    assert path.read_text() == password
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _kept_password(path) == password
    assert [each.name for each in tmp_path.iterdir()] == ["demo-login"]


@pytest.mark.parametrize("left", ["demo-login", "demo-login.new"])
def test_an_empty_file_that_a_kill_left_is_no_password(tmp_path, left):
    (tmp_path / left).touch(mode=0o644)
    path = tmp_path / "demo-login"
    password = _kept_password(path)
    assert len(password) == 16
    assert _kept_password(path) == password
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["demo-login"]
