"""Where documents are asked for: their addresses, as the URL configuration of the project has them."""

import re
from urllib.parse import urlencode

import structlog
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from torg.caching.kinds import Asked, DocumentKind, kinds

log = structlog.get_logger("torg.caching")

_SLUG = re.compile(r"[-a-zA-Z0-9_]+")


class Routes:
    """The addresses of all kinds of documents that have one by their own name.

    A project may include a part of ours, or all under a namespace; what is not found is answered by Django's views.
    """

    def __init__(self) -> None:
        self._exact: dict[str, DocumentKind] = {}
        self._beginnings: dict[str, DocumentKind] = {}
        unknown = []
        for kind in kinds():
            try:
                self._add(kind)
            except NoReverseMatch:
                unknown.append(kind.route)
        if unknown:
            log.warning("routes_unknown", routes=unknown)

    def find(self, path: str) -> tuple[DocumentKind, Asked] | None:
        """Return the kind of document that is asked for at ``path``, and its place; None where it is no document's."""
        kind = self._exact.get(path)
        if kind is not None:
            return kind, {}
        end = path.rfind("/") + 1
        kind = self._beginnings.get(path[:end])
        if kind is None or kind.place is None or not _SLUG.fullmatch(path, end):
            return None
        return kind, {kind.place: path[end:]}

    def _add(self, kind: DocumentKind) -> None:
        if kind.place is None:
            self._exact[reverse(kind.route)] = kind
            return
        # The name of the place is itself a slug, so it can stand for one.
        path = reverse(kind.route, kwargs={kind.place: kind.place})
        self._beginnings[path.removesuffix(kind.place)] = kind


def read_query(kind: DocumentKind, query: str) -> tuple[Asked, bool]:
    """Read a query string as Django does; say whether it is the shortest way to ask for the same.

    Raises what ``Parameters.read`` raises.
    """
    if not query:
        return {}, True
    sent = QueryDict(query.encode("latin-1"))
    values = kind.parameters.read(sent.lists())
    return values, urlencode(kind.parameters.texts_of(values), doseq=True) == query
