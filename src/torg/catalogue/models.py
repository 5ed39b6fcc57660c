"""The tables of the catalogue, with the rules that hold on every write, whichever way it is made."""

from torg.catalogue.category import Category
from torg.catalogue.product import Product, ProductImage, Variant

__all__ = ["Category", "Product", "ProductImage", "Variant"]
