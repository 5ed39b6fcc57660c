"""Torg's settings as the environment gives them: read once, typed, all mistakes told at once."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from torg.lib.embedded import postgresql_url, redis_url
from torg.lib.money import CURRENCY_DIGITS

T = TypeVar("T")

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
EVERYWHERE = "*"
# The kinds of documents, which are declared in ``pages`` and ``api``, each with its own lifetime.
CACHED = ("product", "products", "featured", "category_tree", "categories", "category", "schema")


class WrongSetting(ImproperlyConfigured):
    """The environment holds settings Torg cannot start with; the message has one line for each."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What the environment says, with defaults filled in. Lifetimes are seconds, money is in ``currency``.

    ``connections`` is how many to PostgreSQL a process may have; commands that need more than a web process say so.
    """

    data_dir: Path
    database_url: str
    redis_url: str
    is_embedded_postgresql: bool
    is_embedded_redis: bool
    secret_key: str
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    is_behind_proxy: bool
    debug: bool
    log_level: str
    currency: str
    tax_rate: Decimal
    shipping_flat: Decimal
    port: int
    web_processes: int
    web_threads: int
    connections: int
    is_caching: bool
    cache_memory_mb: int
    cache_max_age: int
    cache_seconds: dict[str, int]
    cache_warm_limit: int
    freshness_max_lag_ms: int
    build_version: str
    metrics_token: str
    cors_allowed_origins: list[str]


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read every setting, or raise ``WrongSetting`` that names each wrong one and says what to do."""
    read = _Reader(variables)
    data_dir = Path(variables.get("TORG_DATA_DIR") or ".torg").expanduser().resolve()
    is_embedded_postgresql = not variables.get("DATABASE_URL")
    is_embedded_redis = not variables.get("REDIS_URL")
    environment = Environment(
        data_dir=data_dir,
        database_url=read("DATABASE_URL", postgresql_url(data_dir), _url("postgresql", "postgres")),
        redis_url=read("REDIS_URL", redis_url(data_dir), _url("redis", "rediss", "unix")),
        is_embedded_postgresql=is_embedded_postgresql,
        is_embedded_redis=is_embedded_redis,
        secret_key=read.secret_key(data_dir, is_kept=is_embedded_postgresql),
        allowed_hosts=read("ALLOWED_HOSTS", LOOPBACK_HOSTS, _words),
        csrf_trusted_origins=read("CSRF_TRUSTED_ORIGINS", [], _origins),
        is_behind_proxy=read("BEHIND_PROXY", default=False, parse=_boolean),
        debug=read("DEBUG", default=False, parse=_boolean),
        log_level=read("LOG_LEVEL", "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR")),
        currency=read("CURRENCY", "EUR", _one_of(*CURRENCY_DIGITS)),
        tax_rate=read("TAX_RATE", Decimal("0.10"), _decimal(0, 1)),
        shipping_flat=read("SHIPPING_FLAT", Decimal("5.00"), _decimal(0, 100_000)),
        port=read("PORT", 8000, _integer(1, 65535)),
        web_processes=read("WEB_PROCESSES", min(os.cpu_count() or 1, 8), _integer(1, 256)),
        web_threads=(web_threads := read("WEB_THREADS", 8, _integer(1, 256))),
        connections=read("TORG_CONNECTIONS", web_threads + 1, _integer(1, 1_000)),
        is_caching=read("CACHE", default=True, parse=_boolean),
        cache_memory_mb=read("CACHE_MEMORY_MB", 50, _integer(0, 65_536)),
        cache_max_age=read("CACHE_MAX_AGE", 86_400, _integer(1, 604_800)),
        cache_seconds=read.cache_seconds(),
        cache_warm_limit=read("CACHE_WARM_LIMIT", 50_000, _integer(0, 10_000_000)),
        freshness_max_lag_ms=read("FRESHNESS_MAX_LAG_MS", 0, _integer(0, 10_000)),
        build_version=read("BUILD_VERSION", "", _version),
        metrics_token=read("METRICS_TOKEN", "", _token),
        cors_allowed_origins=read("CORS_ALLOWED_ORIGINS", [EVERYWHERE], _origins_or_all),
    )
    read.raise_if_wrong()
    return environment


