"""Start the PostgreSQL and Redis of the tests, unless DATABASE_URL and REDIS_URL name others."""

import signal
import struct
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings

from torg.caching import redis
from torg.lib.embedded import EmbeddedServerFailed, running

pytest_plugins = ["tests.in_ci"]

_servers = ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Keep the servers running for the session; each process of a parallel run has its own."""
    _have_interrupts_heard()
    if session.config.getoption("numprocesses", None) and not hasattr(session.config, "workerinput"):
        return  # It only hands out the tests.
    environment = settings.ENVIRONMENT
    try:
        _servers.enter_context(
            running(
                environment.data_dir,
                needs_postgresql=environment.is_embedded_postgresql,
                needs_redis=environment.is_embedded_redis,
            )
        )
    except EmbeddedServerFailed as failure:
        pytest.exit(str(failure), returncode=1)


@pytest.fixture
def patient_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give Redis longer than shoppers would: for tests that tell what is so, however busy the machine is."""
    monkeypatch.setattr(redis, "_TIMEVAL", struct.pack("ll", 5, 0))
    redis.forget_connections()
    yield
    redis.forget_connections()


def pytest_sessionfinish() -> None:
    """Stop the servers."""
    _servers.close()


def _have_interrupts_heard() -> None:
    """A shell has what it starts in the background ignore SIGINT; the commands of the tests would inherit that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
