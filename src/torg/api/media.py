"""Pictures that the shop keeps itself, for shops without a web server or bucket in front."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@require_safe
def media_view(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send a file below ``MEDIA_ROOT``; whatever it holds, nothing in it may run."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
