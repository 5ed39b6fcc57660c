"""What the tests of the cache share."""

import pytest

from tests.caching import kit


@pytest.fixture
def anew(transactional_db):
    """Begin with an empty cache, and leave one."""
    kit.begin_anew()
    yield
    kit.begin_anew()


@pytest.fixture
def own_redis(tmp_path, settings, transactional_db):
    """Give Redis servers away to a test, which may do with its own what it wants."""
    own = kit.OwnRedis(tmp_path).start()
    settings.REDIS_URL = own.url
    kit.forget()
    yield own
    own.stop()
    del settings.REDIS_URL
    kit.forget()
