"""What the tests of the cache share."""

import struct

import pytest

from tests.caching import kit
from torg.caching import redis


@pytest.fixture
def anew(transactional_db, patient_redis):
    """Begin with an empty cache, and leave one."""
    kit.begin_anew()
    yield
    kit.begin_anew()


@pytest.fixture
def own_redis(tmp_path, settings, transactional_db, monkeypatch):
    """Give a Redis of its own to a test, which may do with it what it wants; it is waited for as in a shop."""
    microseconds = int(redis.TIMEOUT_SECONDS * 1_000_000)
    monkeypatch.setattr(redis, "_TIMEVAL", struct.pack("ll", 0, microseconds))
    own = kit.OwnRedis(tmp_path).start()
    settings.REDIS_URL = own.url
    kit.forget()
    yield own
    own.stop()
    del settings.REDIS_URL
    kit.forget()
