"""Whether the process lives and whether it can serve; asked by whoever operates it, under any ``Host``."""

from collections.abc import Callable

import msgspec
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from torg.api.problems import problem
from torg.caching.redis import RedisAway, ensure_redis_answers
from torg.caching.warming.readiness import readiness


class HealthMiddleware:
    """Answer ``/healthz`` and ``/readyz`` before hosts and HTTPS are looked at: probes name pods by address.

    The shop works without Redis, only slower, so a process that cannot reach it is ``degraded``, but ready.
    """

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
            return _answer({}, {})
        return _answer(_needed(), {"redis": _redis()})


def _answer(needed: dict[str, str | None], wanted: dict[str, str | None]) -> HttpResponse:
    """Tell what is wrong; without all that is ``needed`` the process can serve nobody."""
    can_serve = not any(needed.values())
    is_well = can_serve and not any(wanted.values())
    body = {
        "status": "ok" if is_well else "degraded" if can_serve else "unavailable",
        "checks": {name: wrong or "ok" for name, wrong in {**needed, **wanted}.items()},
    }
    response = HttpResponse(
        msgspec.json.encode(body),
        status=200 if can_serve else 503,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
    # To be asked before it is ready is no error of the server's, which Django would log each time.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _needed() -> dict[str, str | None]:
    is_away = _postgresql()
    migrations = "unknown" if is_away else _migrations()
    warming = "unknown" if migrations else _warming()
    return {"postgresql": is_away, "migrations": migrations, "warming": warming}


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


def _warming() -> str | None:
    try:
        return readiness.waits_for()
    except Exception as error:
        return f"unknown ({type(error).__name__})"


def _redis() -> str | None:
    try:
        ensure_redis_answers()
    except RedisAway as away:
        return f"cannot be used ({away})"
    return None
