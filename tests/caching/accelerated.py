"""An accelerator in the process of the tests; what it passes on is answered by a server of the standard library."""

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import WSGIRequestHandler

from tests.raw_http import SECONDS, Connection
from torg.caching.accelerator.application import PassedOn, name_header
from torg.caching.accelerator.loop import Accelerator
from torg.caching.front import Application
from torg.lib.embedded.processes import becomes_true


class _Behind(ThreadingMixIn, UnixStreamServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, path: Path, application: Application) -> None:
        self.application = application
        super().__init__(str(path), _Handler)


class _Caller(SimpleHandler):
    os_environ = {}

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        # Django says it where a body was too large; wsgiref would not have it.
        return super().start_response(status, [item for item in headers if item[0] != "Connection"], exc_info)


class _Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        return ""

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if self.raw_requestline and self.parse_request():
            caller = _Caller(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)
            caller.run(self.server.application)

    def get_environ(self) -> dict[str, Any]:
        path, _, query = self.raw_requestline.split(b" ")[1].partition(b"?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_PROTOCOL": self.request_version,
            "SERVER_NAME": "behind",
            "SERVER_PORT": "0",
            "REMOTE_ADDR": "",
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ


class Accelerated:
    """An accelerator on a port of its own."""

    def __init__(self, accelerator: Accelerator, port: int) -> None:
        self.accelerator = accelerator
        self.port = port

    def is_answering(self) -> bool:
        """Say whether the server behind still has a connection."""
        return any("process_request" in thread.name for thread in threading.enumerate())

    def connect(self, **options: Any) -> Connection:
        return Connection(self.port, **options)


@contextmanager
def accelerated(
    application: Application,
    *,
    behind: Application,
    threads: int = 4,
    before: Callable[[int], None] = lambda port: None,
) -> Iterator[Accelerated]:
    """Accelerate ``application``; ``behind`` answers what is passed on, and is there after ``before``."""
    name_header()
    with tempfile.TemporaryDirectory(prefix="torg-") as folder, socket.socket() as listening:
        # So that what a client does not take stays here. Connections have what their port has.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        port = listening.getsockname()[1]
        path = Path(folder, "behind.sock")
        accelerator = Accelerator(application, listening=listening, server=path, threads=threads)
        accelerator._thread.start()
        before(port)
        with _Behind(path, PassedOn(behind, host="127.0.0.1", port=port)) as server:
            serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            serving.start()
            assert becomes_true(lambda: accelerator._listener._is_listening, seconds=SECONDS)
            try:
                yield Accelerated(accelerator, port)
            finally:
                _end(accelerator)
                server.shutdown()
                serving.join(SECONDS)


def _end(accelerator: Accelerator) -> None:
    accelerator.drain()
    accelerator._thread.join(SECONDS)
    assert not accelerator._thread.is_alive()
    accelerator._calls._pool.shutdown()
    accelerator._epoll.close()
    for side in (accelerator._waker.socket, accelerator._waker._other):
        side.close()
