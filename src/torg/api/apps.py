"""The JSON face."""

from django.apps import AppConfig


class APIConfig(AppConfig):
    """The JSON face."""

    name = "torg.api"
    label = "api"
