"""As it is deployed Torg is safe: Django's own checks say so, and its logs are for machines and tell no secrets."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

KEY = "kR7_zX2-" * 8
PRODUCTION = {
    "DATABASE_URL": "postgresql://torg:hunter2@127.0.0.1:1/shop",
    "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0",
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "shop.example",
    "CSRF_TRUSTED_ORIGINS": "https://shop.example",
    "BEHIND_PROXY": "1",
}


def python(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with Torg's own settings and nothing of the tests' environment."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    environment = {
        "DJANGO_SETTINGS_MODULE": "torg.config.settings",
        "TORG_DATA_DIR": str(tmp_path / "data"),
        "COLUMNS": "200",
        **variables,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_deployment_checks_have_nothing_to_say(tmp_path):
    finished = python(tmp_path, "-m", "django", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (finished.returncode, finished.stderr) == (0, "")
    # Those that are silenced have their reasons in the settings, and no others may join them in silence.
    assert finished.stdout == "System check identified no issues (3 silenced).\n"


def test_the_deployment_checks_would_find_a_fault(tmp_path):
    finished = python(
        tmp_path, "-m", "django", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, DEBUG="1"
    )
    assert finished.returncode == 1
    assert "security.W018" in finished.stderr


def test_what_a_database_url_asks_for_is_asked_of_the_database(tmp_path):
    url = "postgresql://u@h/shop?sslmode=verify-full&target_session_attrs=read-write"
    code = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    finished = python(tmp_path, "-c", code, **{**PRODUCTION, "DATABASE_URL": url})
    assert "'sslmode': 'verify-full', 'target_session_attrs': 'read-write'" in finished.stdout
    assert "'pool': {" in finished.stdout


def test_debug_is_off_unless_it_is_asked_for(tmp_path):
    code = "from django.conf import settings; print(settings.DEBUG)"
    assert python(tmp_path, "-c", code).stdout == "False\n"
    assert python(tmp_path, "-c", code, **PRODUCTION).stdout == "False\n"
    assert python(tmp_path, "-c", code, DEBUG="1").stdout == "True\n"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"PORT": "http"}, "PORT: 'http' is not a whole number from 1 to 65535."),
        (
            {"DATABASE_URL": "mysql://h/shop"},
            "DATABASE_URL: its value is not a URL that begins with postgresql://",
        ),
        ({"DATABASE_URL": PRODUCTION["DATABASE_URL"]}, "SECRET_KEY: is required with DATABASE_URL."),
        ({**PRODUCTION, "SECRET_KEY": "short"}, "SECRET_KEY: needs at least 50 characters"),
    ],
)
def test_a_wrong_setting_stops_check_with_one_line(tmp_path, variables, words):
    finished = python(tmp_path, "-m", "torg.cli.main", "check", **variables)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert words in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "data" / "postgresql").exists()


def test_check_names_servers_that_are_away_and_keeps_their_passwords(tmp_path):
    finished = python(tmp_path, "-m", "torg.cli.main", "check", **PRODUCTION)
    printed = finished.stdout + finished.stderr
    assert finished.returncode == 1
    assert "wrong  PostgreSQL: PostgreSQL cannot be reached: " in printed
    assert "wrong  Redis: Redis cannot be used: " in printed
    assert "ok     deployment" in printed
    assert "Traceback" not in printed
    assert "hunter2" not in printed


FAIL = """
import logging, django, structlog
django.setup()

def pay(card):
    iban = "DE02" + card
    raise RuntimeError("no")

structlog.contextvars.bind_contextvars(request_id="order-42")
try:
    pay("4111111111111111")
except RuntimeError:
    structlog.get_logger("torg.api").error("failed", order=7, exc_info=True)
    logging.getLogger("somebody.else").exception("failed %s", "too")
logging.getLogger("somebody.else").info("kept")
logging.getLogger("somebody.else").debug("left out")
"""


def test_logs_are_json_a_line_each_without_the_values_of_variables(tmp_path):
    finished = python(tmp_path, "-c", FAIL, **PRODUCTION)
    assert (finished.returncode, finished.stdout) == (0, "")
    ours, others, kept = (json.loads(line) for line in finished.stderr.splitlines())
    assert (ours["event"], ours["order"], ours["logger"]) == ("failed", 7, "torg.api")
    assert (others["event"], others["logger"]) == ("failed too", "somebody.else")
    assert kept["event"] == "kept"
    for line in (ours, others, kept):
        assert line["request_id"] == "order-42"
        assert line["timestamp"].endswith("Z")
    for line in (ours, others):
        assert line["level"] == "error"
        (exception,) = line["exception"]
        assert (exception["exc_type"], exception["exc_value"]) == ("RuntimeError", "no")
        assert [frame["name"] for frame in exception["frames"]] == ["<module>", "pay"]
        assert not any(frame.get("locals") for frame in exception["frames"])
    assert "4111111111111111" not in finished.stderr
    assert "DE024111" not in finished.stderr


def test_the_level_of_the_log_is_a_setting(tmp_path):
    levels = (
        "import logging, django; django.setup(); log = logging.getLogger('x'); log.info('i'); log.error('e')"
    )
    shown = python(tmp_path, "-c", levels, LOG_LEVEL="ERROR").stderr.splitlines()
    assert [json.loads(line)["event"] for line in shown] == ["e"]


def test_the_tests_run_on_the_settings_that_are_deployed():
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.SECURE_HSTS_SECONDS >= 365 * 86_400
    assert not settings.LOGGING_CONFIG
    assert logging.getLogger("django.request").level == logging.ERROR
