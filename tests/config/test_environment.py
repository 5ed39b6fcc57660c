"""Settings come from the environment, each with a default; wrong ones are told all at once."""

import os
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from torg.config.environment import WrongSetting, read_environment
from torg.lib.embedded import postgresql_url, redis_url

KEY = "0123456789abcdef" * 4
OWN = {"DATABASE_URL": "postgresql://torg@db.example/shop", "SECRET_KEY": KEY}


def read(tmp_path: Path, **variables: str):
    return read_environment({"TORG_DATA_DIR": str(tmp_path), "SECRET_KEY": KEY, **variables})


def mistakes(tmp_path: Path, **variables: str) -> list[str]:
    with pytest.raises(WrongSetting) as caught:
        read(tmp_path, **variables)
    return str(caught.value).splitlines()


def test_everything_has_a_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    environment = read_environment({})
    data_dir = tmp_path / ".torg"
    told = {name: value for name, value in vars(environment).items() if name != "secret_key"}
    assert told == {
        "data_dir": data_dir,
        "database_url": postgresql_url(data_dir),
        "redis_url": redis_url(data_dir),
        "is_embedded_postgresql": True,
        "is_embedded_redis": True,
        "allowed_hosts": ["localhost", "127.0.0.1", "[::1]"],
        "csrf_trusted_origins": [],
        "is_behind_proxy": False,
        "debug": False,
        "log_level": "INFO",
        "currency": "EUR",
        "tax_rate": Decimal("0.10"),
        "shipping_flat": Decimal("5.00"),
        "port": 8000,
        "web_processes": 3,
        "web_threads": 8,
        "connections": 9,
        "is_caching": True,
        "cache_memory_mb": 50,
        "cache_max_age": 86_400,
        "cache_seconds": {},
        "cache_warm_limit": 50_000,
        "freshness_max_lag_ms": 0,
        "build_version": "",
        "metrics_token": "",
        "cors_allowed_origins": ["*"],
    }


