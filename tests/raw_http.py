"""HTTP over a raw socket: what is sent is what the test says, and answers are read strictly (RFC 9112)."""

import json
import re
import socket
from typing import Any, NamedTuple

SECONDS = 60
"""Longer than anything takes; a test that waits so long has failed."""

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) [ -~]*")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\x00-\x1f\x7f]*)")


class Answered(NamedTuple):
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Gone(Exception):
    """The other side has closed the connection, with nothing of an answer before."""


class Connection:
    """A connection to the server on ``port``; ``takes`` is how much of what it sends may be on the way."""

    def __init__(self, port: int, host: str = "127.0.0.1", *, takes: int | None = None) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if takes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        try:
            self.socket.connect((host, port))
        except OSError:
            self.socket.close()
            raise
        self.received = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes) -> "Connection":
        for piece in pieces:
            self.socket.sendall(piece)
        return self

    def ask(self, target: str, *fields: str, method: str = "GET") -> Answered:
        return self.send(request(target, *fields, method=method)).answer(method)

    def answer(self, method: str = "GET") -> Answered:
        """Read one answer, and not a byte of the next."""
        status, headers = self.head()
        if method == "HEAD" or status < 200 or status in {204, 304}:
            return Answered(status, headers, b"")
        if "transfer-encoding" in headers:
            assert headers["transfer-encoding"] == "chunked"
            assert "content-length" not in headers
            return Answered(status, headers, self._chunks())
        if "content-length" in headers:
            return Answered(status, headers, self._exactly(int(headers["content-length"])))
        return Answered(status, headers, self.rest())

    def head(self) -> tuple[int, dict[str, str]]:
        line, *fields = self._until(b"\r\n\r\n").split(b"\r\n")
        found = _STATUS_LINE.fullmatch(line)
        assert found is not None, line
        headers: dict[str, str] = {}
        for field in fields:
            split = _FIELD.fullmatch(field)
            assert split is not None, field
            name = split[1].decode().lower()
            assert name not in headers, f"a header is there twice: {field!r}"
            headers[name] = split[2].decode("latin-1").strip()
        return int(found[1]), headers

    def is_closed(self) -> bool:
        """Wait for the end of the connection; say whether nothing came before it."""
        return self.rest() == b""

    def rest(self) -> bytes:
        """Return all that comes before the end of the connection."""
        while self._more():
            pass
        rest, self.received = self.received, b""
        return rest

    def _more(self) -> bool:
        try:
            piece = self.socket.recv(65_536)
        except ConnectionResetError:
            return False
        self.received += piece
        return bool(piece)

    def _until(self, ending: bytes) -> bytes:
        while ending not in self.received:
            if not self._more():
                if not self.received:
                    raise Gone
                raise AssertionError(f"the answer ends too soon: {self.received!r}")
        found, _, self.received = self.received.partition(ending)
        return found

    def _exactly(self, length: int) -> bytes:
        pieces = [self.received]
        missing = length - len(self.received)
        while missing > 0:
            piece = self.socket.recv(min(missing, 1_048_576))
            assert piece, f"{missing} bytes of the answer are missing"
            pieces.append(piece)
            missing -= len(piece)
        text = b"".join(pieces)
        self.received = text[length:]
        return text[:length]

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            body += self._exactly(size)
            assert self._exactly(2) == b"\r\n"
        while self._until(b"\r\n"):
            pass
        return body


def request(target: str, *fields: str, method: str = "GET", body: bytes = b"") -> bytes:
    """Return a request to a host of this machine, unless ``fields`` name another."""
    lines = [f"{method} {target} HTTP/1.1", *fields]
    if not any(field.lower().startswith("host:") for field in fields):
        lines.insert(1, "Host: localhost")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body
