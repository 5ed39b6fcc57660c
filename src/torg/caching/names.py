"""What requests ask for by their targets, remembered for those that ask for it in the shortest way."""

import threading
from typing import NamedTuple

from torg.caching.kinds import Asked, DocumentKind
from torg.caching.routes import Routes, read_query

_KEPT = 5_000
_LONGEST = 1_000


class Name(NamedTuple):
    """What a request asks for; ``is_plain`` if there is no shorter way to ask for it."""

    kind: DocumentKind
    asked: Asked
    key: str
    is_plain: bool


class Names:
    """The documents that targets such as ``/api/v1/products?sort=price`` stand for.

    A target is the path as WSGI has it, without escapes, and the query as it was sent.
    """

    def __init__(self) -> None:
        self._known: dict[str, Name] = {}
        self._routes: Routes | None = None
        self._routes_lock = threading.Lock()

    def known(self, target: str) -> Name | None:
        """Return what ``target`` asks for, if it was remembered."""
        return self._known.get(target)

    def read(self, path: str, query: str) -> Name | None:
        """Return what is asked for, None where it is no document. Raises what ``Parameters.read`` raises."""
        found = self.routes().find(path)
        if found is None:
            return None
        kind, asked = found
        values, is_plain = read_query(kind, query)
        asked = {**asked, **values}
        return Name(kind, asked, kind.key(asked), is_plain)

    def is_of_a_document(self, path: str) -> bool:
        """Say whether there may be a document at ``path``."""
        return self.routes().find(path) is not None

    def remember(self, target: str, name: Name) -> None:
        """Remember what ``target`` asks for, if there is no shorter way to."""
        if not (name.is_plain and 0 < len(target) <= _LONGEST):
            return
        if len(self._known) >= _KEPT:
            self._known = {}
        self._known[target] = name

    def routes(self) -> Routes:
        """Return the addresses of documents; the first call loads the URL configuration."""
        if self._routes is None:
            with self._routes_lock:
                if self._routes is None:
                    self._routes = Routes()
        return self._routes
