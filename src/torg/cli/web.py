"""``torg web``: serve the shop over HTTP."""

import ctypes
import gc
import os
import select
import signal
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.conf import settings

from torg.cli.parent import end_with_parent, end_with_up
from torg.cli.refusal import Refused
from torg.cli.setup import close_connections, ensure_schema_is_current, shop_running
from torg.cli.signals import notice_signals

if TYPE_CHECKING:
    from granian.server.common import AbstractServer

GRACE_SECONDS = 30
BACKLOG = 1024
# Of glibc's malloc.h.
M_ARENA_MAX = -8
# Objects more than before; collections of younger ones before one of older ones, and of those before one of all.
COLLECTED_AFTER = (5_000, 20, 20)
# Of 107 bytes that the path of a Unix socket may have.
LONGEST_PLACE = 60


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
    _listening(host, port).close()


def _listening(host: str, port: int) -> socket.socket:
    """Listen on ``port`` of ``host``, or raise ``Refused``."""
    listening = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections have what their port has.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        if listening is not None:
            listening.close()
        raise Refused(
            f"Port {port} of {host} cannot be used: {error.strerror}. "
            f"Stop what uses it, or choose another: PORT={port % 65535 + 1}"
        ) from error
    return listening


def _serve(host: str) -> None:
    from torg.caching import processes

    environment = settings.ENVIRONMENT
    _share_arenas()
    # Granian's own handler, inherited, would swallow a SIGTERM that comes while the process still loads.
    os.register_at_fork(after_in_child=_forget_signals)
    with (
        _listening(host, environment.port) as listening,
        _directory_of_sockets() as together,
    ):
        os.environ[processes.DIRECTORY] = together
        if hasattr(select, "epoll"):
            _serve_accelerated(listening, Path(together, "application.sock"))
        else:
            listening.close()
            notice_signals()
            _application_server(address=host, port=environment.port).serve(target_loader=_load)


def _share_arenas() -> None:
    """Have glibc's malloc serve all threads of a process from two arenas; one for each keeps more for nothing.

    Only one thread at a time runs Python, so they do not get into each other's way.
    """
    with suppress(OSError, AttributeError):  # Another system's malloc.
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _directory_of_sockets() -> "tempfile.TemporaryDirectory[str]":
    """Make a directory for sockets, whose paths the kernel wants to be short."""
    place = tempfile.gettempdir()
    return tempfile.TemporaryDirectory(
        prefix="torg-web-",
        dir=place if len(place) <= LONGEST_PLACE else "/tmp",  # noqa: S108
        ignore_cleanup_errors=True,
    )


def _forget_signals() -> None:
    """Leave what the parent does with signals to the parent."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)


def _serve_accelerated(listening: socket.socket, behind: Path) -> None:
    """Leave the port to the accelerator of each process, and have Granian listen to it, on a socket ``behind`` it."""
    from torg.caching.accelerator.application import name_header

    name_header()
    notice_signals(partial(_close_for_all, listening))
    _application_server(uds=behind).serve(target_loader=partial(_load_accelerated, listening, behind))


def _application_server(**place: Any) -> "AbstractServer[Any]":
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    environment = settings.ENVIRONMENT
    return Granian(
        settings.WSGI_APPLICATION,
        **place,
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


def _close_for_all(listening: socket.socket) -> None:
    """Have nobody connect any more who would not be served."""
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)


def _load(application: str) -> Callable[..., Any]:
    """Return the WSGI application. Runs in each process that serves."""
    from django.utils.module_loading import import_string

    end_with_parent(os.getppid())
    notice_signals()
    loaded: Callable[..., Any] = import_string(application)
    _spare_the_collector()
    return loaded


def _spare_the_collector() -> None:
    """Have what is loaded, and thousands of documents, not gone through again and again in search of cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def _load_accelerated(listening: socket.socket, behind: Path, application: str) -> Callable[..., Any]:
    """Return the WSGI application, with an accelerator before it."""
    from torg.caching.accelerator.application import PassedOn
    from torg.caching.accelerator.loop import Accelerator

    loaded = _load(application)
    host, port = listening.getsockname()[:2]
    passed_on = PassedOn(loaded, host=host, port=port)
    accelerator = Accelerator(
        loaded, listening=listening, server=behind, threads=settings.ENVIRONMENT.web_threads
    )
    notice_signals(accelerator.drain)
    accelerator.start()
    return passed_on
