"""The products that the merchant puts in front. One SQL statement."""

import msgspec

from torg.caching.document import Document
from torg.catalogue.models import Product
from torg.lib.compiled import Compiled
from torg.pages.product_card import card, card_rows
from torg.pages.shapes import FeaturedProducts

DEFAULT_LIMIT = 10
HIGHEST_LIMIT = 50


def featured_products(limit: int = DEFAULT_LIMIT) -> Document:
    """Build the list of the newest ``limit`` featured products on sale."""
    statement = Compiled(
        "featured products",
        lambda: card_rows(Product.objects.on_sale().featured()).order_by("-created_at", "-id"),
    )
    body = FeaturedProducts(results=[card(row) for row in statement.fetch({}, limit=limit)])
    return Document.of(msgspec.json.encode(body), ["products:featured"])
