"""Pictures that the shop keeps itself, for shops without a web server or bucket in front."""

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve

from torg.api.problems import problem


def media_view(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send a file below ``MEDIA_ROOT``; whatever it holds, nothing in it may run."""
    if request.method not in {"GET", "HEAD"}:
        return problem(
            405, "method_not_allowed", "Pictures can only be read.", headers={"Allow": "GET, HEAD"}
        )
    try:
        response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
