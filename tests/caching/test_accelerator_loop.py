"""The accelerator's loop: what goes wrong with one connection leaves the others alone, and nobody is kept for ever."""

import errno
import socket
import struct
import threading

import pytest
import structlog
from django.core.handlers.wsgi import WSGIHandler

from tests.caching.accelerated import accelerated
from tests.caching.kit import wait_for_others
from tests.caching.test_front import PRODUCT, shop
from tests.raw_http import SECONDS, Connection, Gone, request
from torg.caching import counting, redis, store
from torg.caching.accelerator import application, clients, exchanges, hits, loop, port
from torg.caching.accelerator.exchanges import Exchange
from torg.caching.accelerator.heads import read_line
from torg.caching.front import Front
from torg.caching.memory import memory
from torg.catalogue.models import Product
from torg.lib.embedded.processes import becomes_true

__all__ = ["shop"]

LARGE = b"0123456789abcdef" * 25_000


def echo(environ, start_response):
    path = environ["PATH_INFO"].rpartition("/")[2]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [{"large": LARGE, "medium": LARGE[:100_000]}.get(path, path.encode())]


@pytest.fixture
def echoing():
    """An application that is no ``Front``, so that all is passed on."""
    with accelerated(echo, behind=echo) as serving:
        yield serving


@pytest.fixture
def fronted(shop):
    front = Front(WSGIHandler(), log=lambda *_: None)
    wait_for_others()  # What is built while one of them writes is not kept for long.
    with accelerated(front, behind=front) as serving:
        with serving.connect() as connection:
            for _ in range(2):
                answered = connection.ask(PRODUCT)
        assert answered.headers["x-cache"] == "hit"
        yield serving


def test_an_exception_ends_its_own_connection_alone(echoing, monkeypatch):
    start = Exchange.start

    def failing(self, line, *arguments):
        start(self, line, *arguments)
        if b"/broken" in line:
            raise RuntimeError("broken on purpose")

    monkeypatch.setattr(Exchange, "start", failing)
    with echoing.connect() as connection, structlog.testing.capture_logs() as logged:
        for before in (b"", request("/first", "X-A: a")):  # By an event, and when its turn comes.
            with echoing.connect() as broken:
                broken.send(before + request("/broken"))
                if before:
                    assert broken.answer().body == b"first"
                with pytest.raises(Gone):
                    broken.answer()
            assert connection.ask("/other").body == b"other"
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["connection_failed"] * 2


def test_a_failure_of_all_of_the_loop_is_outlived(echoing, monkeypatch):
    failures = iter([RuntimeError("broken on purpose")] * 3)
    look = echoing.accelerator._look

    def failing():
        for failure in failures:
            raise failure
        look()

    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(echoing.accelerator, "_look", failing)
    with structlog.testing.capture_logs() as logged, echoing.connect() as connection:
        assert becomes_true(lambda: len(logged) == 3, seconds=SECONDS)
        assert connection.ask("/a").body == b"a"
    assert [line["event"] for line in logged] == ["accelerator_failed"] * 3


def test_an_answer_that_cannot_be_sent_ends_its_own_connection_alone(fronted, monkeypatch):
    answer = clients.Client.answer

    def failing(self, head, body=b"", *, is_last):
        if b"broken" in head:
            raise RuntimeError("broken on purpose")
        answer(self, head, body, is_last=is_last)

    monkeypatch.setattr(clients.Client, "answer", failing)
    with fronted.connect() as connection, fronted.connect() as broken:
        for target in ("/api/v1/products/none", PRODUCT):  # From the pool, and a hit.
            broken.send(request(target, "X-Request-ID: broken"))
            with pytest.raises(Gone):
                broken.answer()
            assert connection.ask(PRODUCT).status == 200
            broken.__exit__()
            broken.__init__(fronted.port)


def test_a_connection_that_cannot_be_served_does_not_close_the_port(echoing, monkeypatch):
    failures = iter([OSError(28, "no space left")])

    class Failing(clients.Client):
        __slots__ = ()

        def __init__(self, *arguments):
            for failure in failures:
                raise failure
            super().__init__(*arguments)

    monkeypatch.setattr(loop, "Client", Failing)
    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.05)
    with echoing.connect() as refused, echoing.connect() as connection:
        assert refused.is_closed()
        assert connection.ask("/a").body == b"a"


