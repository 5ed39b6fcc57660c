"""A command that cannot do what was asked says why in plain lines, and exits with 1; wrong use with 2."""

import socket

import pytest

from tests.cli.commands import Command, run, torg_processes
from tests.lib.embedded_users import query
from torg.lib.embedded import running

pytestmark = pytest.mark.embedded


def assert_refused(result: tuple[int, str], *words: str) -> None:
    status, printed = result
    assert status == 1, printed
    assert "Traceback" not in printed
    for each in words:
        assert each in printed


@pytest.mark.parametrize("command", ["up", "check"])
def test_wrong_settings_are_named_all_at_once(data_dir, command):
    result = run(data_dir, command, PORT="http", CURRENCY="shells")
    assert_refused(result, "PORT: 'http' is not a whole number", "CURRENCY: 'shells' is not one of")
    assert len(result[1].splitlines()) == 2


@pytest.mark.parametrize("command", ["up", "web"])
def test_a_taken_port_is_named_with_another_to_choose(data_dir, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(data_dir, command, PORT=str(port))
        assert_refused(
            result, f"Port {port} of 127.0.0.1 cannot be used: Address already in use.", f"PORT={port + 1}"
        )
    assert torg_processes(data_dir) == []


def test_an_older_schema_is_refused_and_not_changed(tmp_path):
    data_dir = tmp_path / "data"
    with running(data_dir):
        assert_refused(run(data_dir, "web"), "Run: torg migrate")
        assert_refused(run(data_dir, "worker"), "Run: torg migrate")
        assert query(data_dir, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_newer_schema_is_refused_by_all_and_by_check(data_dir):
    with running(data_dir):
        values = "'catalogue', '9999_from_tomorrow', now()"
        query(data_dir, f"INSERT INTO django_migrations (app, name, applied) VALUES ({values})")
        for command in ("up", "migrate", "check"):
            assert_refused(run(data_dir, command), "migrated by a newer Torg", "catalogue.9999_from_tomorrow")


def test_a_damaged_cluster_is_told_in_one_line(data_dir):
    (data_dir / "postgresql" / "PG_VERSION").unlink()
    result = run(data_dir, "up")
    assert_refused(result, "is damaged: it has no PG_VERSION")
    assert len(result[1].splitlines()) == 1


def test_an_embedded_database_that_is_gone_is_not_blamed_on_a_variable(data_dir):
    cluster = data_dir / "postgresql"
    database = max((cluster / "base").iterdir(), key=lambda path: int(path.name))  # the youngest is ours
    database.rename(cluster / "saved")
    result = run(data_dir, "migrate")
    assert_refused(
        result,
        "PostgreSQL cannot be reached: ",
        f"If {cluster} is damaged: Put a backup in its place",
        f"mv {cluster} {cluster}.damaged",
    )
    assert "DATABASE_URL" not in result[1]
    assert len(result[1].splitlines()) == 1
    assert (cluster / "saved").is_dir()
    assert not database.exists()


def test_a_database_that_does_not_answer_is_told_in_one_line(data_dir):
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    result = run(data_dir, "migrate", DATABASE_URL=url, SECRET_KEY="0123456789abcdef" * 4)
    assert_refused(result, "PostgreSQL cannot be reached: ", "Look at DATABASE_URL.")
    assert len(result[1].splitlines()) == 1


def test_an_unusable_data_directory_is_told_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    result = run(tmp_path / "file" / "data", "up", SECRET_KEY="0123456789abcdef" * 4)
    assert_refused(result, "Not a directory", "TORG_DATA_DIR")


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--nonsense"], ["web", "--port", "0"]])
def test_wrong_use_exits_with_two(data_dir, arguments):
    assert run(data_dir, *arguments)[0] == 2


@pytest.mark.parametrize("command", ["up", "web"])
def test_a_command_has_help_with_an_example(data_dir, command):
    status, printed = run(data_dir, command, "--help")
    assert status == 0
    assert f"torg {command}" in printed.split("Usage:")[1].split("\n", 1)[1]


def test_manage_passes_everything_on_to_django(data_dir):
    status, printed = run(data_dir, "manage", "showmigrations", "catalogue", "--plan")
    assert status == 0
    assert "[X]  catalogue.0001_initial" in printed
    status, printed = run(data_dir, "manage", "nonsense")
    assert status == 1
    assert "Unknown command: 'nonsense'" in printed


def test_two_migrate_at_the_same_time_and_both_succeed(tmp_path):
    both = [Command(tmp_path / "data", "migrate") for _ in range(2)]
    assert [command.exit_status() for command in both] == [0, 0], [command.printed for command in both]
    assert any("Applied" in command.printed for command in both)
