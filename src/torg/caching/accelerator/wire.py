"""Answers as bytes on the wire."""

import json
import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

_GOES_ON = "\r\n"
_CLOSES = "Connection: close\r\n\r\n"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class _Clock:
    """The ``Date`` of answers, made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._line = ""

    def line(self, now: float) -> str:
        second = int(now)
        if second != self._second:
            self._line = f"Date: {formatdate(second, usegmt=True)}\r\n"
            self._second = second
        return self._line


_clock = _Clock()


def beginning_of(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the status line and ``headers``, to be completed by ``ending``."""
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return f"HTTP/1.1 {status} {_PHRASES.get(status, 'Status')}\r\n{fields}".encode("latin-1")


def ending(more: str, *, now: float, is_last: bool) -> bytes:
    """Return the rest of a head: ``more`` fields, the time (seconds since 1970), and whether the connection ends."""
    return f"{more}{_clock.line(now)}{_CLOSES if is_last else _GOES_ON}".encode("latin-1")


def head_of(status: int, headers: Iterable[tuple[str, str]], *, is_last: bool) -> bytes:
    """Return the head of an answer."""
    return beginning_of(status, headers) + ending("", now=time.time(), is_last=is_last)


def problem(status: int, code: str, detail: str, request_id: str) -> bytes:
    """Return an answer that tells what is wrong with a request that no application has seen (RFC 9457)."""
    body = json.dumps(
        {
            "type": f"urn:torg:problem:{code}",
            "title": _PHRASES.get(status, "Error"),
            "status": status,
            "detail": detail,
            "code": code,
            "request_id": request_id,
        }
    ).encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Request-ID", request_id),
    ]
    return head_of(status, headers, is_last=True) + body