def test_hits_go_on_while_all_threads_of_the_pool_are_busy(shop):
    going_on, begun = threading.Event(), threading.Semaphore(0)

    def waiting(environ, start_response):
        begun.release()
        assert going_on.wait(SECONDS)
        return echo(environ, start_response)

    front = Front(waiting, log=lambda *_: None)
    with accelerated(front, behind=echo, threads=2) as serving, serving.connect() as connection:
        connection.ask(PRODUCT)
        busy = [serving.connect().send(request(f"/api/v1/products/none-{number}")) for number in range(5)]
        for _ in range(2):
            assert begun.acquire(timeout=SECONDS)
        for _ in range(100):
            assert connection.ask(PRODUCT).headers["x-cache"] == "hit"
        assert connection.ask("/passed-on").body == b"passed-on"
        going_on.set()
        for number, one in enumerate(busy):
            with one:
                assert one.answer().body == f"none-{number}".encode()


def test_who_sends_on_and_on_is_read_only_as_fast_as_answered(fronted, monkeypatch):
    most = 0
    answer = fronted.accelerator._hits.answer

    def watching(hit, *arguments, **options):
        nonlocal most
        most = max(most, *(len(client.received) for client in fronted.accelerator._clients))
        return answer(hit, *arguments, **options)

    monkeypatch.setattr(fronted.accelerator._hits, "answer", watching)
    number = 3_000
    with fronted.connect() as connection:

        def send():
            connection.send(request(PRODUCT, "X-A: " + "a" * 100) * number)
            connection.socket.shutdown(socket.SHUT_WR)

        sending = threading.Thread(target=send)
        sending.start()
        for _ in range(number):
            assert connection.answer().status == 200
        sending.join(SECONDS)
        assert connection.is_closed()
    assert 0 < most <= clients.READ_SIZE


@pytest.mark.parametrize("target", ["/medium", "/large"])  # All of it is here when it waits, or not.
def test_who_takes_nothing_of_an_answer_is_given_up(echoing, monkeypatch, target):
    for module in (clients, exchanges):
        monkeypatch.setattr(module, "STALLED_SECONDS", 0.2)
    with echoing.connect(takes=4_096) as stalled:
        stalled.send(request(target)).head()
        assert becomes_true(lambda: not echoing.accelerator._clients, seconds=SECONDS)


