"""``torg web`` against those who mean no good: nothing is executed that was not asked for, and nothing leaks."""

import json
import os
import socket
import struct
from contextlib import suppress

import pytest

from tests.cli.served import CALLED, HIT, PASSED_ON, WAYS, served
from tests.raw_http import Gone, request
from torg.lib.embedded.processes import becomes_true

pytestmark = pytest.mark.embedded

HIDDEN = request("/hidden/shown")
HOST = "Host: localhost\r\n"


@pytest.fixture(scope="module")
def web(migrated_data_dir, tmp_path_factory):
    with served(migrated_data_dir, tmp_path_factory.mktemp("h")) as serving:
        yield serving
        assert "/hidden/shown" not in serving.seen()
        assert "torg-peer" not in serving.command.printed.lower()
        assert "Traceback" not in serving.command.printed


def assert_is_refused(connection, status=400, code="malformed_request"):
    answered = connection.answer()
    assert (answered.status, answered.headers["connection"]) == (status, "close")
    assert answered.headers["content-type"] == "application/problem+json"
    problem = answered.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answered.headers["x-request-id"]
    assert "torg-peer" not in json.dumps([answered.headers, problem]).lower()
    assert connection.is_closed()


@pytest.mark.parametrize(
    "sent",
    [
        "GET  /hidden/shown HTTP/1.1\r\n" + HOST,
        "GET /hidden/shown\r\n" + HOST,
        "GET /hidden/shown HTTP/2.0\r\n" + HOST,
        "GET /hidden/shown HTTP/1.1\n" + HOST,
        "GET /hidden/shown HTTP/1.1\r\n",
        "GET /hidden/shown HTTP/1.1\r\nHost: localhost\n",
        "GET /hidden/shown HTTP/1.1\r\nHost localhost\r\n",
        "GET /hidden/shown HTTP/1.1\r\n" + HOST + HOST,
        "GET /hidden/shown HTTP/1.1\r\n" + HOST + "X-A: a\x00b\r\n",
        "GET /hidden/shown HTTP/1.1\r\n" + HOST + "X-A: a\r\n folded\r\n",
        "GET /hidden/shown HTTP/1.1\r\n" + HOST + "X-A : a\r\n",
        "GET /hidden/shown HTTP/1.1\r\n" + HOST + "X-A: a\rX-B: b\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n",
    ],
)
@pytest.mark.parametrize("before", [[], [HIT], WAYS], ids=["first", "behind a hit", "behind others"])
def test_what_is_malformed_is_refused_and_the_connection_closed(web, sent, before):
    with web.connect() as connection:
        connection.send(
            b"".join(request(target) for target in before) + (sent + "\r\n").encode("latin-1") + HIDDEN
        )
        for _ in before:
            assert connection.answer().status == 200
        assert_is_refused(connection)


@pytest.mark.parametrize("size", [66_000, 81_000, 200_000, 5_000_000])
@pytest.mark.parametrize("ending", [b"", b"\r\n\r\n"])
def test_a_head_that_is_too_long_is_refused_however_it_comes(web, size, ending):
    for piece in (size, 10_000):
        sent = f"GET /hidden/shown HTTP/1.1\r\n{HOST}X-A: ".encode() + b"x" * size + ending
        with web.connect() as connection:
            try:
                connection.send(*[sent[at : at + piece] for at in range(0, len(sent), piece)])
            except (BrokenPipeError, ConnectionResetError):
                continue  # It was not willing to take it all, as it may be.
            assert_is_refused(connection, 431, "header_too_large")


def test_lines_that_end_in_lf_are_refused_before_an_empty_line_of_another_kind_comes(web):
    for end in ("\n\n", "\n\r\n"):
        with web.connect() as connection:
            connection.send(f"GET /hidden/shown HTTP/1.1\r\nHost: localhost{end}".encode())
            assert_is_refused(connection)


