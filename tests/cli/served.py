"""A ``torg web`` whose project shows what reaches it, and does what a test needs an application to do."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.commands import Command, free_port, kill_all, torg_processes
from tests.raw_http import Connection
from torg.lib.embedded.processes import becomes_true, command_of

# An empty tree; answered by the accelerator once it was asked for.
HIT = "/api/v1/categories/tree"
# No product is there, so that the application behind the documents is called, in the pool of the accelerator.
CALLED = "/api/v1/products/shown"
# No document, so passed on to the application server.
PASSED_ON = "/shown"
WAYS = [CALLED, PASSED_ON]
LARGE_BYTES = 6_000_000

_SETTINGS = """
from torg.config.settings import *

WSGI_APPLICATION = "shown.wsgi.application"
"""
_WSGI = f"""
import json
from django.core.wsgi import get_wsgi_application
from torg.caching.front import Front
from torg.config.access_log import AccessLog

django = get_wsgi_application()
seen = []

def shown(environ, start_response):
    path = environ["PATH_INFO"]
    name = path.rpartition("/")[2]
    if name not in {{"shown", "seen", "large", "waiting"}}:
        return django(environ, start_response)
    if name != "seen":
        seen.append(path)
    if name == "waiting":
        with open(environ["QUERY_STRING"]) as pipe:
            pipe.read()
    elif name == "large":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"%08d" % (number * 8) * 8192 for number in range({LARGE_BYTES} // 65536 + 1))
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])) if environ.get("CONTENT_LENGTH") else (
        environ["wsgi.input"].read() if "HTTP_TRANSFER_ENCODING" in environ else b"")
    told = {{name: value for name, value in environ.items() if isinstance(value, str)}}
    told = json.dumps({{"environ": told, "body": body.decode("latin-1"), "seen": seen}}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(told)))])
    return [told]

application = Front(shown, AccessLog())
"""


class Served:
    """A running ``torg web``."""

    def __init__(self, folder: Path, data_dir: Path, host: str, **settings: str) -> None:
        self.folder, self.data_dir, self.host, self.port = folder, data_dir, host, free_port()
        project = folder / "project" / "shown"
        project.mkdir(parents=True)
        (project / "__init__.py").touch()
        (project / "settings.py").write_text(_SETTINGS)
        (project / "wsgi.py").write_text(_WSGI)
        self.worker = Command(data_dir, "worker")
        self.command = Command(
            data_dir,
            *("web", "--port", str(self.port), "--host", host),
            DJANGO_SETTINGS_MODULE="shown.settings",
            PYTHONPATH=os.pathsep.join([str(project.parent), os.environ.get("PYTHONPATH", "")]),
            **{"CACHE_WARM_LIMIT": "0", "WEB_THREADS": "4", **settings},
        )

    def connect(self, **options: Any) -> Connection:
        return Connection(self.port, self.host, **options)

    def ask(self, target: str, *fields: str, method: str = "GET") -> Any:
        with self.connect() as connection:
            return connection.ask(target, *fields, method=method)

    def warm(self) -> None:
        """Have what ``HIT`` asks for at hand."""
        # It takes until the worker has confirmed that nothing else has changed.
        assert becomes_true(lambda: self.ask(HIT).headers["x-cache"] == "hit", seconds=60)

    def seen(self) -> list[str]:
        """Return the paths of all requests that have reached the application."""
        return self.ask("/seen").json()["seen"]

    def serving(self) -> list[int]:
        """Return the ids of the processes that serve."""
        processes = [number for number in torg_processes(self.data_dir) if "web" in command_of(number)]
        return [number for number in processes if number != self.command.process.pid]

    def files(self) -> int:
        """Return how many files its only serving process has open."""
        [number] = self.serving()
        return len(list(Path(f"/proc/{number}/fd").iterdir()))


@contextmanager
def served(
    migrated: Path, folder: Path, *, host: str = "127.0.0.1", waits: bool = True, **settings: str
) -> Iterator[Served]:
    """Serve a shop of its own; it has to end in order."""
    data_dir = folder / "data"
    shutil.copytree(migrated, data_dir, ignore=shutil.ignore_patterns("*.sock"))
    serving = Served(folder, data_dir, host, **settings)
    try:
        if waits:
            serving.command.wait_for_port(serving.port)
            serving.warm()
        yield serving
        if serving.command.process.poll() is None:
            serving.command.process.terminate()
        assert serving.command.exit_status() == 0
        assert serving.worker.signal(signal.SIGTERM).exit_status() == 0
    finally:
        kill_all(data_dir)
