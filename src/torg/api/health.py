"""Whether the process lives and whether it can serve; asked by whoever operates it, under any ``Host``."""

from collections.abc import Callable

import msgspec
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from torg.api.problems import problem


class HealthMiddleware:
    """Answer ``/healthz`` and ``/readyz`` before hosts and HTTPS are looked at: probes name pods by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request``: 200 when all is well, 503 with what is not."""
        if request.path not in {"/healthz", "/readyz"}:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return problem(
                405, "method_not_allowed", "Health can only be read.", headers={"Allow": "GET, HEAD"}
            )
        if request.path == "/healthz":
            return _answer({})
        is_away = _postgresql()
        migrations = "unknown" if is_away else _migrations()
        return _answer({"postgresql": is_away, "migrations": migrations, "redis": _redis()})


def _answer(checks: dict[str, str | None]) -> HttpResponse:
    is_well = not any(checks.values())
    body = {
        "status": "ok" if is_well else "unavailable",
        "checks": {name: wrong or "ok" for name, wrong in checks.items()},
    }
    return HttpResponse(
        msgspec.json.encode(body),
        status=200 if is_well else 503,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _postgresql() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        return f"cannot be reached ({type(error).__name__})"
    return None


_migrations_are_applied = False


def _migrations() -> str | None:
    """Say what is missing. Once all are there the answer is kept: a process never loses a migration."""
    global _migrations_are_applied  # noqa: PLW0603
    if _migrations_are_applied:
        return None
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception as error:
        return f"unknown ({type(error).__name__})"
    if plan:
        return f"{len(plan)} to apply; run: torg migrate"
    _migrations_are_applied = True
    return None


def _redis() -> str | None:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return f"cannot be reached ({type(error).__name__})"
    return None
