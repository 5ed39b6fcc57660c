"""The tables of the never-stale cache."""

from torg.caching.change import Change
from torg.caching.warming.job import WarmingJob

__all__ = ["Change", "WarmingJob"]
