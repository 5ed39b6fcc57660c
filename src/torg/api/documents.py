"""Views that answer with a finished document, and what HTTP says around it."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.views import APIView

from torg.api.parameters import Parameters
from torg.api.problems import Refusal
from torg.caching.document import Document
from torg.lib.reconnecting import read_again_when_disconnected

# Anyone may keep it, but has to ask whether it still holds: what we answer is never stale.
PUBLIC = "public, no-cache"


class DocumentView(APIView):
    """A GET whose answer is a document. Subclasses give ``parameters`` and ``document``."""

    parameters: ClassVar[Parameters] = Parameters()

    def get(self, request: Request, **place: str) -> HttpResponse:
        """Answer with the document at ``place``, or 304 where the caller has it."""
        values = self.parameters.read(request.GET)
        document = read_again_when_disconnected(lambda: self.document(values, **place))
        if document is None:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        return document_response(request._request, document)  # noqa: SLF001  (DRF's way to the HttpRequest)

    def document(self, values: dict[str, Any], **place: str) -> Document | None:
        """Return the document for the parameters' ``values``; None where there is none."""
        raise NotImplementedError


def document_response(request: HttpRequest, document: Document) -> HttpResponse:
    """Answer with ``document``, or 304 where ``If-None-Match`` names it."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # For GET the comparison is weak: a proxy that compressed the body has marked our ETag so.
    is_known = "*" in known or document.etag in {etag.removeprefix("W/") for etag in known}
    response: HttpResponse = (
        HttpResponseNotModified()
        if is_known
        else HttpResponse(document.body, content_type=document.content_type)
    )
    response.headers["ETag"] = document.etag
    response.headers["Cache-Control"] = PUBLIC
    response.headers["Cache-Tag"] = ",".join(document.tags)
    response.headers["X-Cache"] = "bypass"
    return response
