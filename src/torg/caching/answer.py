"""What HTTP says around a document: status, headers, body. Pure, so that whoever serves it says the same."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from torg.caching.document import ENCODINGS, Document

# Anyone may keep it, but has to ask whether it still holds: what we answer is never stale.
PUBLIC = "public, no-cache"
VARY = ("Vary", "Accept-Encoding")
LONGEST_REMEMBERED = 200


class Answer(NamedTuple):
    """The answer to a GET. One to HEAD is the same without the body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def answer(
    document: Document,
    *,
    if_none_match: str = "",
    accept_encoding: str = "",
    cache: str = "bypass",
    age: int = 0,
    frame: Sequence[tuple[str, str]] = (VARY,),
) -> Answer:
    """Answer with ``document`` in the best encoding that is accepted, or 304 where ``If-None-Match`` names it.

    ``frame`` is what goes around it, ``Vary`` among it.
    """
    # What is long is nobody's browser's, and not remembered.
    choose = chosen_encoding if len(accept_encoding) <= LONGEST_REMEMBERED else chosen_encoding.__wrapped__
    encoding = choose(accept_encoding) if document.is_worth_compressing else "identity"
    etag = etag_of(document, encoding)
    known = _known(document, etag, if_none_match) if if_none_match else None
    headers = [
        ("ETag", known or etag),
        ("Cache-Control", PUBLIC),
        ("Cache-Tag", ",".join(document.tags)),
        ("X-Cache", cache),
        ("Age", str(age)),
        *frame,
    ]
    if known:
        return Answer(304, headers, b"")
    body = document.encoded(encoding)
    headers += [("Content-Type", document.content_type), ("Content-Length", str(len(body)))]
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    return Answer(200, headers, body)


def etag_of(document: Document, encoding: str) -> str:
    """Return the strong ETag of ``document`` in ``encoding``: other bytes, another ETag."""
    return document.etag if encoding == "identity" else f'{document.etag[:-1]}-{encoding}"'


def _known(document: Document, etag: str, if_none_match: str) -> str | None:
    """Return the ETag under which the caller has ``document``, in whichever encoding; None where it has not."""
    if if_none_match.strip() == "*":
        return etag
    # For GET the comparison is weak: a proxy may have marked our ETag so.
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    if etag in named:
        return etag
    others = (etag_of(document, encoding) for encoding in ("identity", *ENCODINGS))
    # The copy that the caller has is the one to be said to hold.
    return next((other for other in others if other in named), None)


@lru_cache(maxsize=256)
def chosen_encoding(accept_encoding: str) -> str:
    """Choose ``br``, ``gzip`` or ``identity`` by an ``Accept-Encoding``: the highest q-value, ours first among equals.

    Where nothing of ours is accepted, it is sent as it is (RFC 9110, 12.5.3).
    """
    wanted = _q_values(accept_encoding)
    others = wanted.get("*", 0.0)
    # Identity is accepted unless it is refused, but not wanted more than what is named.
    unnamed = {"identity": wanted.get("*", 0.001) if wanted else 1.0}
    best, highest = "identity", 0.0
    for encoding in (*ENCODINGS, "identity"):
        q_value = wanted.get(encoding, unnamed.get(encoding, others))
        if q_value > highest:
            best, highest = encoding, q_value
    return best


def _q_values(accept_encoding: str) -> dict[str, float]:
    wanted = {}
    for part in accept_encoding.lower().split(","):
        coding, _, rest = part.partition(";")
        name, _, text = rest.strip().partition("=")
        coding = coding.strip()
        if coding:
            wanted["gzip" if coding == "x-gzip" else coding] = _number(text) if name.strip() == "q" else 1.0
    return wanted


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0.0 <= number <= 1.0 else 0.0
