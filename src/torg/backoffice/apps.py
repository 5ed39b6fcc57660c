"""The face for the merchant's staff."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """The face for the merchant's staff."""

    name = "torg.backoffice"
    label = "backoffice"