@pytest.mark.parametrize(
    "fields",
    [
        f"Content-Length: {len(HIDDEN) + 5}\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Content-Length : 4\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "X-A: a\n\rTransfer-Encoding: chunked\r\n",
        "X-A: a\nTransfer-Encoding: chunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        f"Content-Length: {2**64 + 5}\r\n",
    ],
)
@pytest.mark.parametrize("target", [PASSED_ON, HIT])
def test_a_body_whose_end_can_be_seen_in_two_ways_is_refused(web, fields, target):
    with web.connect() as connection:
        connection.send(
            f"POST {target} HTTP/1.1\r\n{HOST}{fields}\r\n".encode("latin-1") + b"0\r\n\r\n" + HIDDEN
        )
        assert_is_refused(connection)


@pytest.mark.parametrize("target", [PASSED_ON, HIT, CALLED, "/nothing", "/api/v1/products"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_behind_a_chunked_body_is_neither_executed_nor_answered(web, method, target):
    for chunks in (b"0\r\n\r\n", b"1\r\na\r\n0\r\n\r\n", b"0\r\nX-Trailer: a\r\n\r\n"):
        with web.connect() as connection:
            connection.send(
                request(target, "Transfer-Encoding: chunked", method=method) + chunks + HIDDEN * 3
            )
            assert connection.answer().headers["connection"] == "close"
            assert connection.is_closed()
    assert "/hidden/shown" not in web.seen()


@pytest.mark.parametrize(
    "chunks", [b"x\r\n", b"-1\r\n", b"5\r\nab\r\n0\r\n\r\n", b"1\n\na0\r\n\r\n", b"f" * 17]
)
def test_broken_chunks_execute_nothing_that_stands_in_them(web, chunks):
    with web.connect() as connection:
        connection.send(request(PASSED_ON, "Transfer-Encoding: chunked", method="POST") + chunks + HIDDEN)
        connection.socket.shutdown(socket.SHUT_WR)
        with suppress(Gone):
            connection.answer()  # To an application that has not read so far, it is a body that has ended.
        assert connection.is_closed()
    assert "/hidden/shown" not in web.seen()


def test_a_body_is_never_read_as_a_request(web):
    with web.connect() as connection:
        connection.send(
            request(HIT, method="GET", body=HIDDEN) + request(PASSED_ON, method="POST", body=HIDDEN)
        )
        assert connection.answer().status == 200
        assert connection.answer().json()["body"] == HIDDEN.decode()
        assert connection.ask(HIT).status == 200


def test_an_upgrade_or_a_tunnel_is_not_had(web):
    for sent in (
        request(PASSED_ON, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
        request(PASSED_ON, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
        request("localhost:443", method="CONNECT"),
    ):
        with web.connect() as connection:
            status = connection.send(sent).answer().status
            assert status == 200 if PASSED_ON.encode() in sent else status >= 400


def reset(connection):
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.socket.close()


@pytest.mark.parametrize(
    "leave", [lambda connection: connection.socket.close(), reset], ids=["close", "reset"]
)
def test_clients_that_go_away_in_the_middle_of_everything_leave_nothing(web, leave, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    begun = [
        b"", b"GET", b"\x00\r\n\r\n", request(HIT)[:-2], request(HIT), request(PASSED_ON), request(CALLED),
        request("/large"), request("/large", "Connection: close"), (request(HIT) + request("/large")) * 9,
        request(PASSED_ON, "Content-Length: 1000", method="POST") + b"abc",
        request(PASSED_ON, "Transfer-Encoding: chunked", method="POST") + b"5\r\nab",
        request(PASSED_ON, "Content-Length: 9", "Expect: 100-continue", method="POST"),
    ]  # fmt: skip
    web.ask(HIT)
    before = web.files()
    for _ in range(5):
        for sent in begun:
            leave(web.connect().send(sent))
        with web.connect(takes=4_096) as connection:
            connection.send(request("/large")).head()
            leave(connection)
        for way in ("/waiting", "/api/v1/products/waiting"):
            connection = web.connect().send(request(f"{way}?{pipe}"))
            with pipe.open("w"):  # The application has opened it.
                leave(connection)
    assert web.ask(HIT).headers["x-cache"] == "hit"
    # What waits for more of a head or a body is seen to be gone; connections of pools may come and go.
    assert becomes_true(lambda: web.files() <= before + 8, seconds=60), (before, web.files())
