"""Where responses of the application server end, however their bytes are cut into pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torg.caching.accelerator.responses import ResponseEnd, Unreadable

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\n"
NAMES = st.sampled_from([b"Date", b"X-A", b"Cache-Control", b"Via"])
FIELDS = st.lists(st.tuples(NAMES, st.sampled_from([b"", b"a", b"x: y; z"])), max_size=3)


@st.composite
def responses(draw):
    """Return a response that has an end, and whether it is one to HEAD."""
    interim = draw(st.sampled_from([b"", b"", INTERIM]))
    fields = b"".join(b"%b: %b\r\n" % field for field in draw(FIELDS))
    body = draw(st.binary(max_size=60))
    kind = draw(st.sampled_from(["length", "chunked", "head", "status"]))
    if kind == "chunked":
        head = b"HTTP/1.1 404 Not Found\r\n%bTransfer-Encoding: chunked\r\n\r\n" % fields
        return interim + head + draw(chunked_bodies()), False
    head = b"HTTP/1.1 200 OK\r\n%bcontent-LENGTH: %d\r\n\r\n" % (fields, len(body))
    if kind == "length":
        return interim + head + body, False
    if kind == "head":
        return interim + head, True
    status = draw(st.sampled_from([b"204 No Content", b"304 Not Modified"]))
    return interim + head.replace(b"200 OK", status), draw(st.booleans())


@st.composite
def chunked_bodies(draw):
    made = b""
    for chunk in draw(st.lists(st.binary(min_size=1, max_size=40), max_size=4)):
        size = draw(st.sampled_from([b"%x", b"%X", b"000%x"])) % len(chunk)
        made += size + draw(st.sampled_from([b"", b";a", b';a="b;c"', b" ;a=b"])) + b"\r\n" + chunk + b"\r\n"
    trailers = b"".join(b"%b: %b\r\n" % field for field in draw(FIELDS))
    return made + draw(st.sampled_from([b"0", b"000", b"0;a=b"])) + b"\r\n" + trailers + b"\r\n"


def pieces_of(data, cuts):
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[begin:end] for begin, end in pairwise(places) if begin < end]


def end_in(pieces, *, is_to_head=False):
    """Return how many bytes of ``pieces`` belong to the response; None where it has not ended."""
    found = ResponseEnd(is_to_head=is_to_head)
    before = 0
    for piece in pieces:
        end = found.feed(piece)
        if end is not None:
            return before + end
        before += len(piece)
    return None


@given(responses(), st.binary(max_size=30), st.lists(st.integers(0, 10_000), max_size=30))
def test_the_end_is_the_same_however_the_bytes_are_cut(made, behind, cuts):
    response, is_to_head = made
    assert end_in([response + behind], is_to_head=is_to_head) == len(response)
    assert end_in(pieces_of(response + behind, cuts), is_to_head=is_to_head) == len(response)
    each = [bytes([byte]) for byte in response + behind]
    assert end_in(each, is_to_head=is_to_head) == len(response)


@given(responses(), st.lists(st.integers(0, 10_000), max_size=10), st.data())
def test_a_part_of_a_response_is_never_taken_for_all_of_it(made, cuts, data):
    response, is_to_head = made
    part = response[: data.draw(st.integers(0, len(response) - 1))]
    assert end_in(pieces_of(part, cuts), is_to_head=is_to_head) is None


@given(st.binary(max_size=60), st.lists(st.integers(0, 10_000), max_size=10))
def test_what_tells_no_length_ends_with_its_connection(body, cuts):
    found = ResponseEnd(is_to_head=False)
    for piece in pieces_of(b"HTTP/1.0 200 OK\r\nX-A: a\r\n\r\n" + body, cuts):
        assert found.feed(piece) is None
    assert found.is_until_closed


@given(st.binary(max_size=200), st.lists(st.integers(0, 10_000), max_size=5), st.booleans())
def test_rubbish_never_ends_before_it_begins(rubbish, cuts, is_to_head):
    for beginning in (b"", OK, CHUNKED, OK + b"Content-Length: "):
        data = beginning + rubbish
        try:
            end = end_in(pieces_of(data, cuts), is_to_head=is_to_head)
        except Unreadable:
            continue
        assert end is None or 0 < end <= len(data)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"]
)
def test_some_have_no_body_whatever_they_say(head):
    assert end_in([head + b"HTTP/1.1 200 OK\r\n"]) == len(head)


def test_an_empty_body_ends_with_its_head():
    head = OK + b"Content-Length: 0\r\n\r\n"
    assert end_in([head + b"more"]) == len(head)


def test_a_response_in_chunks_with_a_length_as_well_ends_with_its_chunks():
    response = OK + b"Content-Length: 1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    assert end_in([response + b"more"]) == len(response)


def test_another_protocol_lasts_until_the_connection_ends():
    found = ResponseEnd(is_to_head=False)
    assert (
        found.feed(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n") is None
    )
    assert found.is_until_closed


@pytest.mark.parametrize(
    ("fields", "closes"),
    [(b"", False), (b"connection: keep-alive\r\n", False), (b"Connection: Close\r\n", True)],
)
def test_whether_the_connection_ends_with_it_is_told(fields, closes):
    found = ResponseEnd(is_to_head=False)
    found.feed(OK + fields + b"Content-Length: 0\r\n\r\n")
    assert (found.closes, found.status) == (closes, 200)


@pytest.mark.parametrize(
    "response",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 \r\n\r\n",
        b"HTTP/1.1 +20 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"\r\n\r\n",
        OK + b"Content-Length: five\r\n\r\n",
        OK + b"Content-Length: -5\r\n\r\n",
        OK + b"Content-Length: +5\r\n\r\n",
        OK + b"Content-Length: 1_0\r\n\r\n",
        OK + b"Content-Length:\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        CHUNKED + b"\r\n",
        CHUNKED + b"x\r\n",
        CHUNKED + b"-5\r\n",
        CHUNKED + b"+5\r\n",
        CHUNKED + b"0x5\r\n",
        CHUNKED + b"1_0\r\n",
        CHUNKED + b";a\r\n",
        CHUNKED + b"5 5\r\n",
    ],
)
def test_rubbish_is_unreadable_however_it_is_cut(response):
    for pieces in ([response], [bytes([byte]) for byte in response]):
        with pytest.raises(Unreadable):
            end_in(pieces)


def test_a_head_that_does_not_end_is_unreadable():
    with pytest.raises(Unreadable):
        end_in([b"x" * 16_384] * 200)