class _Reader:
    """Reads variables one by one and keeps the mistakes, so that the operator sees all of them together."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.mistakes: list[str] = []

    def __call__(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        text = self.variables.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            # A URL may hold a password, so it is not repeated; nor is a token.
            shown = "its value" if name.endswith(("_URL", "_TOKEN")) else repr(text)
            self.mistakes.append(f"{name}: {shown} {error}.")
            return default

    def cache_seconds(self) -> dict[str, int]:
        given = {kind: self(f"CACHE_{kind.upper()}_SECONDS", 0, _integer(1, 604_800)) for kind in CACHED}
        return {kind: seconds for kind, seconds in given.items() if seconds}

    def secret_key(self, data_dir: Path, *, is_kept: bool) -> str:
        text = self.variables.get("SECRET_KEY", "")
        if text:
            if len(text) < 50 or len(set(text)) < 5:
                self.mistakes.append("SECRET_KEY: needs at least 50 characters that nobody can guess.")
            return text
        if is_kept:
            return _kept_secret_key(data_dir / "secret_key")
        self.mistakes.append(
            "SECRET_KEY: is required with DATABASE_URL. Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
        return ""

    def raise_if_wrong(self) -> None:
        if self.mistakes:
            raise WrongSetting("\n".join(self.mistakes))


def _kept_secret_key(path: Path) -> str:
    """Return the key kept at ``path``; the first caller makes it, and all others get the same one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(50))
            try:
                os.link(draft, path)  # Atomic, and refuses to replace a key that another process just made.
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise WrongSetting(
            f"TORG_DATA_DIR: {path.parent} cannot be used: {error.strerror}. "
            "Name a directory that this user may write to."
        ) from error


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        try:
            url = urlsplit(text)
        except ValueError:
            raise ValueError(f"is not a URL that begins with {beginnings}") from None
        if url.scheme not in schemes:
            raise ValueError(f"is not a URL that begins with {beginnings}")
        try:
            _ = url.port
        except ValueError:  # its message repeats what may be a part of the password
            raise ValueError(
                "has a port that is not a number; quote what a password has of #, / or ?"
            ) from None
        return text

    return parse


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _origins(text: str) -> list[str]:
    origins = _words(text)
    if not all(
        urlsplit(origin).scheme in {"http", "https"} and urlsplit(origin).netloc for origin in origins
    ):
        raise ValueError("is not a list of origins such as https://shop.example,https://admin.example")
    return origins


def _origins_or_all(text: str) -> list[str]:
    """Read origins that are compared with what a browser sends, letter by letter."""
    if text == EVERYWHERE:
        return [EVERYWHERE]
    if text == "none":
        return []
    origins = [origin.lower() for origin in _words(text)]
    if not origins or not all(re.fullmatch(r"https?://[^/?#@\s*]+", origin) for origin in origins):
        raise ValueError(
            "is neither *, none nor a list of origins such as https://shop.example,https://www.shop.example, "
            "without a slash at the end"
        )
    return origins


def _version(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._+-]{1,64}", text):
        raise ValueError("is not a version of at most 64 letters, digits and . _ + -")
    return text


def _boolean(text: str) -> bool:
    answers = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in answers:
        raise ValueError("is neither true nor false; use 1 or 0")
    return answers[text.lower()]


def _token(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,200}", text):
        raise ValueError("is not 16 to 200 letters, digits or ._~+/=-, as a header can carry them")
    return text


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.upper() not in allowed:
            shown = ", ".join(allowed[:12]) + (", …" if len(allowed) > 12 else "")
            raise ValueError(f"is not one of {shown}")
        return text.upper()

    return parse


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(text)

    return parse


def _decimal(low: int, high: int) -> Callable[[str], Decimal]:
    def parse(text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not (number.is_finite() and low <= number <= high):
            raise ValueError(f"is not a number from {low} to {high}")
        return number

    return parse
