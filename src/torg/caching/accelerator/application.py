"""The WSGI application beside the accelerator: called by it, or reached through the application server."""

import io
import os
import secrets
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from torg.caching.accelerator.heads import Line, Way
from torg.caching.front import Application, Environ

_VARIABLE = "TORG_PEER_HEADER"


class PassedOn:
    """Tells the application from where a request has come, and to where: the application server sees neither.

    The first is told in a header of a name that nobody outside can guess: the parent of the processes makes it up.
    """

    def __init__(self, application: Application, *, host: str, port: int) -> None:
        self._application = application
        self._name = f"HTTP_{_header().upper().replace('-', '_')}"
        self._ours = {"SERVER_NAME": host, "SERVER_PORT": str(port)}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        peer = environ.pop(self._name, None)
        if peer is None:
            # It stood behind the end of another's body, where nobody waits for its answer.
            start_response("400 Bad Request", [("Content-Length", "0"), ("Connection", "close")])
            return [b""]
        environ.update(self._ours, REMOTE_ADDR=peer)
        return self._application(environ, start_response)


def name_header() -> None:
    """Make up the name of the header, before the processes of the server are started."""
    os.environ[_VARIABLE] = f"X-Torg-Peer-{secrets.token_hex(16)}"
    _header.cache_clear()


@cache
def _header() -> str:
    """Return its name, and take it out of the environment: application servers tell applications all that is there."""
    return os.environ.pop(_VARIABLE)


def told_of(peer: str) -> bytes:
    """Return the header that tells of the address of a client, with its CR LF."""
    return f"{_header()}: {peer}\r\n".encode()


class Called(NamedTuple):
    """What an application has answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def call(application: Application, environ: Environ) -> Called:
    """Have ``application`` answer a request, and return all of it."""
    answered: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:  # noqa: ARG001
        answered[:] = status, headers

    body = application(environ, start_response)
    try:
        text = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    status, headers = answered
    code = int(status[:3])
    headers = [item for item in headers if item[0].lower() != "connection"]
    has_length = any(name.lower() == "content-length" for name, _ in headers)
    if not has_length and code not in {204, 304} and environ["REQUEST_METHOD"] != "HEAD":
        headers.append(("Content-Length", str(len(text))))
    return Called(code, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" or code in {204, 304} else text)


def environ_of(line: Line, way: Way, *, peer: str, host: str, port: int) -> Environ:
    """Return what WSGI has of a plain request."""
    path, _, query = line.target.partition("?")
    return {
        "REQUEST_METHOD": line.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unescaped(path),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": peer,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **way.environ,
    }


def unescaped(path: str) -> str:
    """Return ``path`` without percent escapes, as WSGI has it: one character for each byte."""
    return path if "%" not in path else unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
