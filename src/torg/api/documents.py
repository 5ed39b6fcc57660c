"""Views that answer with a finished document."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from torg.api.problems import Refusal, exception_handler
from torg.caching.answer import answer
from torg.caching.front import OUTCOME, counted
from torg.caching.kinds import DocumentKind
from torg.caching.reading import Found, read


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
        if OUTCOME in request.META:  # It was looked for in front of Django already.
            if request.META[OUTCOME] is not None:
                raise request.META[OUTCOME]
            found = None
        else:
            found = read(self.kind, {**place, **self.kind.parameters.read(request.GET.lists())})
        if found is None:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        return document_response(request, found)


def document_response(request: HttpRequest, found: Found) -> HttpResponse:
    """Answer ``request`` with what was found."""
    given = counted(
        answer(
            found.document,
            if_none_match=request.headers.get("If-None-Match", ""),
            accept_encoding=request.headers.get("Accept-Encoding", ""),
            cache=found.cache,
            age=found.age,
        )
    )
    response = HttpResponse(b"" if request.method == "HEAD" else given.body, status=given.status)
    del response.headers["Content-Type"]  # A 304 has none, and the others bring their own.
    for name, value in given.headers:
        response.headers[name] = value
    return response
