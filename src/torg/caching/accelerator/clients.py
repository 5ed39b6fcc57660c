"""A client's connection: what has come by it, what still has to be sent, and what is being done for it."""

import socket
import time
from select import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT
from typing import TYPE_CHECKING, Final, Protocol

from torg.caching.accelerator.heads import END, LONGEST_HEAD, Malformed
from torg.caching.accelerator.wire import problem
from torg.lib.request_ids import request_id_of

if TYPE_CHECKING:
    from torg.caching.accelerator.exchanges import Exchange

READ_SIZE = 16_384
# What is longer is sent from where it lies: to copy it costs more than the longer call.
LONGEST_JOINED = 8_192
IDLE_SECONDS = 75.0
HEAD_SECONDS = 30.0
STALLED_SECONDS = 60.0
# Behind the last answer, while nothing comes, and in all. Who is cut off while sending cannot read what was answered.
LINGER_SECONDS = 2.0
LONGEST_LINGER_SECONDS = 30.0
# What the other side has not taken yet; above it no more is fetched.
MOST_UNSENT = 262_144


class At:
    """What a connection waits for. Each hit looks here, and members of an ``Enum`` take five times as long."""

    REQUEST: Final = "request"
    ANSWER: Final = "answer"
    """From this process; the client is not listened to meanwhile."""
    EXCHANGE: Final = "exchange"
    """With the application server."""
    FLUSH: Final = "flush"
    GOODBYE: Final = "goodbye"
    """All is sent; what still comes is thrown away, so that the client can read the last answer."""


class Loop(Protocol):
    """What a connection needs of whom it lives with."""

    now: float
    is_draining: bool

    def watch(self, watched: "Watched", mask: int) -> None:
        """Have ``watched`` told of what is in ``mask``."""

    def unwatch(self, watched: "Watched") -> None:
        """Tell it nothing until it is to be watched again."""

    def welcome(self, connected: socket.socket, peer: str) -> None:
        """Serve a new connection, from the address ``peer``."""

    def forget(self, watched: "Watched") -> None:
        """Tell it nothing any more, and close it."""

    def take(self, client: "Client", text: bytes, block: bytes) -> None:
        """Answer a request: ``text`` is its line, ``block`` its fields."""

    def again(self, client: "Client") -> None:
        """Have ``client`` advance soon: it has sent more than one request."""

    def log(self, method: str, path: str, status: int, seconds: float, request_id: str) -> None:
        """Log what was answered to a request that no application has seen."""


class Watched(Protocol):
    """What the loop tells when something can be read or written."""

    socket: socket.socket
    mask: int

    def on(self, events: int) -> None:
        """Go on."""

    def drop(self) -> None:
        """Give up."""


