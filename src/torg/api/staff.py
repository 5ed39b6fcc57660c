"""Views for the merchant's staff: who may, and how they are answered."""

from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from torg.api.problems import Refusal
from torg.caching.document import Document

Body = msgspec.Struct


class StaffSession(SessionAuthentication):
    """The session of the back office; what changes something carries the CSRF token, too."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Name the scheme, so that a stranger gets 401 rather than 403."""
        return 'Session realm="staff"'

    def enforce_csrf(self, request: HttpRequest) -> None:
        """Refuse what another site may have had the browser send."""
        try:
            super().enforce_csrf(request)  # type: ignore[arg-type]
        except PermissionDenied:
            detail = "The CSRF token is missing or wrong. Send the csrftoken cookie's value as X-CSRFToken."
            raise Refusal(403, "csrf_failed", detail) from None


class StaffView(APIView):
    """Asks for a session of somebody of the staff who has the permission that ``permissions`` names for the method."""

    authentication_classes = (StaffSession,)
    permissions: ClassVar[dict[str, str]]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a method that there is not before anything else: that is so for everybody."""
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        """Refuse strangers with 401, others who may not with 403."""
        if not request.user:
            raise NotAuthenticated("Sign in to the back office, and send its session cookie.")
        needed = self.permissions.get("GET" if request.method == "HEAD" else request.method or "")
        if not request.user.is_staff or (needed and not request.user.has_perm(needed)):
            raise PermissionDenied


def staff_response(request: Request, body: Body, *, status: int = 200) -> HttpResponse:
    """Answer with ``body``, or 304 where ``If-None-Match`` names it; nobody else may keep it."""
    document = Document.of(msgspec.json.encode(body), [])
    known = parse_etags(request.headers.get("If-None-Match", ""))
    is_known = request.method == "GET" and ("*" in known or document.etag in known)
    response: HttpResponse = (
        HttpResponseNotModified()
        if is_known
        else HttpResponse(document.body, status=status, content_type=document.content_type)
    )
    response.headers["ETag"] = document.etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
