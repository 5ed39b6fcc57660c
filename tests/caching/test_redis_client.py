"""The thin client: what goes wrong between us and Redis costs little, and never answers another question."""

import os
import socket
import threading
import time
from contextlib import contextmanager

import hiredis
import pytest

from tests.caching.kit import OwnRedis, elsewhere, seconds_of
from torg.caching import redis
from torg.caching.redis import TIMEOUT_SECONDS, Connection, RedisAway, RedisRefused, using

INFO = b"$22\r\nredis\r\nrun_id:abcdef\r\n\r\n"
OK, PONG = b"+OK\r\n", b"+PONG\r\n"


class FakeRedis:
    """Answers each command with what ``answers`` says: bytes, or several with pauses, or None to hang up."""

    def __init__(self, listening, answers):
        self._listening = listening
        self._answers = answers
        self.connections = 0
        self.commands = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted):
        reader = hiredis.Reader()
        with accepted:
            while received := accepted.recv(65536):
                reader.feed(received)
                while (command := reader.gets()) is not False:
                    self.commands.append(command)
                    answer = INFO if command[0] == b"INFO" else self._answers(command)
                    if answer is None:
                        return
                    for piece in [answer] if isinstance(answer, bytes) else answer:
                        accepted.sendall(piece)
                        if not isinstance(answer, bytes):
                            time.sleep(0.005)


@contextmanager
def fake(settings, answers, *, accepts=True):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.REDIS_URL = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        redis.forget_connections()
        yield FakeRedis(listening, answers) if accepts else listening
        listening.shutdown(socket.SHUT_RDWR)
    del settings.REDIS_URL
    redis.forget_connections()


@pytest.fixture
def server(tmp_path):
    own = OwnRedis(tmp_path)
    yield own
    own.stop()


def pieces_of(text):
    return [text[at : at + 1] for at in range(len(text))]


def test_a_reply_that_comes_in_pieces_is_put_together(settings):
    reply = b"*3\r\n$3\r\na\r\n\r\n$-1\r\n:-7\r\n"
    with fake(settings, lambda _: pieces_of(reply)):
        assert using(lambda it: it.run("ANY")) == [b"a\r\n", None, -7]
        assert using(lambda it: it.pipeline([("ONE",), ("TWO",)])) == [[b"a\r\n", None, -7]] * 2
        assert using(lambda it: it.differs(redis.packed("ANY"), reply)) == (b"", [b"a\r\n", None, -7])


def test_an_expected_reply_is_told_from_any_other(settings):
    with fake(settings, lambda command: b"$1\r\n%s\r\n" % command[1]):
        assert using(lambda it: it.differs(redis.packed("GET", "a"), b"$1\r\na\r\n")) is None
        assert using(lambda it: it.differs(redis.packed("GET", "b"), b"$1\r\na\r\n")) == (
            b"$1\r\nb\r\n",
            b"b",
        )


def test_an_error_is_raised_and_costs_nothing_else(settings):
    with fake(settings, lambda command: b"-OOM no memory\r\n" if command[0] == b"SET" else PONG) as it:
        for ask in [lambda it: it.run("SET"), lambda it: it.differs(redis.packed("SET"), b"")]:
            with pytest.raises(RedisRefused, match="OOM no memory"):
                using(ask)
            assert using(lambda it: it.run("PING")) == b"PONG"
        assert it.connections == 1


def test_a_pipeline_with_an_error_in_the_middle_stays_in_step(server):
    server.start()
    connection = Connection(server.url)
    with pytest.raises(RedisRefused, match="not an integer"):
        connection.pipeline([("SET", "a", "x"), ("INCR", "a"), ("SET", "b", "2")])
    assert connection.run("GET", "b") == b"2"
    assert connection.pipeline([("GET", "a"), ("GET", "b")]) == [b"x", b"2"]


def test_a_connection_that_was_closed_is_no_answer(settings):
    """What was never asked expects the empty reply, and a closed connection gives it."""
    with fake(settings, lambda _: None) as it:
        with pytest.raises(RedisAway):
            using(lambda it: it.differs(redis.packed("ZMSCORE"), b""))
        assert it.commands.count([b"ZMSCORE"]) == 2


def test_a_connection_that_was_closed_is_made_again_at_once(server, settings):
    settings.REDIS_URL = server.start().url
    redis.forget_connections()
    first = using(lambda it: (it.run_id, it.run("CLIENT", "ID")))
    Connection(server.url).run("CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal")
    again = using(lambda it: (it.run_id, it.run("CLIENT", "ID")))
    assert again[0] == first[0]
    assert again[1] > first[1]
    del settings.REDIS_URL
    redis.forget_connections()


def test_it_is_tried_twice_and_not_more_often(settings):
    with fake(settings, lambda _: None) as it:
        with pytest.raises(RedisAway):
            using(lambda it: it.run("GET", "a"))
        assert it.commands.count([b"GET", b"a"]) == 2
        # And then left alone for a moment.
        with pytest.raises(RedisAway, match="a moment ago"):
            using(lambda it: it.run("GET", "a"))
        assert it.connections == 2


def test_another_run_of_the_server_has_another_name(server, settings):
    settings.REDIS_URL = server.start().url
    redis.forget_connections()
    first = using(lambda it: (it.run("PING"), it.run_id)[1])
    assert len(first) == 40
    server.stop()
    server.start()
    assert using(lambda it: (it.run("PING"), it.run_id)[1]) != first
    del settings.REDIS_URL
    redis.forget_connections()


