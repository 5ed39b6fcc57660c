"""The clients of ``torg bench`` count what was answered, and report what was not."""

import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from torg.cli.bench import load
from torg.cli.bench.load import RequestFailed, measure_each_once, measure_load


class Answers(BaseHTTPRequestHandler):
    """Answers by path, and notes what it was asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/hangs-up":
            self.close_connection = True
            return
        self.send_response(500 if self.path == "/fails" else 302 if self.path == "/moved" else 200)
        if self.path == "/endless":
            self.end_headers()
            return
        body = b"x" * 70_000 if self.path == "/large" else b"{}"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.daemon_threads = True
        running.asked = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def without_wrk(monkeypatch):
    monkeypatch.setattr(load.shutil, "which", lambda name: None)


def test_the_bundled_client_counts_what_was_answered(without_wrk):
    with server() as running:
        done = measure_load(running.server_port, ["/small", "/large"], seconds=0.3, connections=3)

    assert load.client_name() == "bundled client"
    assert done.answered == len(running.asked) > 3
    assert set(running.asked) == {"/small", "/large"}
    assert 0.3 <= done.seconds < 3
    assert done.rate == done.answered / done.seconds


@pytest.mark.parametrize("path", ["/fails", "/moved", "/hangs-up", "/endless"])
def test_a_failed_request_is_reported(without_wrk, path):
    with server() as running, pytest.raises(RequestFailed, match=f"2 of 2 requests failed, .*{path}"):
        measure_load(running.server_port, [path], seconds=0.2, connections=2)


def test_each_path_is_asked_for_once():
    paths = [f"/{number}" for number in range(50)]
    with server() as running:
        done = measure_each_once(running.server_port, paths, connections=4)

    assert sorted(running.asked) == sorted(paths)
    assert done.answered == 50


def test_more_connections_than_paths_have_nothing_to_ask():
    with server() as running:
        assert measure_each_once(running.server_port, ["/one"], connections=4).answered == 1


def test_one_failure_among_those_asked_for_once_is_reported():
    with server() as running, pytest.raises(RequestFailed, match="1 of 2 requests failed"):
        measure_each_once(running.server_port, ["/small", "/fails"], connections=1)


def fake_wrk(monkeypatch, folder, script):
    program = folder / "wrk"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_wrk_is_used_where_it_is(monkeypatch, tmp_path):
    result = '{"answered": 600, "microseconds": 2000000, "failed": 0}'
    fake_wrk(monkeypatch, tmp_path, f"echo Running; echo \"$@\" > {tmp_path}/asked; echo 'RESULT {result}'")

    done = measure_load(4711, ["/"], seconds=2, connections=5)

    assert load.client_name() == "wrk"
    assert (done.answered, done.seconds, done.rate) == (600, 2.0, 300.0)
    arguments = (tmp_path / "asked").read_text().split()
    assert arguments[:4] == ["-t1", "-c5", "-d2s", "-s"]
    assert arguments[-1] == "http://127.0.0.1:4711"


def test_failures_that_wrk_counts_are_reported(monkeypatch, tmp_path):
    fake_wrk(monkeypatch, tmp_path, """echo 'RESULT {"answered": 9, "microseconds": 1000, "failed": 4}'""")

    with pytest.raises(RequestFailed, match="4 of 9 requests failed"):
        measure_load(4711, ["/"], seconds=1, connections=1)


def test_a_wrk_that_does_not_run_is_reported(monkeypatch, tmp_path):
    fake_wrk(monkeypatch, tmp_path, "echo 'unable to connect' >&2; exit 1")

    with pytest.raises(RequestFailed, match="wrk failed: unable to connect"):
        measure_load(4711, ["/"], seconds=1, connections=1)
