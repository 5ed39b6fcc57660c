"""The access log of what is answered before Django: it outlives a full disk, and its last lines are written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = """
import os, threading, time
import django
django.setup()
from torg.config.access_log import AccessLog
from torg.config.logs import configure_logging
configure_logging("INFO")

log = AccessLog()
stderr = os.dup(2)
os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
for number in range(20):
    log("GET", "/lost", 200, 0.001, "order-1")
    time.sleep(0.02)
os.dup2(stderr, 2)
time.sleep(0.2)
assert [thread.name for thread in threading.enumerate()].count("access-log") == 1
for number in range(3):
    log("GET", "/written", 200, 0.001, "order-2")
time.sleep(0.3)
assert not log._lines
"""

STUCK = """
import django
django.setup()
from torg.config import access_log
from torg.config.access_log import AccessLog
from torg.config.logs import configure_logging
configure_logging("INFO")

access_log._EVERY_SECONDS = 60
log = AccessLog()
for number in range(100_500):
    log("GET", "/", 200, 0.001, str(number))
assert len(log._lines) == 100_000
log._lines.clear()
"""

FORKED = """
import multiprocessing
import django
django.setup()
from torg.config import access_log
from torg.config.access_log import AccessLog
from torg.config.logs import configure_logging
configure_logging("INFO")

access_log._EVERY_SECONDS = 60
log = AccessLog()

def serve():
    log("GET", "/child", 200, 0.001, "order-2")
    log("GET", "/child", 200, 0.001, "order-3")

log("GET", "/parent", 200, 0.001, "order-1")
child = multiprocessing.get_context("fork").Process(target=serve)
child.start()
child.join()
assert child.exitcode == 0
"""


def lines_of(script):
    finished = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "."},
    )
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stderr.splitlines()]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_standard_error_that_takes_nothing_does_not_end_the_log():
    written = [line for line in lines_of(FULL) if line["path"] == "/written"]
    assert len(written) == 3


def test_what_cannot_be_written_does_not_fill_the_memory():
    assert lines_of(STUCK) == []


def test_the_last_lines_of_a_process_and_its_child_are_written_once():
    written = sorted((line["path"], line["request_id"]) for line in lines_of(FORKED))
    assert written == [("/child", "order-2"), ("/child", "order-3"), ("/parent", "order-1")]
