"""What every request goes through: an id and a log line, HTTPS but for this machine, a limit on bodies."""

import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.http.request import split_domain_port

from torg.api.problems import problem
from torg.caching import counting
from torg.caching.frames import REHEARSAL
from torg.lib.proxies import FORWARDING
from torg.lib.request_ids import request_id_of

Handler = Callable[[HttpRequest], HttpResponseBase]

access_log = structlog.get_logger("torg.access")


class RequestIdMiddleware:
    """Give each request an id, taken from ``X-Request-ID`` where the caller sent one; log its answer under it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request`` with its id in ``X-Request-ID``."""
        started = time.perf_counter()
        request_id = request_id_of(request.headers.get("X-Request-ID"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            # Django counts that there is no body, but the header would tell how long the document is.
            del response.headers["Content-Length"]
        if REHEARSAL in request.META:
            structlog.contextvars.clear_contextvars()
            return response
        seconds = time.perf_counter() - started
        counting.mine().answered(request.method or "", response.status_code, seconds)
        access_log.info(
            "answered",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 2),
        )
        return response


class HttpsMiddleware:
    """Send everybody to HTTPS but this machine itself, which may use plain HTTP.

    Browsers, too, treat loopback as a secure context. Nobody gains by this from elsewhere: whoever sends such a
    ``Host`` over plain HTTP only exposes their own cookies. What came through a proxy is not from this machine,
    whatever ``Host`` the proxy made of it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request``, or redirect it; on loopback with cookies that plain HTTP may carry."""
        if request.is_secure():
            return self.get_response(request)
        host, _ = split_domain_port(request.get_host())
        if host not in settings.TORG_LOOPBACK_HOSTS or any(name in request.META for name in FORWARDING):
            return HttpResponsePermanentRedirect(f"https://{request.get_host()}{request.get_full_path()}")
        response = self.get_response(request)
        for cookie in getattr(response, "cookies", {}).values():
            cookie["secure"] = ""
        return response


class BodyLimitMiddleware:
    """Refuse bodies that are larger than any the shop has a use for, before a byte of them is read."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request``, or 413 where its body is over the limit."""
        limit = settings.API_BODY_LIMIT if request.path.startswith("/api/") else settings.UPLOAD_BODY_LIMIT
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > limit:
            return problem(
                413,
                "body_too_large",
                f"The body has {length} bytes; at most {limit} are taken.",
                headers={"Connection": "close"},
            )
        return self.get_response(request)