class Client:
    """One connection, with one request at a time."""

    __slots__ = (
        "_leaves_at", "_loop", "_unsent", "at", "closes", "deadline", "exchange", "mask", "peer", "received",
        "socket", "started",
    )  # fmt: skip

    def __init__(self, loop: Loop, connected: socket.socket, peer: str) -> None:
        self._loop = loop
        self.peer = peer
        """The address of the other side. Asked later, who has gone by then would have none, as this machine may."""
        self.socket = connected
        self.mask = 0
        self.at: str = At.REQUEST
        self.received = b""
        self._unsent = b""
        self.closes = False
        self.deadline = loop.now + HEAD_SECONDS
        self.exchange: Exchange | None = None
        self.started = 0.0
        self._leaves_at = 0.0
        loop.watch(self, EPOLLIN)

    def on(self, events: int) -> None:
        """Read or write, whichever is possible."""
        if events & EPOLLOUT:
            self._flush()
        if events & EPOLLIN:
            self._read()
        elif events & (EPOLLHUP | EPOLLERR):
            self.drop()

    def _read(self) -> None:
        if self.received and self.at is At.REQUEST and END in self.received:
            return  # The loop will have it advance. What has come is answered first, even if no more will come.
        try:
            piece = self.socket.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            self.drop()
            return
        if not piece:
            self.drop()
        elif self.at is At.REQUEST:
            if not self.received:
                self.deadline = self._loop.now + HEAD_SECONDS
            self.received += piece
            self.advance()
        elif self.at is At.EXCHANGE and self.exchange is not None:
            self.received += piece
            self.exchange.take_body()
        elif self.at is At.GOODBYE:
            self.deadline = min(self._loop.now + LINGER_SECONDS, self._leaves_at)

    def advance(self) -> None:
        """Have the next request answered, if all of its head is there."""
        if self.received[:2] == b"\r\n":  # Some send one too many behind a body.
            self.received = self.received.lstrip(b"\r\n")
        end = self.received.find(END)
        if end < 0 or end > LONGEST_HEAD:
            if len(self.received) > LONGEST_HEAD:
                self.refuse(Malformed("The header is too long.", status=431, code="header_too_large"))
            elif b"\n\n" in self.received or b"\n\r\n" in self.received:
                self.refuse(Malformed("Lines of the header have to end in CR LF."))
            return
        head, self.received = self.received[: end + 2], self.received[end + 4 :]
        line, _, block = head.partition(b"\r\n")
        self.at = At.ANSWER
        self.started = time.perf_counter()
        self._loop.take(self, line, block)

    @property
    def is_idle(self) -> bool:
        """Whether nothing has been asked that was not answered."""
        return self.at is At.REQUEST and not self.received

    def hurry(self) -> None:
        """Be done soon: no more is answered than what has been asked."""
        if self.is_idle:
            self.drop()
        elif self.at is At.REQUEST and END not in self.received:
            self.deadline = min(self.deadline, self._loop.now + LINGER_SECONDS)

    def wait_for_answer(self) -> None:
        """Listen to nobody until there is an answer."""
        self.deadline = float("inf")
        self._loop.watch(self, 0)

    def answer(self, head: bytes, body: bytes = b"", *, is_last: bool) -> None:
        """Send all of an answer, and go on with the next request or ``is_last``, no more."""
        self.closes = is_last
        if len(body) < LONGEST_JOINED:
            self.send(head + body)
        else:
            self.send(head, body)
        if self.at is not At.GOODBYE:
            self.finish()

    def refuse(self, malformed: Malformed) -> None:
        """Say what is wrong with a request, and close: where the next one would begin is not known."""
        request_id = request_id_of(None)
        self._loop.log("-", "-", malformed.status, 0.0, request_id)
        self.answer(problem(malformed.status, malformed.code, malformed.detail, request_id), is_last=True)

    def send(self, data: bytes, more: bytes = b"") -> None:
        """Send ``data`` and ``more``, or as much of them as is taken now, and the rest when it can be."""
        if self._unsent:
            self._unsent += data + more
            return
        try:
            sent = self.socket.sendmsg((data, more)) if more else self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.drop()
            return
        if sent < len(data) + len(more):
            self._unsent = (data + more)[sent:]
            self.deadline = self._loop.now + STALLED_SECONDS
            self._loop.watch(self, self.mask | EPOLLOUT)

    @property
    def is_behind(self) -> bool:
        """Whether more is to be sent than should be kept for it."""
        return len(self._unsent) > MOST_UNSENT

    def _flush(self) -> None:
        data, self._unsent = self._unsent, b""
        self.send(data)
        if len(self._unsent) < len(data):
            self.deadline = self._loop.now + STALLED_SECONDS
        if self._unsent or self.at is At.GOODBYE:
            return
        self._loop.watch(self, self.mask & ~EPOLLOUT)
        if self.at is At.FLUSH:
            self.finish()
        elif self.exchange is not None:
            self.exchange.go_on()

    def finish(self) -> None:
        """The answer is complete: wait for the next request, or say goodbye, when all is sent."""
        if self._unsent:
            self.at = At.FLUSH
            self.deadline = self._loop.now + STALLED_SECONDS
            self._loop.watch(self, EPOLLOUT)
            return
        if self.closes or (self._loop.is_draining and END not in self.received):
            self._say_goodbye()
            return
        self.at = At.REQUEST
        self.deadline = self._loop.now + (HEAD_SECONDS if self.received else IDLE_SECONDS)
        if self.mask != EPOLLIN:
            self._loop.watch(self, EPOLLIN)
        if self.received:
            self._loop.again(self)

    def _say_goodbye(self) -> None:
        self.at = At.GOODBYE
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop()
            return
        self.received = b""
        self.deadline = self._loop.now + LINGER_SECONDS
        self._leaves_at = self._loop.now + LONGEST_LINGER_SECONDS
        self._loop.watch(self, EPOLLIN)

    def drop(self) -> None:
        """Close the connection, and what is done for it."""
        self.at = At.GOODBYE
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.close()
        self._loop.forget(self)
