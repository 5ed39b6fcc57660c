"""The settings of the tests: those of a project that builds on Torg, in a data directory of their own."""

import os

if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("TORG_DATA_DIR", ".torg/tests")
os.environ.setdefault("SECRET_KEY", "only-for-the-tests-" + "0123456789abcdef" * 3)

from torg.config.settings import *  # noqa: F403

TORG_COUNTS_ARE_KEPT = False  # A test that is about them says when.

# Of a parallel run's processes each has a PostgreSQL database for itself, through pytest-django, and one of Redis's.
if _worker := os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw"):
    _server, _, _options = REDIS_URL.partition("?")  # noqa: F405
    REDIS_URL = f"{_server}?db={int(_worker) + 1}&{_options}"  # the first db counts
