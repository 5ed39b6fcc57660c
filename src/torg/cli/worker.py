"""``torg worker``: run the jobs that wait in PostgreSQL, the relay of marks, and the watch over warming."""

import asyncio
import os
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from torg.cli.parent import end_with_up
from torg.cli.setup import close_connections, ensure_schema_is_current, shop_running

if TYPE_CHECKING:
    from procrastinate import App

GRACE_SECONDS = 30
# Before jobs are asked for again where PostgreSQL was away.
PAUSE_SECONDS = 1.0
# To PostgreSQL, from the pool: a warming job has one in each of its threads, and one to say that somebody is at it; the
# relay and the watch have theirs.
_CONNECTIONS_OF_A_JOB = 3
_MORE_CONNECTIONS = 4


def worker(
    *,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many jobs may run at a time.")] = 4,
) -> None:
    """Run the jobs that wait in PostgreSQL, and see to it that the cache is warm and misses no change.

    Any number of workers may run, anywhere.

    SIGTERM lets running jobs end, for at most 30 seconds.

    Examples: [bold]torg worker[/bold] · [bold]torg worker --concurrency 8[/bold]
    """
    end_with_up()
    with shop_running(connections=_CONNECTIONS_OF_A_JOB * concurrency + _MORE_CONNECTIONS):
        ensure_schema_is_current()
        close_connections()  # The main thread has no use for one any more.
        _run(concurrency)


def _run(concurrency: int) -> None:
    from torg.caching.relay import Relay
    from torg.caching.warming.run import stopping
    from torg.caching.warming.watch import Watch

    relay, watch = Relay(), Watch()
    relay.start()
    watch.start()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    while not stopping.is_set():
        _work_while_connected(concurrency)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        stopping.wait(PAUSE_SECONDS)
    watch.stop()
    relay.stop()


def _work_while_connected(concurrency: int) -> None:
    """Run jobs until a signal comes, or PostgreSQL goes away: Procrastinate does not wait for its return."""
    import psycopg
    from procrastinate.exceptions import ConnectorException
    from psycopg_pool import PoolTimeout

    from torg.caching.warming.run import stopping

    reason = "the listener has ended"
    try:
        asyncio.run(_work(concurrency))
    except (ConnectorException, psycopg.OperationalError, PoolTimeout) as error:
        reason = str(error)
    if not stopping.is_set():
        structlog.get_logger("torg.worker").warning("begins_again", reason=reason)


async def _work(concurrency: int) -> None:
    """Run jobs until a signal comes; then those that run may end, and warming is given back."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    assert isinstance(app.connector, DjangoConnector)  # noqa: S101  (as its application makes it)
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        async with working.open_async():
            running = asyncio.ensure_future(
                working.run_worker_async(
                    queues=_queues(working),
                    name=f"{socket.gethostname()}:{os.getpid()}",
                    concurrency=concurrency,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    install_signal_handlers=False,
                )
            )
            _end_in_order(running)
            with suppress(asyncio.CancelledError):
                await running


def _end_in_order(running: "asyncio.Future[None]") -> None:
    """Have the first signal end the worker when its jobs have ended, and the second at once."""
    from torg.caching.warming.run import stopping

    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        stopping.set()
        running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def _queues(app: "App") -> list[str]:
    """Name the queues of all tasks, and that of this build: another build's documents are for its own workers."""
    from torg.caching.keys import build
    from torg.caching.warming.start import queue_of

    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return sorted({*(task.queue for task in app.tasks.values()), queue_of(build())})
