"""Torg: a headless commerce backend. Never stale, never oversold, two commands."""

from importlib.metadata import version

__version__ = version("torg")
