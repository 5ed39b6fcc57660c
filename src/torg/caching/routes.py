"""Where documents are asked for: their addresses, as the URL configuration of the project has them."""

import re
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from torg.caching.kinds import Asked, DocumentKind, kinds

_SLUG = re.compile(r"[-a-zA-Z0-9_]+")


class Routes:
    """The addresses of all kinds of documents."""

    def __init__(self) -> None:
        self._exact: dict[str, DocumentKind] = {}
        self._beginnings: dict[str, DocumentKind] = {}
        for kind in kinds():
            if kind.place is None:
                self._exact[reverse(kind.route)] = kind
            else:
                # The name of the place is itself a slug, so it can stand for one.
                path = reverse(kind.route, kwargs={kind.place: kind.place})
                self._beginnings[path.removesuffix(kind.place)] = kind

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


def read_query(kind: DocumentKind, query: str) -> tuple[Asked, bool]:
    """Read a query string as Django does; say whether it is the shortest way to ask for the same.

    Raises what ``Parameters.read`` raises.
    """
    if not query:
        return {}, True
    sent = QueryDict(query.encode("latin-1"))
    values = kind.parameters.read(sent.lists())
    return values, urlencode(kind.parameters.texts_of(values), doseq=True) == query
