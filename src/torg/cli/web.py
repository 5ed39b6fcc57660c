"""``torg web``: serve the shop over HTTP."""

import os
import signal
import socket
import tempfile
from collections.abc import Callable
from typing import Annotated, Any

import typer
from django.conf import settings

from torg.cli.parent import end_with_parent, end_with_up
from torg.cli.refusal import Refused
from torg.cli.setup import close_connections, ensure_schema_is_current, shop_running
from torg.cli.signals import notice_signals

GRACE_SECONDS = 30


def web(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="PORT, or 8000.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="WEB_PROCESSES, or one a core.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=256, help="WEB_THREADS of each, or 8.")] = None,
) -> None:
    """Serve the shop over HTTP, without starting a worker or changing the database.

    SIGTERM lets requests in flight end, for at most 30 seconds.

    Examples: [bold]torg web[/bold] · [bold]torg web --host 0.0.0.0 --port 80 --processes 4[/bold]
    """
    end_with_up()
    for name, value in {"PORT": port, "WEB_PROCESSES": processes, "WEB_THREADS": threads}.items():
        if value is not None:
            os.environ[name] = str(value)  # The settings read it there, and size the connection pool by it.
    with shop_running():
        ensure_port_is_free(host, settings.ENVIRONMENT.port)
        ensure_schema_is_current()
        close_connections()
        _serve(host)


def ensure_port_is_free(host: str, port: int) -> None:
    """Raise ``Refused`` unless we can listen on ``port`` of ``host``."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        raise Refused(
            f"Port {port} of {host} cannot be used: {error.strerror}. "
            f"Stop what uses it, or choose another: PORT={port % 65535 + 1}"
        ) from error


def _serve(host: str) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    from torg.caching import processes

    environment = settings.ENVIRONMENT
    server = Granian(
        settings.WSGI_APPLICATION,
        address=host,
        port=environment.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=environment.web_processes,
        blocking_threads=environment.web_threads,
        # Open connections of a process, idle ones among them; further ones wait in the kernel's queue.
        backpressure=1024,
        workers_kill_timeout=GRACE_SECONDS,
        respawn_failed_workers=True,
        # The middleware logs each request; what Granian itself has to say goes the way of all logs.
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {"_granian": {"propagate": True}}},
    )
    # Granian's own handler, inherited, would swallow a SIGTERM that comes while the process still loads.
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    notice_signals()
    with tempfile.TemporaryDirectory(prefix="torg-web-", ignore_cleanup_errors=True) as together:
        os.environ[processes.DIRECTORY] = together
        server.serve(target_loader=_load)


def _load(application: str) -> Callable[..., Any]:
    """Return the WSGI application. Runs in each process that serves."""
    from django.utils.module_loading import import_string

    end_with_parent(os.getppid())
    notice_signals()
    loaded: Callable[..., Any] = import_string(application)
    return loaded
