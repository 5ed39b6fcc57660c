"""How much of it there is."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """How much of it there is."""

    name = "torg.inventory"
    label = "inventory"