@pytest.mark.parametrize(("cores", "processes"), [(None, 1), (1, 1), (64, 8)])
def test_there_is_one_web_process_a_core_up_to_eight(tmp_path, monkeypatch, cores, processes):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert read(tmp_path).web_processes == processes


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("DATABASE_URL", "postgres://u:p@h:6432/shop", "database_url", "postgres://u:p@h:6432/shop"),
        ("DATABASE_URL", "postgresql://h/shop", "is_embedded_postgresql", False),
        ("REDIS_URL", "rediss://h:6380/3", "redis_url", "rediss://h:6380/3"),
        ("REDIS_URL", "unix:///run/redis.sock", "is_embedded_redis", False),
        (
            "ALLOWED_HOSTS",
            " shop.example, .shop.example ,",
            "allowed_hosts",
            ["shop.example", ".shop.example"],
        ),
        ("CSRF_TRUSTED_ORIGINS", "https://a.example", "csrf_trusted_origins", ["https://a.example"]),
        ("BEHIND_PROXY", "1", "is_behind_proxy", True),
        ("DEBUG", "True", "debug", True),
        ("DEBUG", "off", "debug", False),
        ("LOG_LEVEL", "warning", "log_level", "WARNING"),
        ("CURRENCY", "jpy", "currency", "JPY"),
        ("TAX_RATE", "0", "tax_rate", Decimal(0)),
        ("TAX_RATE", "0.077", "tax_rate", Decimal("0.077")),
        ("TAX_RATE", "1", "tax_rate", Decimal(1)),
        ("SHIPPING_FLAT", "4.9", "shipping_flat", Decimal("4.9")),
        ("PORT", "65535", "port", 65535),
        ("PORT", " 80 ", "port", 80),
        ("WEB_PROCESSES", "256", "web_processes", 256),
        ("WEB_THREADS", "1", "web_threads", 1),
        ("WEB_THREADS", "", "web_threads", 8),
        ("WEB_THREADS", "3", "connections", 4),
        ("TORG_CONNECTIONS", "16", "connections", 16),
        ("CACHE", "off", "is_caching", False),
        ("CACHE_MEMORY_MB", "0", "cache_memory_mb", 0),
        ("CACHE_MAX_AGE", "60", "cache_max_age", 60),
        ("CACHE_PRODUCT_SECONDS", "5", "cache_seconds", {"product": 5}),
        ("CACHE_CATEGORY_TREE_SECONDS", "7200", "cache_seconds", {"category_tree": 7200}),
        ("CACHE_WARM_LIMIT", "10", "cache_warm_limit", 10),
        ("FRESHNESS_MAX_LAG_MS", "10000", "freshness_max_lag_ms", 10_000),
        ("BUILD_VERSION", "1.2.0-rc1+3f2a", "build_version", "1.2.0-rc1+3f2a"),
        ("METRICS_TOKEN", "Zm9vYmFy.~+/-_0=", "metrics_token", "Zm9vYmFy.~+/-_0="),
        ("CORS_ALLOWED_ORIGINS", "*", "cors_allowed_origins", ["*"]),
        ("CORS_ALLOWED_ORIGINS", "none", "cors_allowed_origins", []),
        (
            "CORS_ALLOWED_ORIGINS",
            "https://Shop.example, http://localhost:3000",
            "cors_allowed_origins",
            ["https://shop.example", "http://localhost:3000"],
        ),
    ],
)
def test_a_setting_is_read(tmp_path, name, text, field, value):
    assert getattr(read(tmp_path, **{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "DATABASE_URL",
            "mysql://h/shop",
            "its value is not a URL that begins with postgresql:// or postgres://",
        ),
        (
            "REDIS_URL",
            "localhost:6379",
            "its value is not a URL that begins with redis:// or rediss:// or unix://",
        ),
        ("DATABASE_URL", "postgresql://h:port/shop", "its value has a port that is not a number; quote what"),
        ("REDIS_URL", "redis://:p#ss@h/0", "its value has a port that is not a number; quote what"),
        ("CSRF_TRUSTED_ORIGINS", "shop.example", "'shop.example' is not a list of origins such as https://"),
        ("CSRF_TRUSTED_ORIGINS", "https://", "'https://' is not a list of origins such as https://"),
        ("BEHIND_PROXY", "maybe", "'maybe' is neither true nor false; use 1 or 0"),
        ("DEBUG", "2", "'2' is neither true nor false; use 1 or 0"),
        ("LOG_LEVEL", "loud", "'loud' is not one of DEBUG, INFO, WARNING, ERROR"),
        ("CURRENCY", "BHD", "'BHD' is not one of AED, AFN,"),
        ("TAX_RATE", "19", "'19' is not a number from 0 to 1"),
        ("TAX_RATE", "NaN", "'NaN' is not a number from 0 to 1"),
        ("TAX_RATE", "-0.1", "'-0.1' is not a number from 0 to 1"),
        ("SHIPPING_FLAT", "Infinity", "'Infinity' is not a number from 0 to 100000"),
        ("SHIPPING_FLAT", "free", "'free' is not a number from 0 to 100000"),
        ("CACHE", "maybe", "'maybe' is neither true nor false; use 1 or 0"),
        ("CACHE_MEMORY_MB", "-1", "'-1' is not a whole number from 0 to 65536"),
        ("CACHE_MAX_AGE", "0", "'0' is not a whole number from 1 to 604800"),
        ("CACHE_PRODUCTS_SECONDS", "0", "'0' is not a whole number from 1 to 604800"),
        ("CACHE_WARM_LIMIT", "all", "'all' is not a whole number from 0 to 10000000"),
        ("FRESHNESS_MAX_LAG_MS", "10001", "'10001' is not a whole number from 0 to 10000"),
        ("METRICS_TOKEN", "guess", "its value is not 16 to 200 letters, digits or ._~+/=-"),
        ("METRICS_TOKEN", "sixteen or more words", "its value is not 16 to 200 letters"),
        ("BUILD_VERSION", "a b", "'a b' is not a version of at most 64 letters, digits and . _ + -"),
        ("CORS_ALLOWED_ORIGINS", "shop.example", "'shop.example' is neither *, none nor a list of origins"),
        ("CORS_ALLOWED_ORIGINS", "https://shop.example/", "'https://shop.example/' is neither *, none nor"),
        ("CORS_ALLOWED_ORIGINS", "https://*.shop.example", "'https://*.shop.example' is neither *, none"),
        ("PORT", "0", "'0' is not a whole number from 1 to 65535"),
        ("PORT", "65536", "'65536' is not a whole number from 1 to 65535"),
        ("PORT", "٨٠", "'٨٠' is not a whole number from 1 to 65535"),
        ("WEB_PROCESSES", "-1", "'-1' is not a whole number from 1 to 256"),
        ("WEB_THREADS", "8.0", "'8.0' is not a whole number from 1 to 256"),
        ("SECRET_KEY", "short", "needs at least 50 characters that nobody can guess"),
        ("SECRET_KEY", "abab" * 20, "needs at least 50 characters that nobody can guess"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_allowed(tmp_path, name, text, told):
    (line,) = mistakes(tmp_path, **{name: text})
    assert line.startswith(f"{name}: {told}")
    assert line.endswith(".")


def test_all_mistakes_are_told_at_once(tmp_path):
    wrong = {"PORT": "http", "CURRENCY": "shells", "DEBUG": "perhaps", "REDIS_URL": "x", "SECRET_KEY": "x"}
    assert {line.split(":")[0] for line in mistakes(tmp_path, **wrong)} == set(wrong)


@pytest.mark.parametrize(("name", "scheme"), [("DATABASE_URL", "postgresql"), ("REDIS_URL", "redis")])
def test_the_password_in_a_url_is_not_repeated(tmp_path, name, scheme):
    for url in (
        "oracle://torg:hunter2@db.example/shop",
        "torg:hunter2@db.example",
        "http://[hunter2",
        f"{scheme}://torg:hunter2#@h/0",
    ):
        assert "hunter2" not in "\n".join(mistakes(tmp_path, **{name: url}))


def test_a_secret_key_that_is_wrong_is_not_repeated(tmp_path):
    assert "hunter2" not in "\n".join(mistakes(tmp_path, SECRET_KEY="hunter2"))


def test_a_database_of_ones_own_needs_a_secret_key_of_ones_own(tmp_path):
    (line,) = mistakes(tmp_path, DATABASE_URL=OWN["DATABASE_URL"], SECRET_KEY="")
    assert line.startswith("SECRET_KEY: is required with DATABASE_URL. Make one with: python3 -c")
    assert not (tmp_path / "secret_key").exists()
    assert read(tmp_path, **OWN).secret_key == KEY


def test_the_command_that_is_told_makes_a_key_that_is_taken(tmp_path):
    (line,) = mistakes(tmp_path, **{**OWN, "SECRET_KEY": ""})
    command = line.partition("python3 ")[2].removeprefix("-c ").removesuffix(".").strip('"')
    made = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True).stdout
    assert read(tmp_path, **{**OWN, "SECRET_KEY": made.strip()}).secret_key == made.strip()


def test_the_embedded_shop_makes_a_key_for_its_owner_alone_and_keeps_it(tmp_path):
    data_dir = tmp_path / "new" / "data"
    key = read(data_dir, SECRET_KEY="").secret_key
    assert len(key) >= 50
    assert (data_dir / "secret_key").read_text() == key
    assert stat.S_IMODE((data_dir / "secret_key").stat().st_mode) == 0o600
    assert read(data_dir, SECRET_KEY="").secret_key == key
    assert [path.name for path in data_dir.iterdir()] == ["secret_key"]


def test_two_shops_have_different_keys(tmp_path):
    first, second = (read(tmp_path / name, SECRET_KEY="").secret_key for name in ("first", "second"))
    assert first != second


def test_a_given_key_is_not_kept(tmp_path):
    assert read(tmp_path).secret_key == KEY
    assert list(tmp_path.iterdir()) == []


READ_KEY = """
import sys
from torg.config.environment import read_environment
print("ready", flush=True)
sys.stdin.readline()
print(read_environment({"TORG_DATA_DIR": sys.argv[1]}).secret_key)
"""


def test_processes_that_race_for_the_first_key_get_the_same_one(tmp_path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", READ_KEY, str(tmp_path / "data")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    keys = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    assert [racer.returncode for racer in racers] == [0] * 6
    assert keys == {(tmp_path / "data" / "secret_key").read_text()}


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").touch()
    (line,) = mistakes(tmp_path / "file" / "data", SECRET_KEY="")
    assert line.startswith(f"TORG_DATA_DIR: {tmp_path / 'file' / 'data'} cannot be used: Not a directory.")
