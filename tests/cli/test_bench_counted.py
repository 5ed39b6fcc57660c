"""What ``torg bench`` reads of a server's counters, and that it does not take other reads for hits."""

import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from torg.cli.bench import counted as module
from torg.cli.bench.cached import Work, ensure_hits
from torg.cli.bench.counted import Reads, counted
from torg.cli.bench.figures import at_least
from torg.cli.refusal import Refused

TOLD = """\
# TYPE torg_cache_reads_total counter
torg_cache_reads_total{kind="product",outcome="memory"} 40.0
torg_cache_reads_total{kind="product",outcome="redis"} 8.0
torg_cache_reads_total{kind="product",outcome="built"} %d
torg_cache_reads_total{kind="products",outcome="memory"} 5.0
# TYPE torg_cache_build_seconds summary
torg_cache_build_seconds_count{kind="product"} %d
torg_cache_build_seconds_sum{kind="product"} 0.5
# TYPE torg_web_processes gauge
torg_web_processes %d
# TYPE torg_cache_memory_documents gauge
torg_cache_memory_documents 45.0
"""
WORK = Work(name="page", kind="product", paths=["/"], goal=at_least(3, "≥ 3.0 U"))


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        texts = self.server.texts
        text = texts.pop(0) if len(texts) > 1 else texts[0]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


@contextmanager
def told(*texts):
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.texts = list(texts)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield running.server_port
        finally:
            running.shutdown()
            thread.join()


def test_the_difference_of_two_moments_is_what_was_read_between_them():
    with told(TOLD % (1, 1, 2), TOLD % (4, 3, 2)) as port:
        earlier = counted(port, 2)
        later = counted(port, 2)

    assert earlier.reads_of("product").outcomes == {"memory": 40, "redis": 8, "built": 1}
    assert earlier.reads_of("product").hits == 48
    assert earlier.reads_of("products").all == 5
    assert earlier.memory_documents == 45
    assert later.since(earlier).reads_of("product").outcomes == {"built": 3}
    assert later.since(earlier).builds == {"product": 2}


def test_it_waits_for_processes_that_do_not_tell_at_once():
    with told(TOLD % (1, 1, 1), TOLD % (2, 2, 2)) as port:
        assert counted(port, 2).builds == {"product": 2}


def test_a_process_that_never_tells_is_reported(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)

    with told(TOLD % (1, 1, 1)) as port, pytest.raises(Refused, match="Of 2 processes of the server, 1 tell"):
        counted(port, 2)


def reads(**outcomes):
    return Reads(outcomes=Counter(outcomes))


def test_hits_of_both_tiers_are_hits():
    ensure_hits(WORK, reads(memory=600, redis=399, built=1), at_least=1000)


@pytest.mark.parametrize(
    "outcomes",
    [
        {"memory": 900, "redis": 98, "built": 2},
        {"memory": 900, "redis": 98, "bypass": 2},
        {"memory": 900, "missing": 100},
    ],
)
def test_what_was_not_there_is_not_measured_as_hits(outcomes):
    with pytest.raises(Refused, match="page: what was measured were no hits"):
        ensure_hits(WORK, reads(**outcomes), at_least=1000)


def test_answers_that_nobody_counted_are_reported():
    with pytest.raises(Refused, match="only 999 documents were counted, for 1000 answers"):
        ensure_hits(WORK, reads(memory=999), at_least=1000)
    with pytest.raises(Refused, match="only 0 documents"):
        ensure_hits(WORK, reads(), at_least=1)
