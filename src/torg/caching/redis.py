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
from contextlib import closing
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
        told = self.run("INFO", "server")
        # What answers may be no Redis.
        text = told.decode(errors="replace") if isinstance(told, bytes) else ""
        self.run_id = text.partition("run_id:")[2].split("\r\n", 1)[0]
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
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if parts.scheme == "rediss":
                connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise
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


class _Connector:
    """Makes connections for a thread that must not wait: to look up a name may take seconds."""

    def __init__(self) -> None:
        self._made: Connection | None = None
        self._is_under_way = False

    def take(self) -> Connection:
        """Return the connection that was made since the last call; raise ``RedisAway`` while there is none yet."""
        made, self._made = self._made, None
        if made is not None:
            return made
        if not self._is_under_way:
            self._is_under_way = True
            threading.Thread(target=self.make, name="redis-connector", daemon=True).start()
        raise RedisAway("a connection is being made")

    def make(self) -> None:
        """Make the next one, in the thread that calls."""
        try:
            self._made = _connected()
        except RedisAway:
            pass  # Who asks next finds the breaker open.
        finally:
            self._is_under_way = False

    def forget(self) -> None:
        """Leave alone what was made."""
        self._made = None
        self._is_under_way = False


breaker = _Breaker()
connector = _Connector()
_of_thread = threading.local()


def using(
    work: Callable[[Connection], Result], *, is_patient: bool = False, may_connect: bool = True
) -> Result:
    """Return what ``work`` does with this thread's connection; raise ``RedisAway`` where Redis does not do it.

    ``work`` may be run twice: where the other side has closed the connection (Redis was restarted, perhaps), a new one
    is worth a try at once; after a silence it is not. ``is_patient`` tries although the process has just seen a
    failure. Who may not ``may_connect`` gets his connections from others, and leaves it to them to try whether Redis is
    there again.
    """
    for is_last in (False, True):
        redis = _connection(is_patient=is_patient, may_connect=may_connect)
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


def _connection(*, is_patient: bool, may_connect: bool) -> Connection:
    if breaker.asks_again_at and not (is_patient or (may_connect and breaker.lets_through())):
        raise RedisAway("it did not answer a moment ago")
    kept: Connection | None = getattr(_of_thread, "connection", None)
    if kept is not None:
        return kept
    _of_thread.connection = made = _connected() if may_connect else connector.take()
    return made


def _connected() -> Connection:
    try:
        return Connection(settings.REDIS_URL)
    except (*TROUBLE, RedisRefused, UnicodeError) as error:  # The last for a name that no host can have.
        breaker.trip()
        raise RedisAway(str(error)) from error


def ensure_redis_answers() -> None:
    """Raise ``RedisAway``, with the reason, unless a new connection answers in the time that the cache has for it."""
    try:
        with closing(Connection(settings.REDIS_URL)) as connection:
            # A Redis that loads its data, or has lost its primary, refuses this, and answers a PING.
            connection.run("EXISTS", "torg")
    except RedisRefused:
        raise
    except (TimeoutError, BlockingIOError) as error:
        raise RedisAway(f"it did not answer within {TIMEOUT_SECONDS * 1000:.0f} ms") from error
    except Exception as error:
        raise RedisAway(str(error) or type(error).__name__) from error


def forget_connections() -> None:
    """Leave alone what a parent process opened."""
    connector.forget()
    _of_thread.__dict__.clear()
    breaker.reset()


os.register_at_fork(after_in_child=forget_connections)
