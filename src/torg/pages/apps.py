"""The documents."""

from importlib import import_module

from django.apps import AppConfig

DECLARING = ("product_detail", "product_list", "featured_products", "categories", "warming")


class PagesConfig(AppConfig):
    """The documents."""

    name = "torg.pages"
    label = "pages"

    def ready(self) -> None:
        """Make every kind of document known."""
        for module in DECLARING:
            import_module(f"torg.pages.{module}")
