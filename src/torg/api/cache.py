"""How the cache does, for the staff."""

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from torg.api.staff import StaffView, staff_response
from torg.api.staff_schema import describe_staff
from torg.caching.stats import CacheFigures, figures
from torg.lib.parameters import Parameters

PARAMETERS = Parameters()


class CacheView(StaffView):
    """How the cache does."""

    permissions: ClassVar = {"GET": "caching.view_cache"}

    @describe_staff(
        "Get the cache's figures",
        answers={200: (CacheFigures, "The last hour, and how it stands now.")},
        refusals=[400],
        parameters=PARAMETERS,
    )
    def get(self, request: Request) -> HttpResponse:
        """Hits, misses and builds by kind and minute, marks, changes, and how far the horizon and the relay lag.

        Of all processes of the shop together; what they count is added up once a second. Permission
        `caching.view_cache`.
        """
        PARAMETERS.read(request.GET.lists())
        return staff_response(request, figures())
