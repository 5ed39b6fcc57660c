"""What the accelerator takes for the head of a request, and what it refuses."""

import pytest

from torg.caching.accelerator.heads import Line, Malformed, read_fields, read_line

HOST = b"Host: shop.example\r\n"


def refusal(block):
    with pytest.raises(Malformed) as refused:
        read_fields(block)
    return refused.value.status, refused.value.code, refused.value.detail


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"GET / HTTP/1.1", Line("GET", "/", is_http_1_1=True)),
        (b"GET / HTTP/1.0", Line("GET", "/", is_http_1_1=False)),
        (b"HEAD /a?b=c&d HTTP/1.1", Line("HEAD", "/a?b=c&d", is_http_1_1=True)),
        (b"get / HTTP/1.1", Line("get", "/", is_http_1_1=True)),
        (b"M-SEARCH * HTTP/1.1", Line("M-SEARCH", "*", is_http_1_1=True)),
        (b"GET http://other.example/ HTTP/1.1", Line("GET", "http://other.example/", is_http_1_1=True)),
        (b"CONNECT other.example:443 HTTP/1.1", Line("CONNECT", "other.example:443", is_http_1_1=True)),
        (b"GET /caf\xc3\xa9 HTTP/1.1", Line("GET", "/caf\xc3\xa9", is_http_1_1=True)),
    ],
)
def test_a_request_line_is_read(text, line):
    assert read_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"GET",
        b"GET /",
        b"GET  / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b" GET / HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b"GET\t/\tHTTP/1.1",
        b"GET / a HTTP/1.1",
        b"GET /a\x00b HTTP/1.1",
        b"GET /a\x7fb HTTP/1.1",
        b"GET /a\rb HTTP/1.1",
        b"GET /a\nb HTTP/1.1",
        b"GET / HTTP/1.1\n",
        b"GET / HTTP/1.1\r",
        b"\nGET / HTTP/1.1",
        b"GET / http/1.1",
        b"GET / HTTP/1.10",
        b"GET / HTTP/1.2",
        b"GET / HTTP/2.0",
        b"GET / HTTP/0.9",
        b"GET / HTTP/11",
        b"PRI * HTTP/2.0",
        b"G:T / HTTP/1.1",
        b"G(T / HTTP/1.1",
        b"G\xc3\x89T / HTTP/1.1",
        b" / HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request_line_is_refused(text):
    with pytest.raises(Malformed, match="first line") as refused:
        read_line(text)
    assert (refused.value.status, refused.value.code) == (400, "malformed_request")


def test_a_very_long_request_line_is_read():
    target = "/" + "x" * 60_000
    assert read_line(f"GET {target} HTTP/1.1".encode()) == Line("GET", target, is_http_1_1=True)


@pytest.mark.parametrize(
    "more",
    [
        b"",
        b"Accept: */*\r\nUser-Agent: a (b; c)\r\n",
        b"Connection: keep-alive\r\n",
        b"Connection: \r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: 000\r\n",
        b"X-Empty:\r\n",
        b"X-Tab:\ta\tb\t\r\n",
        b"X-Latin: caf\xe9\r\n",
        b"!#$%&'*+-.^`|~09aZ: x\r\n",
        b'If-None-Match: "a"\r\nX-Request-ID: a\r\n',
    ],
)
def test_what_says_nothing_against_a_document_is_plain(more):
    for block in (HOST + more, more + HOST):
        way = read_fields(block)
        assert way.is_plain
        assert (way.body_bytes, way.is_chunked, way.closes) == (0, False, False)


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 1\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Expect: 100-continue\r\n",
        b"Upgrade: h2c\r\n",
        b"Connection: upgrade\r\n",
        b"Connection: x-torg-peer\r\n",
        b"Cookie: a=b\r\nCookie: c=d\r\n",
        b"Accept: a\r\naccept: b\r\n",
        b"X_Request_ID: a\r\n",
        b"Content_Length: 1\r\n",
    ],
)
def test_what_is_rare_is_left_to_others(more):
    for block in (HOST + more, more + HOST):
        way = read_fields(block)
        assert not way.is_plain
        assert way.environ == {}


def test_without_a_host_nothing_is_plain():
    assert not read_fields(b"").is_plain
    assert not read_fields(b"X-Host: shop.example\r\n").is_plain


@pytest.mark.parametrize(
    "line",
    [
        b"X-A: a\x00b", b"X-A: a\x01b", b"X-A: a\x0bb", b"X-A: a\x1fb", b"X-A: a\x7fb", b"X-A: a\rb",
        b"X-A: a\nX-B: b", b"X-A: a\r\r", b"\nX-A: a", b"X-A: a\n", b"X-A\x00: a",
    ],
)  # fmt: skip
def test_control_characters_and_stray_line_ends_are_refused(line):
    assert refusal(HOST + line + b"\r\n") == (
        400,
        "malformed_request",
        "The header has control characters, or lines that do not end in CR LF.",
    )


@pytest.mark.parametrize(
    "line",
    [
        b"X-A : a", b"X-A\t: a", b" X-A: a", b"\tX-A: a", b" folded", b"X-A", b": a", b"", b"X A: a", b"X(A): a",
        b"X@A: a", b'X"A: a', b"X/A: a", b"X\xc3\x84: a", b"GET / HTTP/1.1", b"Transfer-Encoding : chunked",
    ],
)  # fmt: skip
def test_a_line_that_is_no_field_is_refused(line):
    assert refusal(HOST + b"X-B: b\r\n" + line + b"\r\n") == (
        400,
        "malformed_request",
        "A line of the header is not of the form 'Name: value'.",
    )


