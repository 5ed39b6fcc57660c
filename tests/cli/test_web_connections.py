"""``torg web`` on the wire: whichever of its parts answers, it is one server that speaks HTTP/1.1 exactly."""

import re
import socket

import pytest

from tests.cli.served import CALLED, HIT, LARGE_BYTES, PASSED_ON, WAYS, served
from tests.raw_http import request

pytestmark = pytest.mark.embedded

ALL_WAYS = [HIT, *WAYS]


@pytest.fixture(scope="module")
def web(migrated_data_dir, tmp_path_factory):
    with served(migrated_data_dir, tmp_path_factory.mktemp("w")) as serving:
        yield serving
        assert "torg-peer" not in serving.command.printed.lower()
        assert "Traceback" not in serving.command.printed


def assert_is_of(answered, target):
    """Say that it is the answer to ``target``, and no other."""
    assert answered.status == 200
    if target == HIT:
        assert answered.headers["x-cache"] == "hit"
        assert answered.body == b'{"results":[]}'
    else:
        assert answered.json()["environ"]["PATH_INFO"] == target.partition("?")[0]


def test_one_connection_carries_answers_of_every_kind(web):
    with web.connect() as connection:
        for target in [*ALL_WAYS, *reversed(ALL_WAYS), HIT, HIT, CALLED, CALLED, PASSED_ON, PASSED_ON]:
            answered = connection.ask(target)
            assert_is_of(answered, target)
            assert answered.headers.get("connection", "keep-alive") == "keep-alive"
            assert connection.received == b""


@pytest.mark.parametrize(
    "targets",
    [[HIT] * 50, [CALLED] * 20, [PASSED_ON] * 20, ALL_WAYS * 10, list(reversed(ALL_WAYS)) * 10],
    ids=["hits", "called", "passed on", "mixed", "mixed in reverse"],
)
@pytest.mark.parametrize("ends", [False, True], ids=["open", "shut down"])
def test_pipelined_requests_are_answered_in_order(web, targets, ends):
    with web.connect() as connection:
        asked = [f"{target}?{number}" if target in WAYS else target for number, target in enumerate(targets)]
        connection.send(b"".join(request(target) for target in asked))
        if ends:
            connection.socket.shutdown(socket.SHUT_WR)
        for number, (target, sent) in enumerate(zip(targets, asked, strict=True)):
            answered = connection.answer()
            assert_is_of(answered, target)
            if sent != target:
                assert answered.json()["environ"]["QUERY_STRING"] == str(number)
        if ends:
            assert connection.is_closed()


@pytest.mark.parametrize("target", ALL_WAYS)
def test_a_head_may_come_byte_by_byte(web, target):
    with web.connect() as connection:
        answered = connection.send(*[bytes([byte]) for byte in request(target, "X-Id: slowly")]).answer()
        assert_is_of(answered, target)
        assert_is_of(connection.ask(HIT), HIT)


def test_an_empty_line_behind_a_body_is_no_request(web):
    with web.connect() as connection:
        for _ in range(2):
            connection.send(request(PASSED_ON, method="POST", body=b"a=b"), b"\r\n")
            assert connection.answer().json()["body"] == "a=b"
        assert_is_of(connection.ask(HIT), HIT)


def test_a_body_is_passed_on_in_whatever_pieces_it_comes(web):
    body = b"0123456789" * 20_000
    with web.connect() as connection:
        sent = request(PASSED_ON, method="PUT", body=body)
        head = len(sent) - len(body)
        for pieces in ([sent], [sent[:head], body], [sent[: head + 1], body[1:]]):
            assert connection.send(*pieces).answer().json()["body"] == body.decode()
        connection.send(sent[:head], *[body[at : at + 1_000] for at in range(0, len(body), 1_000)])
        assert connection.answer().json()["body"] == body.decode()
        connection.send(sent + request(HIT))
        assert connection.answer().json()["body"] == body.decode()
        assert_is_of(connection.answer(), HIT)


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_a_chunked_body_is_passed_on_and_ends_the_connection(web, piece):
    chunks = b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Trailer: a\r\n\r\n"
    sent = request(PASSED_ON, "Transfer-Encoding: chunked", method="POST") + chunks
    with web.connect() as connection:
        connection.send(*[sent[at : at + piece] for at in range(0, len(sent), piece)])
        answered = connection.answer()
        assert answered.json()["body"] == "hello world"
        assert answered.headers["connection"] == "close"
        assert connection.is_closed()


def test_whoever_expects_it_is_told_to_continue(web):
    with web.connect() as connection:
        sent = request(PASSED_ON, "Expect: 100-continue", method="POST", body=b"hello")
        connection.send(sent[:-5])
        assert connection.answer() == (100, {}, b"")
        assert connection.send(b"hello").answer().json()["body"] == "hello"
        assert_is_of(connection.ask(HIT), HIT)


