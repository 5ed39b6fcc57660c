"""The settings of the tests: those of a project that builds on Torg, in a data directory of their own.

Of a parallel run's processes each has servers for itself: a transaction that one leaves open would hold back the
horizon of all that is read on the same PostgreSQL. Where others are named, ``DATABASE_URL_1`` is that of the second
process, and so on; a process for which there is none shares that of ``DATABASE_URL``.
"""

import os

_worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")

if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("TORG_DATA_DIR", f".torg/tests/{_worker}" if _worker else ".torg/tests")
elif _own := os.environ.get(f"DATABASE_URL_{_worker}"):
    os.environ["DATABASE_URL"] = _own
os.environ.setdefault("SECRET_KEY", "only-for-the-tests-" + "0123456789abcdef" * 3)

from torg.config.settings import *  # noqa: E402, F403

TORG_COUNTS_ARE_KEPT = False  # A test that is about them says when.

# Who shares servers has a database of PostgreSQL for himself, through pytest-django, and one of Redis's.
if _worker:
    _server, _, _options = REDIS_URL.partition("?")  # noqa: F405
    REDIS_URL = f"{_server}?db={int(_worker) + 1}&{_options}"  # the first db counts