@pytest.mark.parametrize("length", [
    b"", b"-1", b"+1", b"1.0", b"1e3", b"0x1", b"1_0", b"1 1", b"1,1", b"1, 1", b"1;", b"a", b"\xb2", b"\xd9\xa1",
    b"9" * 19, b"9" * 5_000,
])  # fmt: skip
def test_a_content_length_that_is_no_plain_number_is_refused(length):
    assert (
        refusal(HOST + b"Content-Length: " + length + b"\r\n")[2] == "Content-Length is not a whole number."
    )


@pytest.mark.parametrize(
    ("text", "number"), [(b"1", 1), (b" \t7 \t", 7), (b"007", 7), (b"9" * 18, 10**18 - 1)]
)
def test_a_content_length_is_read(text, number):
    way = read_fields(HOST + b"content-LENGTH:" + text + b"\r\n")
    assert (way.body_bytes, way.is_chunked) == (number, False)


@pytest.mark.parametrize(
    ("block", "detail"),
    [
        (HOST + HOST, "There is more than one Host."),
        (HOST + b"hOST: other.example\r\n", "There is more than one Host."),
        (
            HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n",
            "There is more than one Content-Length.",
        ),
        (
            HOST + b"Content-Length: 5\r\nX-A: a\r\ncontent-length: 6\r\n",
            "There is more than one Content-Length.",
        ),
    ],
)
def test_what_may_be_there_once_is_refused_twice(block, detail):
    assert refusal(block) == (400, "malformed_request", detail)


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked;a=b\r\n",
        b'Transfer-Encoding: "chunked"\r\n',
        b"Transfer-Encoding:\r\n",
        b"Transfer-Encoding: \xa0chunked\r\n",
    ],
)
def test_a_body_whose_end_could_be_seen_elsewhere_is_refused(fields):
    assert (
        refusal(HOST + fields)[2] == "Transfer-Encoding may only be 'chunked', and without a Content-Length."
    )


@pytest.mark.parametrize("value", [b"chunked", b"Chunked", b"\tCHUNKED "])
def test_a_chunked_body_is_read(value):
    way = read_fields(HOST + b"Transfer-Encoding:" + value + b"\r\n")
    assert (way.is_chunked, way.body_bytes) == (True, 0)


@pytest.mark.parametrize(
    ("fields", "closes"),
    [
        (b"", False),
        (b"Connection: close\r\n", True),
        (b"Connection: CLOSE\r\n", True),
        (b"Connection: keep-alive, Close\r\n", True),
        (b"Connection: keep-alive\r\n", False),
        (b"Connection: closed\r\n", False),
        (b"Connection: close\r\nConnection: keep-alive\r\n", True),
        (b"Connection: keep-alive\r\nConnection: close\r\n", True),
    ],
)
def test_whoever_asks_for_it_in_any_field_gets_the_connection_closed(fields, closes):
    assert read_fields(HOST + fields).closes is closes


@pytest.mark.parametrize(
    ("line", "block", "detail"),
    [
        (b"GET / HTTP/1.1", b"", "There is no Host."),
        (b"POST / HTTP/1.1", b"X-Host: a\r\nContent-Length: 5\r\n", "There is no Host."),
        (b"POST / HTTP/1.0", HOST + b"Transfer-Encoding: chunked\r\n", "HTTP/1.0 has no Transfer-Encoding."),
    ],
)
def test_fields_that_do_not_go_with_their_line_are_refused(line, block, detail):
    way = read_fields(block)
    with pytest.raises(Malformed, match=detail):
        way.check(read_line(line))


@pytest.mark.parametrize("line", [b"GET / HTTP/1.0", b"GET / HTTP/1.1"])
def test_fields_that_go_with_their_line_are_taken(line):
    read_fields(HOST).check(read_line(line))
    read_fields(b"").check(read_line(b"GET / HTTP/1.0"))


def test_the_environment_is_that_of_wsgi():
    way = read_fields(
        b"Host: shop.example\r\nContent-Type: a/b\r\ncontent-length: 0\r\nX-Forwarded-For: 1.2.3.4\r\n"
        b"X-Latin: caf\xe9\r\nremote-addr: 1.2.3.4\r\n"
    )
    assert way.environ == {
        "HTTP_HOST": "shop.example",
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "0",
        "HTTP_X_FORWARDED_FOR": "1.2.3.4",
        "HTTP_X_LATIN": "caf\xe9",
        "HTTP_REMOTE_ADDR": "1.2.3.4",
    }


def test_what_answers_go_by_is_read():
    way = read_fields(HOST + b'Accept-Encoding: br, gzip\r\nif-none-match: "a"\r\nX-REQUEST-ID: order-42\r\n')
    assert (way.accept_encoding, way.if_none_match, way.request_id) == ("br, gzip", '"a"', "order-42")
    without = read_fields(HOST)
    assert (without.accept_encoding, without.if_none_match, without.request_id) == ("", "", None)


def test_a_hundred_fields_are_read_and_no_more():
    block = HOST + b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(99))
    way = read_fields(block)
    assert way.is_plain
    assert len(way.environ) == 100
    with pytest.raises(Malformed) as refused:
        read_fields(block + b"X-One-More: 1\r\n")
    assert (refused.value.status, refused.value.code) == (431, "header_too_large")