@pytest.mark.parametrize("size", [clients.LONGEST_JOINED - 1_000, clients.LONGEST_JOINED + 1_000, 600_000])
def test_all_of_a_long_document_arrives_each_time(fronted, size):
    Product.objects.filter(slug="tea-kettle").update(
        description="<p>" + "Boils water. " * (size // 13) + "</p>"
    )
    wait_for_others()
    with fronted.connect() as connection:
        for _ in range(2):
            expected = connection.ask(PRODUCT)
        assert (expected.headers["x-cache"], len(expected.body) > size - 100) == ("hit", True)
    with fronted.connect(takes=4_096) as slow:
        # One behind the other, in pieces, and with others in between.
        slow.send(request(PRODUCT) * 3, request(PRODUCT, method="HEAD"), request(PRODUCT))
        for method in ("GET", "GET", "GET", "HEAD", "GET"):
            answered = slow.answer(method)
            assert answered.headers["content-length"] == str(len(expected.body))
            assert answered.body == (b"" if method == "HEAD" else expected.body)


def test_all_of_an_answer_arrives_though_the_server_has_long_closed(echoing):
    with echoing.connect(takes=4_096) as connection:
        connection.send(request("/large"))
        accelerator = echoing.accelerator
        assert becomes_true(lambda: any(client.is_behind for client in accelerator._clients), seconds=SECONDS)
        assert becomes_true(lambda: not echoing.is_answering(), seconds=SECONDS)
        assert connection.answer().body == LARGE


def test_connections_above_the_limit_wait_until_idle_ones_are_given_up(echoing, monkeypatch):
    monkeypatch.setattr(echoing.accelerator, "_most_clients", 3)
    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(clients, "HEAD_SECONDS", 0.3)
    idle = [echoing.connect() for _ in range(3)]
    with echoing.connect() as connection:
        assert connection.ask("/a").body == b"a"
    for one in idle:
        with one:
            assert one.is_closed()


@pytest.mark.parametrize(
    ("files", "clients"), [(1_024, 274), (500, 100), (20_000, 1_024), (-1, 1_024), (64, 1)]
)
def test_there_are_no_more_connections_than_files_for_them(monkeypatch, files, clients):
    monkeypatch.setattr(loop.resource, "getrlimit", lambda _: (files, files))
    assert loop.most_clients() == clients


def test_half_a_request_does_not_hold_up_the_end(echoing, monkeypatch):
    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(clients, "LINGER_SECONDS", 0.2)
    with echoing.connect() as half, echoing.connect() as answered:
        assert answered.ask("/a").body == b"a"
        half.send(b"GET /b HTTP/1.1\r\nHost: local")
        assert becomes_true(
            lambda: any(each.received for each in echoing.accelerator._clients), seconds=SECONDS
        )
        echoing.accelerator.drain()
        assert half.is_closed()
        assert answered.is_closed()
        echoing.accelerator._thread.join(SECONDS)
        assert not echoing.accelerator._thread.is_alive()


def test_what_is_passed_on_without_our_header_is_not_executed():
    application.name_header()
    answered = []

    def untouched(environ, start_response):
        raise AssertionError("it was executed")

    passed_on = application.PassedOn(untouched, host="127.0.0.1", port=80)
    body = passed_on({"REMOTE_ADDR": "127.0.0.1"}, lambda *arguments: answered.append(arguments))
    assert answered == [("400 Bad Request", [("Content-Length", "0"), ("Connection", "close")])]
    assert list(body) == [b""]


def test_an_application_server_that_is_away_is_told_as_busy(echoing):
    echoing.accelerator._server = echoing.accelerator._server.with_name("nobody.sock")
    with echoing.connect() as connection:
        answered = connection.ask("/a")
        assert (answered.status, answered.json()["code"]) == (503, "busy")
        assert connection.is_closed()


def test_who_still_sends_can_read_the_last_answer_however_long_that_takes(echoing, monkeypatch):
    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(clients, "LINGER_SECONDS", 1.0)
    with echoing.connect() as connection:
        connection.send(request("/a", "Content-Length: 1000000", method="POST"))
        assert becomes_true(lambda: is_saying_goodbye(echoing), seconds=SECONDS)
        begun = echoing.accelerator.now
        while echoing.accelerator.now < begun + 2.5:
            connection.send(b"x" * 100)
            threading.Event().wait(0.01)
        assert connection.answer().body == b"a"
        assert connection.is_closed()


def test_nobody_lingers_for_ever(echoing, monkeypatch):
    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(clients, "LONGEST_LINGER_SECONDS", 0.3)
    with echoing.connect() as connection:
        connection.send(request("/a", "Content-Length: 1000000000000", method="POST"))
        with pytest.raises(ConnectionError):
            send_for_ever(connection)


def is_saying_goodbye(echoing):
    return any(client.at is clients.At.GOODBYE for client in echoing.accelerator._clients)


def send_for_ever(connection):
    while True:
        connection.send(b"x" * 1_000)


def test_nothing_is_asked_for_who_has_gone_before_his_turn(shop, monkeypatch):
    begun, go_on, called = threading.Event(), threading.Event(), []

    def slow(environ, start_response):
        called.append(environ["PATH_INFO"])
        begun.set()
        assert go_on.wait(SECONDS)
        start_response("200 OK", [])
        return [b"slow"]

    front = Front(slow, log=lambda *_: None)
    with accelerated(front, behind=front, threads=1) as serving, serving.connect() as first:
        first.send(request("/api/v1/products/none-1"))
        assert begun.wait(SECONDS)
        with serving.connect() as gone:
            gone.send(request("/api/v1/products/none-2"))
            clients_of = serving.accelerator._clients
            assert becomes_true(lambda: len(clients_of) == 2, seconds=SECONDS)
            assert becomes_true(
                lambda: all(each.at is clients.At.ANSWER for each in clients_of), seconds=SECONDS
            )
            gone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert becomes_true(lambda: len(clients_of) == 1, seconds=SECONDS)
        go_on.set()
        assert first.answer().body == b"slow"
    assert called == ["/api/v1/products/none-1"]


def test_what_is_long_is_not_kept_with_the_document(fronted):
    (kept,) = memory.documents.values()
    with fronted.connect() as connection:
        assert connection.ask(PRODUCT).headers["x-cache"] == "hit"
        remembered = kept.sent
        assert remembered.accepted == ""
        long = "gzip, " + "x" * 300
        answered = connection.ask(PRODUCT, f"Accept-Encoding: {long}")
        assert (answered.headers["x-cache"], answered.headers["content-encoding"]) == ("hit", "gzip")
        assert kept.sent is remembered
        assert connection.ask(PRODUCT, "Accept-Encoding: br").headers["content-encoding"] == "br"
        assert kept.sent.accepted == "br"


def test_of_what_was_asked_for_only_so_much_is_remembered(fronted, monkeypatch):
    monkeypatch.setattr(hits, "_MOST_KNOWN", 2)
    monkeypatch.setattr(hits, "_MOST_COMMON", 2)
    wait_for_others()
    known, commons = fronted.accelerator._hits._known, fronted.accelerator._hits._commons
    with fronted.connect() as connection:
        for target in (
            PRODUCT,
            "/api/v1/products/a_b-C-9",
            "/api/v1/categories",
            "/api/v1/categories/kitchen",
        ):
            for encoding in ("br", "gzip", "identity"):  # What is said of it, many answers have in common.
                for _ in range(3):
                    answered = connection.ask(target, f"Accept-Encoding: {encoding}")
                    assert len(known) <= 2
                    assert len(commons) <= 2
                assert (answered.status, answered.headers["x-cache"]) == (200, "hit")
    assert b"GET /api/v1/categories/kitchen HTTP/1.1" in known
    assert commons


def test_to_connect_to_redis_may_take_long_and_holds_up_nobody(fronted, monkeypatch):
    """Names are looked up without a limit of time."""
    go_on, connecting, answered = threading.Event(), [], []
    connect, answer = redis._connect, fronted.accelerator._hits.answer

    def slow(url):
        connecting.append(threading.current_thread().name)
        assert go_on.wait(SECONDS)
        return connect(url)

    def noting(hit, *arguments, **options):
        answered.append(hit.target.path)
        return answer(hit, *arguments, **options)

    monkeypatch.setattr(redis, "_connect", slow)
    monkeypatch.setattr(fronted.accelerator._hits, "answer", noting)
    redis.using(lambda it: it.run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
    with fronted.connect() as first, fronted.connect() as second:
        first.send(request(PRODUCT))
        # Another thread is called instead, which has lost its connection, too.
        assert becomes_true(lambda: len(connecting) >= 2, seconds=SECONDS)
        for _ in range(3):
            with fronted.connect() as third:
                assert third.ask("/healthz").status == 200
        assert not answered
        go_on.set()
        assert first.answer().status == 200
        # Where nobody has confirmed lately, a thread does so first.
        assert becomes_true(lambda: second.ask(PRODUCT).status == 200 and answered, seconds=SECONDS)
    assert "redis-connector" in connecting
    assert "accelerator" not in connecting


def test_a_long_line_is_answered_but_not_remembered(fronted, monkeypatch):
    monkeypatch.setattr(hits, "_LONGEST_KNOWN", len(f"GET {PRODUCT} HTTP/1.1") - 1)
    known = fronted.accelerator._hits._known
    known.clear()
    with fronted.connect() as connection:
        for _ in range(2):
            assert connection.ask(PRODUCT).headers["x-cache"] == "hit"
    assert known == {}


def test_no_more_files_are_noticed_once_and_then_it_goes_on(echoing, monkeypatch):
    listener = echoing.accelerator._listener
    real, failures = listener.socket, [OSError(errno.EMFILE, "Too many open files")] * 2

    class Failing:
        def __getattr__(self, name):
            return getattr(real, name)

        def accept(self):
            if failures:
                raise failures.pop()
            return real.accept()

    monkeypatch.setattr(port, "_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(loop, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(listener, "socket", Failing())
    with structlog.testing.capture_logs() as logged, echoing.connect() as connection:
        assert connection.ask("/a").body == b"a"
    assert [line["event"] for line in logged] == ["no_more_connections"] * 2


def test_no_file_for_an_exchange_is_told_as_busy(echoing, monkeypatch):
    monkeypatch.setattr(Exchange, "_is_connected", lambda self: False)
    with echoing.connect() as connection:
        answered = connection.ask("/a")
        assert (answered.status, answered.json()["code"]) == (503, "busy")


def test_half_a_request_behind_one_in_flight_does_not_hold_up_the_end(shop):
    begun, go_on = threading.Event(), threading.Event()

    def slow(environ, start_response):
        begun.set()
        assert go_on.wait(SECONDS)
        start_response("200 OK", [])
        return [b"slow"]

    front = Front(slow, log=lambda *_: None)
    with accelerated(front, behind=front) as serving, serving.connect() as connection:
        connection.send(request("/api/v1/products/none") + b"GET /half HTTP/1.1\r\nHost: ")
        assert begun.wait(SECONDS)
        serving.accelerator.drain()
        assert becomes_true(lambda: serving.accelerator.is_draining, seconds=SECONDS)
        go_on.set()
        answered = connection.answer()
        assert (answered.body, answered.headers["connection"]) == (b"slow", "close")
        assert connection.is_closed()


def test_what_another_process_has_stored_is_a_hit_without_a_thread_for_it(fronted, monkeypatch):
    memory.clear()
    before = counting.total().outcomes.copy()
    monkeypatch.setattr(
        fronted.accelerator._calls, "submit", lambda *_, **__: pytest.fail("it was handed on")
    )
    with fronted.connect() as connection:
        assert connection.ask(PRODUCT).headers["x-cache"] == "hit"
        assert list(memory.documents) == ["product:tea-kettle?"]
        assert connection.ask(PRODUCT).headers["x-cache"] == "hit"
    outcomes = counting.total().outcomes
    for outcome in ("redis", "memory"):
        assert outcomes["product", outcome] == before.get(("product", outcome), 0) + 1


def test_what_many_ask_for_at_once_is_fetched_once(fronted, monkeypatch):
    targets = [PRODUCT, "/api/v1/products/a_b-C-9", "/api/v1/categories", "/api/v1/categories/tree"]
    with fronted.connect() as connection:
        for target in targets:
            for _ in range(3):
                answered = connection.ask(target)
            assert answered.headers["x-cache"] == "hit"
    memory.clear()
    monkeypatch.setattr(hits, "_MOST_FETCHED", 3)
    found, fetched, put = fronted.accelerator._hits, [], []
    get_many, keep = store.get_many, memory.put
    monkeypatch.setattr(store, "get_many", lambda it, names: fetched.append(names) or get_many(it, names))
    monkeypatch.setattr(memory, "put", lambda key, kept: put.append(key) or keep(key, kept))
    (way,) = fronted.accelerator._ways.values()
    asked = []
    for target in targets * 3:
        text = f"GET {target} HTTP/1.1".encode()
        asked.append(found.find(text, read_line(text), way))
    assert [hit.kept for hit in asked] == [None] * 12
    fresh = found.fresh(asked)
    keys = [hit.target.key for hit in asked[:4]]
    assert fetched == [keys[:3]]
    assert [hit.tier for hit in asked] == ["redis", "redis", "redis", "memory"] * 3
    assert [kept is None for kept in fresh] == [False, False, False, True] * 3
    assert (put, list(memory.documents)) == (keys[:3], keys[:3])
    assert all(fresh[number] is memory.get(keys[number % 4]) for number in (0, 1, 2, 4, 5, 6))


def test_what_is_stored_is_not_sent_where_it_is_stale_or_there_is_no_cache(fronted, settings):
    memory.clear()
    Product.objects.update(name="Tea pot")
    wait_for_others()
    with fronted.connect() as connection:
        answered = connection.ask(PRODUCT)
        assert (answered.headers["x-cache"], answered.json()["name"]) == ("miss", "Tea pot")
        settings.TORG_CACHE = False
        memory.clear()
        assert connection.ask(PRODUCT).headers["x-cache"] == "bypass"
        assert not memory.documents


def test_who_asks_before_the_application_server_is_there_waits_for_it():
    early = []

    def ask(port):
        early.append(Connection(port).send(request("/a")))
        threading.Event().wait(0.3)

    with accelerated(echo, behind=echo, before=ask), early[0] as connection:
        answered = connection.answer()
        assert (answered.status, answered.body) == (200, b"a")