def test_what_is_interrupted_does_not_answer_the_next_question(server, settings):
    settings.REDIS_URL = server.start().url
    redis.forget_connections()

    def interrupted(it):
        it._socket.sendall(redis.packed("ECHO", "old"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        using(interrupted)
    assert using(lambda it: it.run("ECHO", "new")) == b"new"
    del settings.REDIS_URL
    redis.forget_connections()


def test_an_answer_that_comes_too_late_does_not_answer_the_next_question(server, settings):
    settings.REDIS_URL = server.start().url
    redis.forget_connections()
    with pytest.raises(RedisAway):
        using(
            lambda it: it.run(
                "EVAL",
                "local t = redis.call('TIME'); local e = t[1] * 1000 + t[2] / 1000 + 120; "
                "repeat t = redis.call('TIME') until t[1] * 1000 + t[2] / 1000 > e; return 'old'",
                0,
            )
        )
    time.sleep(0.2)
    assert using(lambda it: it.run("ECHO", "new"), is_patient=True) == b"new"
    del settings.REDIS_URL
    redis.forget_connections()


def test_something_else_than_redis_is_no_redis(settings):
    with fake(settings, None) as it:

        def serve(accepted):
            with accepted:
                accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                accepted.recv(65536)

        it._serve = serve
        with pytest.raises(RedisAway):
            using(lambda it: it.run("PING"))


def test_a_server_that_never_answers_costs_its_time_once_and_not_once_for_each(settings):
    with fake(settings, None, accepts=False):

        def ask():
            with pytest.raises(RedisAway):
                using(lambda it: it.run("PING"))

        assert TIMEOUT_SECONDS * 0.9 <= seconds_of(ask) < TIMEOUT_SECONDS + 0.4
        assert seconds_of(lambda: [elsewhere(ask) for _ in range(20)]) < 20 * TIMEOUT_SECONDS / 2


def test_one_thread_tries_again_after_a_pause_and_all_do_when_it_has_succeeded(server, settings):
    settings.REDIS_URL = server.url
    redis.forget_connections()

    def ask():
        return using(lambda it: it.run("PING"))

    with pytest.raises(RedisAway):
        ask()
    server.start()
    with pytest.raises(RedisAway, match="a moment ago"):
        ask()
    time.sleep(redis.FIRST_PAUSE_SECONDS)
    assert ask() == b"PONG"
    assert elsewhere(ask) == b"PONG"
    assert redis.breaker.asks_again_at == 0.0
    del settings.REDIS_URL
    redis.forget_connections()


def test_who_is_patient_tries_although_it_did_not_answer_a_moment_ago(server, settings):
    settings.REDIS_URL = server.url
    redis.forget_connections()
    with pytest.raises(RedisAway):
        using(lambda it: it.run("PING"))
    server.start()
    assert using(lambda it: it.run("PING"), is_patient=True) == b"PONG"
    assert using(lambda it: it.run("PING")) == b"PONG"
    del settings.REDIS_URL
    redis.forget_connections()


def test_pauses_grow_up_to_a_second():
    breaker = redis._Breaker()
    pauses = []
    for _ in range(6):
        began = time.monotonic()
        breaker.trip()
        pauses.append(round(breaker.asks_again_at - began, 1))
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


@pytest.fixture
def guarded(server):
    """A Redis with a password, a user and a TCP port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server.start("--port", str(port))
    connection = Connection(server.url)
    connection.run("ACL", "SETUSER", "anna", "on", ">p@ss/w:rd", "~*", "+@all")
    connection.run("CONFIG", "SET", "requirepass", "secret")
    return port, str(server.socket)


@pytest.mark.parametrize("who", [":secret@", "default:secret@", "anna:p%40ss%2Fw%3Ard@"])
@pytest.mark.parametrize(
    "where",
    ["redis://{who}127.0.0.1:{port}/3", "redis://{who}localhost:{port}/?db=3", "unix://{who}{path}?db=3"],
)
def test_a_url_names_the_place_the_user_and_the_database(guarded, who, where):
    port, path = guarded
    connection = Connection(where.format(who=who, port=port, path=path))
    connection.run("SET", "here", "1")
    assert Connection(f"redis://:secret@127.0.0.1:{port}/3").run("GET", "here") == b"1"
    assert Connection(f"redis://:secret@127.0.0.1:{port}").run("GET", "here") is None


@pytest.mark.parametrize("who", ["", ":wrong@", "nobody:secret@"])
def test_who_may_not_come_in_is_away(guarded, who, settings):
    settings.REDIS_URL = f"redis://{who}127.0.0.1:{guarded[0]}/0"
    redis.forget_connections()
    with pytest.raises(RedisAway):
        using(lambda it: it.run("PING"))
    del settings.REDIS_URL
    redis.forget_connections()


def test_a_child_makes_a_connection_of_its_own(server, settings):
    settings.REDIS_URL = server.start().url
    redis.forget_connections()
    ours = using(lambda it: it.run("CLIENT", "ID"))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, str(using(lambda it: it.run("CLIENT", "ID"))).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        theirs = int(told.read())
    os.waitpid(child, 0)
    assert theirs > ours
    assert using(lambda it: it.run("CLIENT", "ID")) == ours
    del settings.REDIS_URL
    redis.forget_connections()
