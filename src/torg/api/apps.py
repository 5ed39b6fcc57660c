"""The JSON face."""

from importlib import import_module

from django.apps import AppConfig


class APIConfig(AppConfig):
    """The JSON face."""

    name = "torg.api"
    label = "api"

    def ready(self) -> None:
        """Make the schema known as a document."""
        import_module("torg.api.schema")
