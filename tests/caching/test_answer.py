"""What HTTP says around a document: encodings, ETags, 304."""

import gzip
import random

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torg.caching.answer import answer, chosen_encoding
from torg.caching.document import Document

LONG = b'{"results": [' + b'{"name": "Mug"},' * 100 + b"null]}"
DOCUMENT = Document.of(LONG, ["b", "a"])
PLAIN, BR, GZIP = DOCUMENT.etag, f'{DOCUMENT.etag[:-1]}-br"', f'{DOCUMENT.etag[:-1]}-gzip"'


def headers(given):
    assert len({name for name, _ in given.headers}) == len(given.headers)
    return dict(given.headers)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("identity", "identity"),
        ("deflate", "identity"),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0.5, br;q=0.5", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0,gzip;q=0", "identity"),
        ("br;q=0.000", "identity"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*;q=0.5, br;q=0.1", "gzip"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("gzip ; q=0.7 , br ; q=0.6", "gzip"),
        # What nobody can read is no wish for anything.
        ("br;q=high", "identity"),
        ("br;q=2", "identity"),
        ("br;q=nan", "identity"),
        (", ;,", "identity"),
        ("identity;q=0", "identity"),
    ],
)
def test_the_encoding_is_chosen_by_what_is_accepted(accepted, encoding):
    assert chosen_encoding(accepted) == encoding


@given(st.text())
def test_whatever_is_accepted_an_encoding_is_chosen(accepted):
    assert chosen_encoding(accepted) in {"br", "gzip", "identity"}


@pytest.mark.parametrize(
    ("accepted", "decode", "etag"),
    [("", bytes, PLAIN), ("gzip", gzip.decompress, GZIP), ("br", brotli.decompress, BR)],
)
def test_each_encoding_has_its_body_and_its_etag(accepted, decode, etag):
    given = answer(DOCUMENT, accept_encoding=accepted, cache="hit", age=7)
    assert given.status == 200
    assert decode(given.body) == LONG
    assert headers(given) == {
        "ETag": etag,
        "Cache-Control": "public, no-cache",
        "Cache-Tag": "a,b",
        "X-Cache": "hit",
        "Age": "7",
        "Vary": "Accept-Encoding",
        "Content-Type": "application/json",
        "Content-Length": str(len(given.body)),
        **({"Content-Encoding": accepted} if accepted else {}),
    }


def test_what_is_short_is_not_compressed():
    short = Document.of(b"x" * 199, [])
    assert "Content-Encoding" not in headers(answer(short, accept_encoding="br"))
    assert headers(answer(short, accept_encoding="br"))["ETag"] == short.etag
    assert headers(answer(Document.of(b"x" * 200, []), accept_encoding="br"))["Content-Encoding"] == "br"


@pytest.mark.parametrize(
    ("named", "accepted", "said"),
    [
        (PLAIN, "", PLAIN),
        (BR, "br", BR),
        (f"W/{GZIP}", "gzip", GZIP),
        (f'"other",W/{BR} , "more"', "gzip, br", BR),
        ("*", "gzip", GZIP),
        # The copy in another encoding holds, and is named.
        (GZIP, "br", GZIP),
        (PLAIN, "br", PLAIN),
        (f"{PLAIN}, {BR}", "br", BR),
    ],
)
def test_who_has_it_in_any_encoding_gets_304(named, accepted, said):
    given = answer(DOCUMENT, if_none_match=named, accept_encoding=accepted, cache="hit", age=1)
    assert (given.status, given.body) == (304, b"")
    assert headers(given) == {
        "ETag": said,
        "Cache-Control": "public, no-cache",
        "Cache-Tag": "a,b",
        "X-Cache": "hit",
        "Age": "1",
        "Vary": "Accept-Encoding",
    }


@pytest.mark.parametrize(
    "named", ['"other"', PLAIN.strip('"'), f'{PLAIN[:-1]}-zstd"', "W/", "", "garbage, *x"]
)
def test_who_has_something_else_gets_it_whole(named):
    assert answer(DOCUMENT, if_none_match=named).status == 200


@pytest.mark.parametrize("exponent", [8, 10, 11, 16, 17, 22, 23])
@pytest.mark.parametrize("more", [-17, -16, -1, 0, 1])
def test_bodies_of_all_sizes_are_compressed_without_loss(exponent, more):
    body = random.Random(exponent).randbytes(2_000) * (2**exponent // 2_000 + 1)
    document = Document.of(body[: 2**exponent + more], []).compressed()
    assert brotli.decompress(document.encoded("br")) == document.body
    assert gzip.decompress(document.encoded("gzip")) == document.body
    if exponent > 11:  # What comes again after 2,000 bytes is found.
        assert len(document.encoded("br")) < 4_000


@pytest.mark.parametrize("tag", ["café", "two words", "a,b", "", "line\r\nX-Injected: yes", "\x7f"])
def test_a_tag_that_no_header_could_say_is_refused(tag):
    with pytest.raises(ValueError, match="printable ASCII"):
        Document.of(b"{}", ["product:1", tag])


def test_a_compressed_form_is_made_once_and_the_same_everywhere():
    first = Document.of(LONG, ["b", "a"])
    again = first.compressed()
    assert (again, again.compressed(), first.forms) == (first, again, ())
    for encoding in ("br", "gzip"):
        assert again.encoded(encoding) is again.encoded(encoding)
        assert again.encoded(encoding) == DOCUMENT.encoded(encoding)
    assert again.encoded("gzip")[4:8] == bytes(4), "the time is in it"
    assert again.forms == (DOCUMENT.encoded("br"), DOCUMENT.encoded("gzip"))
    assert again.encoded("identity") is again.body
    with pytest.raises(ValueError, match="zstd is not an encoding"):
        first.encoded("zstd")
