"""What Django's middlewares make of a document: the headers they add, or that they answer something else."""

import io
from collections.abc import Mapping
from typing import Any

from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from torg.lib.proxies import FORWARDING

Headers = list[tuple[str, str]]

# What they go by; of what tells a proxy they only look whether it is there.
_VALUES = (
    "HTTP_HOST", "wsgi.url_scheme", "HTTP_ORIGIN", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST",
    "SERVER_NAME", "SERVER_PORT",
)  # fmt: skip
_KEPT = 1_000
_LONGEST = 1_000
# What is the document's own, or another one in each answer.
_NOT_OF_THE_FRAME = {"content-type", "content-length", "x-request-id"}
REHEARSAL = "torg.rehearsal"
"""Set in the ``META`` of requests that nobody has made."""


class Frames:
    """The headers around documents, for each way to come; asked of the middlewares once, by a rehearsal."""

    def __init__(self) -> None:
        self._handler: _Rehearsal | None = None
        self._known: dict[tuple[Any, ...], Headers | None] = {}

    def around(self, kind: str, environ: Mapping[str, Any]) -> Headers | None:
        """Return what goes around a document of ``kind`` for this request; None where it would not be answered."""
        way = _way(kind, environ)
        try:
            return self._known[way]
        except KeyError:
            if sum(len(environ.get(name, "")) for name in _VALUES) > _LONGEST:
                return None  # Django says what it makes of it; nobody's browser sends this.
            if len(self._known) >= _KEPT:  # Anybody can send any Origin.
                self._known = {}
            frame = self._known[way] = self._rehearse(environ)
            return frame

    def known(self, kind: str, environ: Mapping[str, Any]) -> Headers | None:
        """Return what ``around`` does where it has been asked before; else raise ``KeyError``."""
        return self._known[_way(kind, environ)]

    def _rehearse(self, environ: Mapping[str, Any]) -> Headers | None:
        if self._handler is None:
            self._handler = _Rehearsal()
        names = {"REQUEST_METHOD", "PATH_INFO", "SCRIPT_NAME", *_VALUES, *FORWARDING}
        request = {name: environ[name] for name in names if name in environ}
        request.update({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), REHEARSAL: True})
        response = self._handler.get_response(WSGIRequest(request))
        response.close()
        if response.status_code != 200 or response.cookies:
            return None
        return [item for item in response.items() if item[0].lower() not in _NOT_OF_THE_FRAME]


def _way(kind: str, environ: Mapping[str, Any]) -> tuple[Any, ...]:
    return (kind, environ.keys().isdisjoint(FORWARDING), *map(environ.get, _VALUES))


class _Rehearsal(BaseHandler):
    """Django with all its middlewares, and behind them an empty document in place of the views."""

    def __init__(self) -> None:
        self.load_middleware()

    def _get_response(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return HttpResponse(headers={"Vary": "Accept-Encoding"})
