"""Where a response of the application server ends, in whatever pieces it comes (RFC 9112, 6)."""

import re
from enum import Enum, auto

_LONGEST_HEAD = 1_048_576
_WITHOUT_BODY = {204, 304}
_SWITCHING = 101
# Not what int() takes: it would read signs and underscores as well.
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: .*)?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n")


class Unreadable(Exception):
    """What came is no response."""


class _At(Enum):
    HEAD = auto()
    LENGTH = auto()
    CHUNK_SIZE = auto()
    CHUNK = auto()
    TRAILERS = auto()
    UNTIL_CLOSED = auto()


class ResponseEnd:
    """Finds the end of one response, interim ones before it included."""

    def __init__(self, *, is_to_head: bool) -> None:
        self._is_to_head = is_to_head
        self._at = _At.HEAD
        self._line = b""
        self._left = 0
        self.status = 0
        self.closes = False
        """Whether the response says that its connection ends with it."""

    @property
    def is_until_closed(self) -> bool:
        """Whether it ends where the connection does."""
        return self._at is _At.UNTIL_CLOSED

    def feed(self, piece: bytes) -> int | None:
        """Return how many bytes of ``piece`` belong to the response if it ends there; None if more is to come.

        Raises ``Unreadable``.
        """
        at = 0
        while True:
            before = self._at, at
            if self._at in {_At.LENGTH, _At.CHUNK}:
                step = min(self._left, len(piece) - at)
                self._left -= step
                at += step
                if not self._left and self._at is _At.LENGTH:
                    return at
                if not self._left:
                    self._at = _At.CHUNK_SIZE
            elif self._at is _At.UNTIL_CLOSED:
                return None
            else:
                at, is_over = self._next_line(piece, at)
                if is_over:
                    return at
            if (self._at, at) == before:
                return None

    def _next_line(self, piece: bytes, at: int) -> tuple[int, bool]:
        """Read what ends with a line; return how far, and whether the response ends there."""
        ending = b"\r\n\r\n" if self._at is _At.HEAD else b"\n"
        # An ending may have come in pieces.
        text = self._line + piece[at:]
        end = text.find(ending)
        if end < 0:
            if len(text) > _LONGEST_HEAD:
                raise Unreadable("the head of the response does not end")
            self._line = text
            return len(piece), False
        end += len(ending)
        at += end - len(self._line)
        self._line = b""
        return at, self._read(text[:end])

    def _read(self, text: bytes) -> bool:
        if self._at is _At.HEAD:
            return self._read_head(text)
        if self._at is _At.TRAILERS:
            return text == b"\r\n"
        found = _CHUNK_SIZE.fullmatch(text)
        if found is None:
            raise Unreadable("a chunk has no size")
        size = int(found[1], 16)
        # With the CR LF behind the data.
        self._at, self._left = (_At.CHUNK, size + 2) if size else (_At.TRAILERS, 0)
        return False

    def _read_head(self, head: bytes) -> bool:
        line, *rest = head[:-4].split(b"\r\n")
        found = _STATUS_LINE.fullmatch(line)
        if found is None:
            raise Unreadable("it does not begin as a response does")
        self.status = int(found[1])
        if 100 <= self.status < 200 and self.status != _SWITCHING:
            return False  # The response is still to come.
        fields: dict[bytes, bytes] = {}
        for one in rest:
            name, _, value = one.lower().partition(b":")
            value = value.strip()
            if name == b"content-length" and fields.get(name, value) != value:
                raise Unreadable("it has two lengths")
            fields[name] = value
        self.closes = b"close" in fields.get(b"connection", b"")
        if self._is_to_head or self.status in _WITHOUT_BODY:
            return True
        if fields.get(b"transfer-encoding", b"").endswith(b"chunked"):
            self._at = _At.CHUNK_SIZE
        elif b"content-length" in fields:
            if not _LENGTH.fullmatch(fields[b"content-length"]):
                raise Unreadable("its length is no number")
            self._at, self._left = _At.LENGTH, int(fields[b"content-length"])
            return not self._left
        else:
            self._at = _At.UNTIL_CLOSED
        return False
