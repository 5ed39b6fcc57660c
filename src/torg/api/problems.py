"""Errors as RFC 9457 problem documents; never HTML, never a stack trace."""

import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.views import set_rollback

from torg.lib.parameters import FieldError, WrongParameters

log = structlog.get_logger("torg.api")

AWAY = (OperationalError, InterfaceError, PoolTimeout)
CONTENT_TYPE = "application/problem+json"


class Refusal(Exception):
    """A request is refused with ``status`` and a stable ``code``; ``detail`` says what to do."""

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Make the answer for an error.

    Its body is ``{"type", "title", "status", "detail", "code", "request_id"}`` and, where input was wrong,
    ``"errors": [{"field", "code", "detail"}]``.
    """
    body: dict[str, Any] = {
        "type": f"urn:torg:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    if errors:
        body["errors"] = errors
    answer_headers = {"Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(
        msgspec.json.encode(body), status=status, content_type=CONTENT_TYPE, headers=answer_headers
    )


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:  # noqa: ARG001, PLR0911  (DRF passes it)
    """Turn whatever a view raised into a problem document (Django REST Framework's hook)."""
    set_rollback()
    if isinstance(error, Refusal):
        return problem(error.status, error.code, error.detail, errors=error.errors)
    if isinstance(error, WrongParameters):
        return problem(
            400,
            "invalid_parameters",
            f"These query parameters cannot be used: {error}.",
            errors=error.errors,
        )
    if isinstance(error, (Http404, exceptions.NotFound)):
        return not_found()
    if isinstance(error, (PermissionDenied, exceptions.PermissionDenied)):
        return problem(403, "permission_denied", "You may not do this.")
    if isinstance(error, exceptions.ValidationError):
        return problem(
            400, "invalid_input", "The input is not valid.", errors=list(_field_errors(error.detail))
        )
    if isinstance(error, exceptions.APIException):
        return _api_problem(error)
    if isinstance(error, SuspiciousOperation):
        return bad_request()
    if isinstance(error, AWAY):
        return database_away(error)
    log.error("failed", exc_info=error)
    return internal_error()


def not_found() -> HttpResponse:
    """Say that there is nothing here (for the asker)."""
    return problem(404, "not_found", "There is nothing at this address.")


def bad_request() -> HttpResponse:
    """Say that this is no request that anybody makes in good faith."""
    return problem(
        400,
        "bad_request",
        "The request is malformed, has too many parameters, or its Host is not one of this shop's.",
    )


def internal_error() -> HttpResponse:
    """Say that we failed, and by which id our log tells why."""
    return problem(
        500, "internal_error", "Something failed on our side. The log holds it under this request_id."
    )


def database_away(error: Exception) -> HttpResponse:
    """Say that PostgreSQL did not do what was asked, for a reason that passes; trying again is worth it."""
    log.error("database_away", error=str(error))
    return problem(
        503, "database_away", "The database did not answer. Try again.", headers={"Retry-After": "2"}
    )


def bad_request_view(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer what Django itself finds suspicious (``handler400``)."""
    return bad_request()


def permission_denied_view(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer a refused request (``handler403``)."""
    return problem(403, "permission_denied", "You may not do this.")


def csrf_failure_view(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a request without its CSRF token (``CSRF_FAILURE_VIEW``)."""
    return problem(403, "csrf_failed", "The CSRF token is missing or wrong. Load the page again and repeat.")


def not_found_view(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer an unknown path (``handler404``)."""
    return not_found()


def server_error_view(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer after an exception that no view handled (``handler500``)."""
    error = sys.exc_info()[1]
    return database_away(error) if isinstance(error, AWAY) else internal_error()


def _api_problem(error: exceptions.APIException) -> HttpResponse:
    headers = {}
    wait = getattr(error, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait) + 1)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    code = error.default_code if isinstance(error.detail, (list, dict)) else str(error.detail.code)
    return problem(error.status_code, code, str(error.detail), headers=headers)


def _field_errors(detail: Any, field: str = "") -> "list[FieldError]":
    if isinstance(detail, dict):
        return [
            found
            for name, inner in detail.items()
            for found in _field_errors(inner, f"{field}.{name}".strip("."))
        ]
    if isinstance(detail, list):
        return [found for inner in detail for found in _field_errors(inner, field)]
    return [FieldError(field=field, code=detail.code, detail=str(detail))]
