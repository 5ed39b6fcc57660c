"""What is sold: categories, products, variants and pictures."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """What is sold: categories, products, variants and pictures."""

    name = "torg.catalogue"
    label = "catalogue"
