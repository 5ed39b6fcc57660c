"""The never-stale cache; it knows no domain word."""

from django.apps import AppConfig


class CachingConfig(AppConfig):
    """The never-stale cache; it knows no domain word."""

    name = "torg.caching"
    label = "caching"
