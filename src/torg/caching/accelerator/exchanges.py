"""A request that the application server answers: passed on to it as it came, and its response back as that comes."""

import socket
from pathlib import Path
from select import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT

from torg.caching.accelerator.application import told_of
from torg.caching.accelerator.clients import MOST_UNSENT, READ_SIZE, STALLED_SECONDS, At, Client, Loop
from torg.caching.accelerator.heads import Line, Malformed, Way
from torg.caching.accelerator.responses import ResponseEnd, Unreadable


class Exchange:
    """One request and its response, on a connection of its own: nobody can get an answer that is another's."""

    def __init__(self, loop: Loop, client: Client, server: Path) -> None:
        self._loop = loop
        self._client = client
        self._server = server
        self.socket = socket.socket(socket.AF_UNIX)
        self.mask = 0
        self._unsent = b""
        self._body_left: float = 0
        self._is_answered = False
        self._closes = False
        self._end = ResponseEnd(is_to_head=False)

    def start(self, line: bytes, block: bytes, read: Line, way: Way) -> None:
        """Pass the request on; ``line`` and ``block`` are its head as it came."""
        client = self._client
        client.at, client.exchange = At.EXCHANGE, self
        self._end = ResponseEnd(is_to_head=read.method == "HEAD")
        # Where only the end of a body tells its length, whatever comes may belong to it: nothing is read behind it.
        self._body_left = float("inf") if way.is_chunked else way.body_bytes
        self._closes = way.closes or way.is_chunked or not read.is_http_1_1
        if self._loop.is_draining or not self._is_connected():
            self._fail(
                Malformed("The shop is too busy, or about to stop. Try again.", status=503, code="busy")
            )
            return
        # The server is to say so in its answer. It comes last, as the last of these fields counts there.
        ending = b"Connection: close\r\n\r\n" if self._closes else b"\r\n"
        head = b"%b\r\n%b%b%b" % (line, told_of(client.peer), block, ending)
        # In one piece with what is there of the body: who answers without it closes at once where it is missing.
        self._send(head + self._body_at_hand())
        self.go_on()

    def _is_connected(self) -> bool:
        try:
            self.socket.setblocking(False)  # noqa: FBT003
            self.socket.connect(str(self._server))
        except OSError:
            return False
        return True

    def take_body(self) -> None:
        """Pass on what the client has sent of the body."""
        piece = self._body_at_hand()
        if piece:
            self._send(piece)
        self.go_on()

    def _body_at_hand(self) -> bytes:
        client = self._client
        if not (self._body_left and client.received):
            return b""
        step = int(min(self._body_left, len(client.received)))
        piece, client.received = client.received[:step], client.received[step:]
        self._body_left -= step
        return piece

    def go_on(self) -> None:
        """Listen to both sides, as far as what they say can be passed on."""
        client = self._client
        if client.exchange is not self:
            return
        wants_body = bool(self._body_left) and len(self._unsent) < MOST_UNSENT
        client.deadline = self._loop.now + STALLED_SECONDS if wants_body or client.is_behind else float("inf")
        self._watch_client(EPOLLIN if wants_body else 0)
        self._loop.watch(self, (0 if client.is_behind else EPOLLIN) | (EPOLLOUT if self._unsent else 0))

    def on(self, events: int) -> None:
        """Read or write, whichever is possible."""
        if events & EPOLLOUT:
            data, self._unsent = self._unsent, b""
            self._send(data)
            self.take_body()
        is_over = events & (EPOLLHUP | EPOLLERR)
        if events & EPOLLIN or (is_over and not self._client.is_behind):
            self._read()
        elif is_over:
            # It would be told again and again. What is left is read when the client has taken more.
            self._loop.unwatch(self)

    def _watch_client(self, reads: int) -> None:
        self._loop.watch(self._client, reads | (self._client.mask & EPOLLOUT))

    def _send(self, data: bytes) -> None:
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            # It wants no more of the body, and may have said why.
            self._body_left, self._closes = 0, True
            return
        self._unsent = data[sent:]

    def _read(self) -> None:
        try:
            piece = self.socket.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._ended()
            return
        try:
            end = self._end.feed(piece)
        except Unreadable:
            self._ended()
            return
        self._is_answered = True
        self._client.send(piece if end is None else piece[:end])
        if end is None:
            self.go_on()
        else:
            self._finish(is_last=self._closes or self._end.closes or bool(self._body_left))

    def _ended(self) -> None:
        """The application server has closed the connection."""
        if self._end.is_until_closed:
            self._finish(is_last=True)
        elif self._is_answered:
            self.drop()
        else:
            self._fail(Malformed("The shop stopped before it had answered.", status=502, code="no_answer"))

    def _fail(self, why: Malformed) -> None:
        self._client.exchange = None
        self.close()
        self._client.refuse(why)

    def _finish(self, *, is_last: bool) -> None:
        client = self._client
        if client.exchange is not self:
            return  # The client has gone meanwhile.
        client.exchange = None
        self.close()
        client.closes = is_last
        client.finish()

    def drop(self) -> None:
        """Give up: what the client has is no whole answer, and is told so by the end of the connection."""
        self._client.drop()

    def close(self) -> None:
        """Close the connection to the application server."""
        self._loop.forget(self)
