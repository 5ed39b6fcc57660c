"""A thin client for Redis: one socket for each thread, hiredis to read answers, and no patience.

The answer to one command is on the path of every cached read, where a full client costs more than Redis itself. A
command has 50 ms; after a failure nobody in the process tries again for a moment, so that a Redis that hangs does not
hang the shop.
"""

import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis
from django.conf import settings

TIMEOUT_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0
_TIMEVAL = struct.pack("ll", 0, int(TIMEOUT_SECONDS * 1_000_000))
_READ_SIZE = 65536
_OF_ANOTHER_ROLE = ("READONLY", "LOADING", "MASTERDOWN")
# Of the network, and of what answers there although it is no Redis.
TROUBLE = (OSError, hiredis.ProtocolError)

Part = str | bytes | int
Result = TypeVar("Result")
Reply = Any
"""``bytes``, ``int``, None, or a list of these."""


class RedisAway(Exception):
    """Redis did not answer in time, or is left alone for a moment because it did not."""


class NotAsked(Exception):
    """What was to be done with a connection was not begun: no reply is still to come on it."""


class RedisRefused(RedisAway):
    """Redis answered with an error; it is full, or still loading."""


def packed(*parts: Part) -> bytes:
    """Encode a command."""
    return bytes(hiredis.pack_command(parts))  # type: ignore[arg-type]


class Connection:
    """A connection to the Redis of ``url``; it is of no use after the first error."""

    def __init__(self, url: str) -> None:
        self._socket = _connect(url)
        self._reader = hiredis.Reader()
        self._set_up(url)
        told = self.run("INFO", "server").decode()
        self.run_id = told.partition("run_id:")[2].split("\r\n", 1)[0]
        """Which run of a server this is: another one after each restart."""
        if not self.run_id:
            raise RedisRefused("it does not tell its run_id, so nobody would notice that it was restarted")

    def run(self, *parts: Part) -> Reply:
        """Send one command and return the reply; raise ``RedisRefused`` where it is an error."""
        return self.ask(packed(*parts))

    def pipeline(self, commands: Sequence[Sequence[Part]]) -> list[Reply]:
        """Send several commands in one go and return their replies, in order."""
        self._socket.sendall(b"".join(packed(*command) for command in commands))
        replies = [self._next() for _ in commands]  # All are read, or the next command would get the rest.
        for reply in replies:
            if isinstance(reply, hiredis.ReplyError):
                raise RedisRefused(str(reply))
        return replies

    def ask(self, command: bytes) -> Reply:
        """Send an encoded command and return the reply; raise ``RedisRefused`` where it is an error."""
        self._socket.sendall(command)
        reply = self._next()
        if isinstance(reply, hiredis.ReplyError):
            raise RedisRefused(str(reply))
        return reply

    def differs(self, command: bytes, expected: bytes) -> tuple[bytes, Reply] | None:
        """Send an encoded command; return None where the reply is ``expected``, to the byte.

        Otherwise the reply as it came, empty if it came in pieces, and what it says.
        """
        self._socket.sendall(command)
        received = self._receive()
        if received == expected:
            return None
        self._reader.feed(received)
        reply = self._reader.gets()
        if reply is False:
            received, reply = b"", self._next()
        if isinstance(reply, hiredis.ReplyError):
            raise RedisRefused(str(reply))
        return received, reply

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __del__(self) -> None:
        """Close the socket of a thread that has ended."""
        if hasattr(self, "_socket"):
            self._socket.close()

    def _next(self) -> Reply:
        while (reply := self._reader.gets()) is False:
            self._reader.feed(self._receive())
        return reply

    def _receive(self) -> bytes:
        received = self._socket.recv(_READ_SIZE)
        if not received:  # Not an empty answer: the other side has gone.
            raise ConnectionResetError("Redis closed the connection")
        return received

    def _set_up(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.password:
            names = [unquote(parts.username)] if parts.username else []
            self.run("AUTH", *names, unquote(parts.password))
        database = _database(url)
        if database != "0":
            self.run("SELECT", database)


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(TIMEOUT_SECONDS)
        try:
            connected.connect(unquote(parts.path))
        except OSError:
            connected.close()
            raise
    else:
        host = parts.hostname or "localhost"
        connected = socket.create_connection((host, parts.port or 6379), TIMEOUT_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "rediss":
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
    # The kernel keeps the time: Python's own timeouts ask the socket before each call whether it is ready.
    connected.settimeout(None)
    for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connected.setsockopt(socket.SOL_SOCKET, side, _TIMEVAL)
    return connected


def _database(url: str) -> str:
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("db", [""])[0]
    return named or (parts.path.strip("/") if parts.scheme != "unix" else "") or "0"


class _Breaker:
    """Keeps the whole process from trying again right after a failure."""

    def __init__(self) -> None:
        self.asks_again_at = 0.0
        self.pause = FIRST_PAUSE_SECONDS

    def trip(self) -> None:
        self.asks_again_at = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)

    def lets_through(self) -> bool:
        """Say whether Redis may be asked; after a pause, one thread tries while the others still wait."""
        if not self.asks_again_at:
            return True
        now = time.monotonic()
        if now < self.asks_again_at:
            return False
        self.asks_again_at = now + self.pause
        return True

    def reset(self) -> None:
        self.asks_again_at = 0.0
        self.pause = FIRST_PAUSE_SECONDS


breaker = _Breaker()
_of_thread = threading.local()


def using(work: Callable[[Connection], Result], *, is_patient: bool = False, is_first: bool = True) -> Result:
    """Return what ``work`` does with this thread's connection; raise ``RedisAway`` where Redis does not do it.

    ``work`` may be run twice: where the other side has closed the connection (Redis was restarted, perhaps), a new one
    is worth a try at once; after a silence it is not. ``is_patient`` tries although the process has just seen a
    failure. ``is_first`` may be the one who tries whether Redis is there again; else that is left to others.
    """
    for is_last in (False, True):
        redis = _connection(is_patient=is_patient, is_first=is_first)
        try:
            result = work(redis)
        except RedisRefused as refusal:
            if str(refusal).startswith(_OF_ANOTHER_ROLE):  # The next connection may find the one that writes.
                redis.close()
                _of_thread.connection = None
            raise
        except NotAsked:
            raise
        except BaseException as error:
            # A reply may be still to come, and would answer the next command.
            redis.close()
            _of_thread.connection = None
            if not isinstance(error, TROUBLE):
                raise
            if is_last or not isinstance(error, ConnectionError):
                breaker.trip()
                raise RedisAway(str(error)) from error
        else:
            if breaker.asks_again_at:
                breaker.reset()
            return result
    raise AssertionError


def _connection(*, is_patient: bool, is_first: bool) -> Connection:
    if breaker.asks_again_at and not (is_patient or (is_first and breaker.lets_through())):
        raise RedisAway("it did not answer a moment ago")
    kept: Connection | None = getattr(_of_thread, "connection", None)
    if kept is not None:
        return kept
    try:
        _of_thread.connection = made = Connection(settings.REDIS_URL)
    except (*TROUBLE, RedisRefused) as error:
        breaker.trip()
        raise RedisAway(str(error)) from error
    return made


def forget_connections() -> None:
    """Leave alone what a parent process opened."""
    _of_thread.__dict__.clear()
    breaker.reset()


os.register_at_fork(after_in_child=forget_connections)
