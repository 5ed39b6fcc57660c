"""What to ask of every kind of document, taken from its declaration, so that a new kind is asked for by itself."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import strategies as st

from tests.pages.columns import BRANDS, CATEGORY_SLUGS, PRODUCT_SLUGS, SIZES
from torg.caching.kinds import Asked, DocumentKind, kinds
from torg.lib.parameters import Parameter, WrongParameters, canonical_text

# For parameters whose declaration does not say what makes sense in a small shop. A cursor is found by following links.
TEXTS: dict[str, list[str]] = {
    "category": CATEGORY_SLUGS,
    "brand": [brand for brand in BRANDS if brand],
    "price_min": ["10", "20"],
    "price_max": ["10", "20"],
    "rating_min": ["1", "4"],
    "attr.": SIZES,
    "page_size": ["1", "2"],
    "page": ["1", "2"],
    "cursor": [],
}
# A kind that is not named here is asked for all of them, and for what it is warmed with.
SLUGS = {"product": PRODUCT_SLUGS, "category": CATEGORY_SLUGS}


def texts_for(kind: DocumentKind, parameter: Parameter) -> list[str]:
    """Return what to send for ``parameter``."""
    schema = parameter.schema
    if parameter.name in TEXTS:
        return TEXTS[parameter.name]
    if "enum" in schema:
        return [str(text) for text in schema["enum"]]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    if schema.get("type") == "integer" and "minimum" in schema:
        return [str(schema["minimum"] + more) for more in (0, 1, 3)]
    if parameter.example is not None:
        return [canonical_text(parameter.example)]
    return pytest.fail(
        f"Nobody knows what to send for ?{parameter.name}= of the kind {kind.name}: give the parameter an example, "
        "or what makes sense in a small shop to TEXTS in tests/pages/asking.py."
    )


def queries(kind: DocumentKind) -> st.SearchStrategy[dict[str, str]]:
    """Make query strings of ``kind``: up to three parameters, often a category or a short page."""
    choices = {
        f"{parameter.name}size" if parameter.name.endswith(".") else parameter.name: st.sampled_from(texts)
        for parameter in kind.parameters.known
        if (texts := texts_for(kind, parameter))
    }
    if not choices:
        return st.just({})
    names = st.lists(st.sampled_from(sorted(choices)), max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: choices[name] for name in chosen}))


@st.composite
def questions(draw: st.DrawFn) -> tuple[DocumentKind, Asked]:
    """Make a kind with what to ask of it."""
    kind = draw(st.sampled_from(sorted(kinds(), key=lambda kind: kind.name)))
    asked = {kind.place: draw(st.sampled_from(slugs_of(kind)))} if kind.place else {}
    with suppress(WrongParameters):  # They contradict each other.
        asked |= kind.parameters.read(draw(queries(kind)))
    return kind, asked


def slugs_of(kind: DocumentKind) -> list[str]:
    """Return the slugs that there may be, and one that there never is."""
    return [*SLUGS.get(kind.name, [slug for slugs in SLUGS.values() for slug in slugs]), "nothing"]


def from_the_start() -> Iterator[tuple[DocumentKind, Asked]]:
    """Go through what is asked for before anything is written: all slugs, what is warmed, and each parameter once."""
    for kind in kinds():
        for asked in [{kind.place: slug} for slug in slugs_of(kind)] if kind.place else [{}]:
            yield kind, asked
        for parameter in kind.parameters.known:
            name = f"{parameter.name}size" if parameter.name.endswith(".") else parameter.name
            for text in texts_for(kind, parameter):
                yield kind, kind.parameters.read({name: text})
    yield from warmed()


def warmed() -> Iterator[tuple[DocumentKind, Asked]]:
    """Go through what would be warmed now."""
    for kind in kinds():
        for group in kind.warmed_as:
            for asked in kind.every(group):
                yield kind, asked


def linked(kind: DocumentKind, body: bytes) -> Iterator[Asked]:
    """Go through the pages before and after this one."""
    page: Any = json.loads(body)
    for name in ("next", "previous"):
        if page.get(name):
            yield kind.parameters.read(parse_qsl(urlsplit(page[name]).query))
