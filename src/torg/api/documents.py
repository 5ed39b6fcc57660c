"""Views that answer with a finished document, and what HTTP says around it."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.views import APIView

from torg.api.problems import Refusal, exception_handler
from torg.caching.document import Document
from torg.caching.kinds import DocumentKind
from torg.lib.reconnecting import read_again_when_disconnected

# Anyone may keep it, but has to ask whether it still holds: what we answer is never stale.
PUBLIC = "public, no-cache"


class DocumentView(APIView):
    """A GET whose answer is a document of ``kind``."""

    kind: ClassVar[DocumentKind]

    def dispatch(self, request: HttpRequest, *args: Any, **place: Any) -> Any:
        """Answer ``request``. Reading needs no parser, renderer or identity, so it goes by what finds them."""
        if request.method not in {"GET", "HEAD"}:
            return super().dispatch(request, *args, **place)
        try:
            return self.get(request, **place)
        except Exception as error:
            return exception_handler(error, {})

    def get(self, request: HttpRequest, **place: str) -> HttpResponse:
        """Answer with the document at ``place``, or 304 where the caller has it."""
        asked = {**place, **self.kind.parameters.read(request.GET.lists())}
        document = read_again_when_disconnected(lambda: self.kind.build(asked))
        if document is None:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        return document_response(request, document)


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
