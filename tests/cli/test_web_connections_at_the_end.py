"""How ``torg web`` ends, is replaced, and holds out: each test has a server of its own."""

import contextlib
import os
import signal
import socket

import pytest

from tests.cli.served import CALLED, HIT, LARGE_BYTES, PASSED_ON, served
from tests.raw_http import Connection, request
from torg.lib.embedded.processes import becomes_true

pytestmark = pytest.mark.embedded


def can_listen_on_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def is_refused(web):
    try:
        web.connect().socket.close()
    except ConnectionRefusedError:
        return True
    return False


def test_what_is_in_flight_is_answered_after_sigterm_and_idle_connections_are_closed(
    migrated_data_dir, tmp_path
):
    pipes = [tmp_path / "called", tmp_path / "passed-on"]
    with served(migrated_data_dir, tmp_path) as web, contextlib.ExitStack() as stack:
        idle, used, hits, called, passed_on, large, body = (
            stack.enter_context(web.connect(takes=4_096)) for _ in range(7)
        )
        assert used.ask(HIT).status == 200
        web.ask("/api/v1/schema")
        large.send(request("/large")).head()
        body.send(request(PASSED_ON, "Content-Length: 5", method="POST") + b"he")
        hits.send(request("/api/v1/schema") * 200)
        for connection, path, pipe in (
            (called, "/api/v1/products/waiting", pipes[0]),
            (passed_on, "/waiting", pipes[1]),
        ):
            os.mkfifo(pipe)
            connection.send(request(f"{path}?{pipe}"))
        held = [stack.enter_context(pipe.open("w")) for pipe in pipes]
        web.command.signal(signal.SIGTERM)
        assert idle.is_closed()
        assert used.is_closed()
        assert becomes_true(lambda: is_refused(web), seconds=30)
        for pipe in held:
            pipe.close()
        for connection in (called, passed_on):
            assert connection.answer().json()["seen"]
            assert connection.is_closed()
        assert body.send(b"ll", b"o").answer().json()["body"] == "hello"
        assert body.is_closed()
        assert len(large.rest()) > LARGE_BYTES
        answered = [hits.answer()]
        while answered[-1].headers.get("connection") != "close":
            answered.append(hits.answer())
        assert {(each.status, len(each.body)) for each in answered} == {(200, len(answered[0].body))}
        assert hits.is_closed()
        assert web.command.exit_status() == 0


def test_a_killed_process_is_replaced_and_the_port_goes_on_answering(migrated_data_dir, tmp_path):
    with served(migrated_data_dir, tmp_path) as web:
        [victim] = web.serving()
        with web.connect() as cut:
            assert cut.ask(HIT).status == 200
            os.kill(victim, signal.SIGKILL)
            assert cut.is_closed()
        for target in (HIT, CALLED, PASSED_ON, HIT):
            assert web.ask(target).status == 200  # The port was never closed: who connects, waits.
        assert becomes_true(lambda: len(web.serving()) == 1, seconds=30)
        assert web.serving() != [victim]


@pytest.mark.skipif(not can_listen_on_ipv6(), reason="this machine has no IPv6")
def test_ipv6_is_served_as_well(migrated_data_dir, tmp_path):
    with served(migrated_data_dir, tmp_path, host="::1", waits=False) as web:
        assert becomes_true(lambda: not is_refused(web), seconds=60)
        for target in (CALLED, PASSED_ON):
            with web.connect() as connection:
                environ = connection.ask(target, f"Host: [::1]:{web.port}").json()["environ"]
            assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"]) == ("::1", "::1")
            assert environ["SERVER_PORT"] == str(web.port)
        assert web.ask("/metrics", f"Host: [::1]:{web.port}").status == 200
        assert web.ask(HIT, f"Host: [::1]:{web.port}").status == 200


def test_a_thousand_idle_connections_keep_others_waiting_but_not_for_ever(migrated_data_dir, tmp_path):
    with served(migrated_data_dir, tmp_path) as web, contextlib.ExitStack() as stack:
        idle: list[Connection] = [stack.enter_context(web.connect()) for _ in range(1_100)]
        asking = [idle.pop().send(request(target)) for target in (HIT, CALLED, PASSED_ON)]
        for connection in idle[:100]:
            connection.socket.close()
        for connection in asking:
            assert connection.answer().status == 200
