"""Where Django looks for the back office's pages; each noun has a file of its own."""

from torg.backoffice import categories, people, products, stock, warming

__all__ = ["categories", "people", "products", "stock", "warming"]
