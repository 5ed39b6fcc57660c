"""The settings of the tests: those of a project that builds on Torg, in a data directory of their own."""

import os

if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("TORG_DATA_DIR", ".torg/tests")
os.environ.setdefault("SECRET_KEY", "only-for-the-tests-" + "0123456789abcdef" * 3)

from torg.config.settings import *  # noqa: E402, F403
