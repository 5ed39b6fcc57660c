"""``torg worker``: run the jobs that wait in PostgreSQL, and the relay that raises marks which were missed."""

import os
import socket
from typing import Annotated

import typer

from torg.cli.parent import end_with_up
from torg.cli.setup import ensure_schema_is_current, shop_running

GRACE_SECONDS = 30


def worker(
    *,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many jobs may run at a time.")] = 4,
) -> None:
    """Run the jobs that wait in PostgreSQL, and see to it that no change is missed by the cache.

    Any number of workers may run, anywhere.

    SIGTERM lets running jobs end, for at most 30 seconds.

    Examples: [bold]torg worker[/bold] · [bold]torg worker --concurrency 8[/bold]
    """
    end_with_up()
    with shop_running():
        ensure_schema_is_current()
        _run(concurrency)


def _run(concurrency: int) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from torg.caching.relay import Relay

    relay = Relay()
    relay.start()
    assert isinstance(app.connector, DjangoConnector)  # noqa: S101  (as its application makes it)
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(
            name=f"{socket.gethostname()}:{os.getpid()}",
            concurrency=concurrency,
            shutdown_graceful_timeout=GRACE_SECONDS,
        )
    relay.stop()
