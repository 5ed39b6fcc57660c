"""The table of the never-stale cache."""

from torg.caching.change import Change

__all__ = ["Change"]
