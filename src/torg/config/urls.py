"""Where each face answers."""

from django.conf import settings
from django.urls import include, path

from torg.api.media import media_view
from torg.api.problems import bad_request_view, not_found_view, permission_denied_view, server_error_view
from torg.backoffice.site import site

urlpatterns = [
    path("api/", include("torg.api.urls")),
    path("backoffice/", site.urls),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", media_view, name="media"),
]

handler400 = bad_request_view
handler403 = permission_denied_view
handler404 = not_found_view
handler500 = server_error_view
