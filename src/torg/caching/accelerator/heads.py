"""Heads of requests (RFC 9112): what they ask for, where their body ends, and whether a document may answer them."""

import re
from typing import Any, NamedTuple

LONGEST_HEAD = 65_536
MOST_FIELDS = 100
_LONGEST_PLAIN = 2_000
END = b"\r\n\r\n"

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP/(1\.[01])")
# In the fields, which end in CR LF each.
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n")
_DIGITS = re.compile(rb"[0-9]{1,18}")
_KEEP_OR_CLOSE = {"keep-alive", "close", ""}
# WSGI has them without the prefix.
_WITHOUT_HTTP = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Malformed(Exception):
    """A head that cannot be understood, or only in two ways; ``status`` and ``code`` are for the answer."""

    def __init__(self, detail: str, *, status: int = 400, code: str = "malformed_request") -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code


class Line(NamedTuple):
    """A request line."""

    method: str
    target: str
    is_http_1_1: bool


class Way:
    """How a request comes: what its header fields say.

    ``is_plain`` where nothing in them speaks against answering with a document: no body, no field twice, nothing
    rare. ``body_bytes`` is the length of the body; ``is_chunked`` says that only its end tells. ``environ`` is what
    WSGI has of a plain one. ``frames`` are the headers around documents, by kind, as far as they have been asked for.
    """

    __slots__ = (
        "accept_encoding", "body_bytes", "closes", "environ", "frames", "has_host", "if_none_match", "is_chunked",
        "is_plain", "request_id",
    )  # fmt: skip

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        names = [name for name, _ in fields]
        values = dict(fields)
        said = values.get("connection", "")
        if len(values) < len(names):  # It may be said in more than one field.
            said = ",".join([value for name, value in fields if name == "connection"])
        connection = {token.strip().lower() for token in said.split(",")}
        self.is_chunked = "transfer-encoding" in values
        self.body_bytes = _body_bytes(names, values)
        self.closes = "close" in connection
        self.has_host = "host" in values
        self.is_plain = (
            len(values) == len(names)
            and self.has_host
            and not (self.is_chunked or self.body_bytes or "expect" in values or "upgrade" in values)
            and connection <= _KEEP_OR_CLOSE
            and len(values.get("if-none-match", "")) <= _LONGEST_PLAIN
            and not any("_" in name for name in names)
        )
        self.accept_encoding = values.get("accept-encoding", "")
        self.if_none_match = values.get("if-none-match", "")
        self.request_id = values.get("x-request-id")
        self.environ: dict[str, Any] = _environ(fields) if self.is_plain else {}
        self.frames: dict[str, list[tuple[str, str]] | None] = {}

    def check(self, line: Line) -> None:
        """Raise ``Malformed`` if these may not be the fields of a request of such a line (RFC 9112, 3.2 and 6.1)."""
        if line.is_http_1_1 and not self.has_host:
            raise Malformed("There is no Host.")
        if self.is_chunked and not line.is_http_1_1:
            raise Malformed("HTTP/1.0 has no Transfer-Encoding.")


def read_line(line: bytes) -> Line:
    """Read a request line. Raises ``Malformed``."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Malformed("The first line is not that of an HTTP/1.1 request.")
    method, target, version = (part.decode("latin-1") for part in found.groups())
    return Line(method, target, is_http_1_1=version == "1.1")


def read_fields(block: bytes) -> Way:
    """Read the header fields, each with its CR LF. Raises ``Malformed``."""
    if _FORBIDDEN.search(block):
        raise Malformed("The header has control characters, or lines that do not end in CR LF.")
    if block.count(b"\r\n") > MOST_FIELDS:
        raise Malformed("The header has too many fields.", status=431, code="header_too_large")
    fields = []
    for line in block.split(b"\r\n")[:-1]:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise Malformed("A line of the header is not of the form 'Name: value'.")
        fields.append((name.decode().lower(), value.strip(b" \t").decode("latin-1")))
    return Way(fields)


def _body_bytes(names: list[str], values: dict[str, str]) -> int:
    """Return how long the body is; what others could read in another way is refused."""
    if names.count("host") > 1:
        raise Malformed("There is more than one Host.")
    encodings, lengths = names.count("transfer-encoding"), names.count("content-length")
    if encodings > 1 or (encodings and (lengths or values["transfer-encoding"].lower() != "chunked")):
        raise Malformed("Transfer-Encoding may only be 'chunked', and without a Content-Length.")
    if lengths > 1:
        raise Malformed("There is more than one Content-Length.")
    length = values.get("content-length", "0").encode("latin-1")
    if not _DIGITS.fullmatch(length):
        raise Malformed("Content-Length is not a whole number.")
    return int(length)


def _environ(fields: list[tuple[str, str]]) -> dict[str, Any]:
    names = {name: _WITHOUT_HTTP.get(name, f"HTTP_{name.upper().replace('-', '_')}") for name, _ in fields}
    return {names[name]: value for name, value in fields}
