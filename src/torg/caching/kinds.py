"""Kinds of documents: declared once each, above this floor; known here by name, and by where they are asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from torg.caching.document import Document
from torg.lib.parameters import Parameters

Asked = Mapping[str, Any]
"""What is asked of a kind: the place in its address and the values of its parameters, by name; defaults left out."""


def _never(_: Asked) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class DocumentKind:
    """How one kind of document is asked for, built, kept and warmed.

    ``route`` is the name of its address in the URL configuration, ``place`` the name of the slug at its end, if any.
    ``build`` gives the document, None where there is none, or raises what is wrong with what was asked.
    ``build_many``, where there is one, does the same for many at less cost; None stands for what there is not.
    ``seconds`` is the longest it may live; freshness does not depend on it. ``CACHE_<NAME>_SECONDS`` overrides it,
    and ``CACHE_MAX_AGE`` is above both.
    ``is_open`` says of what was asked whether there is no end of its like (any price, any cursor): that is kept only
    when it is asked for again. ``warmed_as`` names the groups it is warmed with, each with what gives all there is to
    ask for then, the likely first; the most read go before.
    """

    name: str
    route: str
    build: Callable[[Asked], Document | None]
    seconds: int
    place: str | None = None
    parameters: Parameters = field(default_factory=Parameters)
    build_many: Callable[[Sequence[Asked]], Sequence[Document | None]] | None = None
    is_open: Callable[[Asked], bool] = _never
    warmed_as: Mapping[str, Callable[[], Iterable[Asked]]] = field(default_factory=dict)

    def key(self, asked: Asked) -> str:
        """Return the name of the document: equal for all ways to ask for the same."""
        place = str(asked[self.place]) if self.place else ""
        if not self.parameters.known:
            return f"{self.name}:{place}?"
        return f"{self.name}:{place}?{urlencode(self.parameters.texts_of(asked), doseq=True)}"

    def every(self, group: str) -> Iterable[Asked]:
        """Go through what to ask for to warm ``group``; nothing where this kind is not warmed with it."""
        gives = self.warmed_as.get(group)
        return gives() if gives else ()

    @property
    def lifetime(self) -> int:
        """How many seconds a document of this kind may live at most."""
        seconds: int = settings.TORG_CACHE_SECONDS.get(self.name, self.seconds)
        return min(seconds, settings.TORG_CACHE_MAX_AGE)


_kinds: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> DocumentKind:
    """Make ``kind`` known, and return it. Raises ``ValueError`` if another one has its name."""
    if _kinds.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"there is a kind of document named {kind.name} already")
    return kind


def kinds() -> Iterator[DocumentKind]:
    """Go through all kinds that are registered."""
    yield from _kinds.values()


def kind_named(name: str) -> DocumentKind:
    """Return the kind of that name, or raise ``KeyError``."""
    return _kinds[name]
