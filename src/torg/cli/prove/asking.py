"""Requests over connections that are kept open, as a browser or proxy sends them."""

import gzip
import http.client
import random
import time
from dataclasses import dataclass, field

import brotli

PATIENCE_SECONDS = 15.0
ENCODINGS = ("identity", "gzip", "br")
HEADERS = ("X-Cache", "Age", "ETag", "Cache-Tag")


class Failed(Exception):
    """A request was not answered as it should be, because something is down."""


@dataclass(slots=True)
class Answered:
    """What came back: ``body`` is None where there was nothing at the address."""

    asked_at: float
    answered_at: float
    status: int
    body: bytes | None
    headers: dict[str, str] = field(default_factory=dict)


class Asker:
    """Asks one web server, and remembers what it was given, to ask whether that still holds."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.port = port
        self._random = chance
        self._connection: http.client.HTTPConnection | None = None
        self._known: dict[str, tuple[str, bytes]] = {}

    def get(self, path: str) -> Answered:
        """Ask for ``path``. Raises ``Failed``."""
        headers = {"Accept-Encoding": self._random.choice(ENCODINGS)}
        known = self._known.get(path)
        if known is not None and self._random.random() < 0.3:
            headers["If-None-Match"] = known[0]
        asked_at = time.monotonic()
        try:
            return self._answered(path, headers, asked_at)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Failed(type(error).__name__) from error

    def close(self) -> None:
        """Close the connection; the next request opens another, perhaps to another process."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _answered(self, path: str, headers: dict[str, str], asked_at: float) -> Answered:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        body: bytes | None = response.read()
        answered = Answered(asked_at, time.monotonic(), response.status, body)
        answered.headers = {name: response.headers.get(name, "") for name in HEADERS}
        if response.status == 304:
            answered.body = self._known[path][1]
        elif response.status == 200:
            answered.body = _decoded(body or b"", response.headers.get("Content-Encoding", ""))
            self._known[path] = (answered.headers["ETag"], answered.body)
        elif response.status == 404:
            answered.body = None
        else:
            raise Failed(str(response.status))
        return answered


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "br":
        plain: bytes = brotli.decompress(body)
        return plain
    return body