def test_whoever_expects_it_of_too_large_a_body_is_refused_at_once(web):
    with web.connect() as connection:
        fields = "Expect: 100-continue", "Content-Length: 1048577"
        answered = connection.send(request("/api/v1/products", *fields, method="POST")).answer()
        assert (answered.status, answered.json()["code"]) == (413, "body_too_large")
        assert answered.headers["connection"] == "close"
        assert connection.is_closed()


@pytest.mark.parametrize("length", [1_048_577, 20_000_000])
def test_the_refusal_of_too_large_a_body_can_be_read(web, length):
    with web.connect() as connection:
        connection.send(request("/api/v1/products", method="POST", body=b"x" * length))
        answered = connection.answer()
        assert (answered.status, answered.json()["code"]) == (413, "body_too_large")
        assert connection.is_closed()


@pytest.mark.parametrize("target", ALL_WAYS)
def test_an_answer_to_head_is_that_to_get_without_its_body(web, target):
    with web.connect() as connection:
        got = connection.ask(target)
        head = connection.ask(target, method="HEAD")
        assert head.status == got.status
        if target == HIT:
            assert head.headers["content-length"] == got.headers["content-length"]
        assert_is_of(connection.ask(target), target)


@pytest.mark.parametrize("fields", [[], ["Connection: keep-alive"]])
@pytest.mark.parametrize("target", ALL_WAYS)
def test_http_1_0_is_answered_and_the_connection_closed(web, target, fields):
    with web.connect() as connection:
        connection.send(request(target, *fields).replace(b"HTTP/1.1", b"HTTP/1.0"))
        answered = connection.answer()
        assert_is_of(answered, target)
        assert answered.headers.get("connection", "close") == "close"
        assert connection.is_closed()


@pytest.mark.parametrize("said", ["close", "Close", "keep-alive, close", "close\r\nConnection: keep-alive"])
@pytest.mark.parametrize("target", ALL_WAYS)
def test_a_connection_is_closed_for_who_asks_for_it_and_that_is_said(web, target, said):
    with web.connect() as connection:
        answered = connection.send(request(target, f"Connection: {said}") + request(HIT)).answer()
        assert_is_of(answered, target)
        assert answered.headers["connection"] == "close"
        assert connection.is_closed()


def test_a_large_answer_can_be_read_slowly(web):
    for fields in ([], ["Connection: close"]):
        with web.connect(takes=4_096) as connection:
            answered = connection.ask("/large", *fields)
            assert len(answered.body) > LARGE_BYTES
            assert answered.body == b"".join(
                b"%08d" % (number * 8) * 8_192 for number in range(LARGE_BYTES // 65_536 + 1)
            )
            if not fields:
                assert_is_of(connection.ask(HIT), HIT)


@pytest.mark.parametrize("target", [HIT, "/api/v1/products/none", "/nothing"])
def test_an_id_of_the_request_is_taken_over_or_made(web, target):
    with web.connect() as connection:
        assert connection.ask(target, "X-Request-ID: order-42").headers["x-request-id"] == "order-42"
        made = [connection.ask(target, *fields) for fields in ([], ["X-Request-ID: in valid"])]
        ids = [answered.headers["x-request-id"] for answered in made]
        assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) for each in ids)
        assert len(set(ids)) == 2


@pytest.mark.parametrize("target", WAYS)
def test_no_header_makes_a_client_pass_for_another(web, target):
    names = (
        "X-Torg-Peer", "X_Torg_Peer", "TORG_PEER_HEADER", "X-Torg-Peer-0", "REMOTE_ADDR", "Remote-Addr",
        "X-Forwarded-For", "X-Real-IP", "Forwarded", "SERVER_NAME", "Server-Port", "wsgi.url_scheme",
    )  # fmt: skip
    for fields in ([], [f"{name}: 10.9.8.7" for name in names]):
        with web.connect() as connection:
            environ = connection.ask(target, *fields).json()["environ"]
            assert environ["REMOTE_ADDR"] == "127.0.0.1"
            assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", str(web.port))
            assert environ["wsgi.url_scheme"] == "http"
            assert environ["HTTP_HOST"] == "localhost"
            ours = {name for name in environ if "TORG_PEER" in name.upper()}
            sent = {"HTTP_X_TORG_PEER", "HTTP_X_TORG_PEER_0", "HTTP_TORG_PEER_HEADER"} if fields else set()
            assert ours <= sent
            assert not [value for value in environ.values() if "torg-peer" in value.lower()]


def test_metrics_are_for_this_machine_itself(web):
    assert web.ask("/metrics").status == 200
    assert web.ask("/metrics", "X-Forwarded-For: 127.0.0.1").status == 403


def test_who_is_slow_to_ask_keeps_nobody_waiting(web):
    with web.connect() as connection:
        connection.send(request(HIT)[:-2])
        assert_is_of(web.ask(HIT), HIT)
        assert_is_of(connection.send(b"\r\n").answer(), HIT)
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.is_closed()
