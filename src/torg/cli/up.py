"""``torg up``: the whole shop on this machine, with one command."""

import http.client
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import django
import typer
from django.conf import settings
from rich.console import Console

from torg.cli.children import Children
from torg.cli.first_run import demo_login, fill_once
from torg.cli.migrate import apply_migrations
from torg.cli.refusal import Refused
from torg.cli.setup import close_connections, shop_running
from torg.cli.web import ensure_port_is_free
from torg.cli.welcome import welcome
from torg.lib.embedded.locks import try_lock

HOST = "127.0.0.1"
READY_SECONDS = 120
ORPHANS_SECONDS = 60

console = Console(highlight=False, soft_wrap=True)


def up(
    *,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="PORT, or 8000.")] = None,
) -> None:
    """Start the whole shop: PostgreSQL and Redis unless you name your own, web and worker; and migrate first.

    The first run fills a demo shop. Ctrl-C stops all that was started; the data stays.

    Examples: [bold]torg up[/bold] · [bold]PORT=8080 TORG_DATA_DIR=~/shop torg up[/bold]
    """
    if port is not None:
        os.environ["PORT"] = str(port)
    with _stopped_by_signals():
        django.setup()
        with _alone_in(settings.ENVIRONMENT.data_dir) as children_lock:
            ensure_port_is_free(HOST, settings.ENVIRONMENT.port)
            with shop_running():
                _run(Children(children_lock))
    console.print("Stopped.")


def _run(children: Children) -> None:
    """Prepare the shop, run web and worker until a signal comes or one of them ends, and stop both."""
    applied = apply_migrations()
    if applied:
        console.print(f"Applied {applied} migrations.")
    fill_once(console)
    login = demo_login()
    _warm_if_new()
    close_connections()
    try:
        children.start("web", "--host", HOST)
        children.start("worker")
        _wait_until_ready(children)
        welcome(console, login)
        while True:
            children.ensure_alive()
            time.sleep(0.2)
    finally:
        # From here on a second Ctrl-C means that draining takes too long for somebody.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: children.kill())
        console.print("Stopping …")
        children.stop()


def _warm_if_new() -> None:
    """Have the worker that is about to start warm this build; web waits for that the first time."""
    from torg.caching.warming.watch import warm_if_new

    warm_if_new()


def _wait_until_ready(children: Children) -> None:
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    while time.monotonic() < deadline:
        children.ensure_alive()
        connection = http.client.HTTPConnection(HOST, settings.ENVIRONMENT.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            answer = response.read().decode(errors="replace")
            if response.status == http.client.OK:
                return
        except (OSError, http.client.HTTPException):
            pass  # It does not listen yet.
        finally:
            connection.close()
        time.sleep(0.05)
    raise Refused(f"The shop was not ready after {READY_SECONDS} seconds: {answer}")


@contextmanager
def _alone_in(data_dir: Path) -> Iterator[int]:
    """Let no other ``torg up`` use ``data_dir`` for the block, and wait for what a killed one left.

    Yields the descriptor of a lock that children inherit: as long as it is held, one of them lives.
    """
    owner = data_dir / "locks" / "up"
    held = _lock(owner)
    if held is None:
        raise Refused(
            f"torg up (process {owner.read_text().strip() or 'unknown'}) already runs {data_dir}. "
            "Stop it, or choose another TORG_DATA_DIR."
        )
    try:
        os.truncate(held, 0)
        os.pwrite(held, str(os.getpid()).encode(), 0)
        children_lock = _wait_for_orphans(data_dir)
        try:
            yield children_lock
        finally:
            os.close(children_lock)
    finally:
        os.close(held)


def _lock(path: Path) -> int | None:
    try:
        return try_lock(path)
    except OSError as error:
        raise Refused(
            f"{error.filename or path} cannot be used: {error.strerror}. "
            "Set TORG_DATA_DIR to a directory this user may write to."
        ) from error


def _wait_for_orphans(data_dir: Path) -> int:
    path = data_dir / "locks" / "up-children"
    deadline = time.monotonic() + ORPHANS_SECONDS
    while (held := _lock(path)) is None:
        if time.monotonic() > deadline:
            raise Refused(
                f"Processes of a torg up that was killed still run ({path} is locked). End them first."
            )
        time.sleep(0.1)
    return held


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Leave the block, in order, when a signal asks for it; to be asked to stop is no failure."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _interrupt)
        yield
    except KeyboardInterrupt:
        pass


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
