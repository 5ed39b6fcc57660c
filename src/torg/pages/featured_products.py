"""The products that the merchant puts in front. One SQL statement."""

import msgspec

from torg.caching.document import Document
from torg.caching.kinds import DocumentKind, register
from torg.catalogue.models import Product
from torg.lib.compiled import Compiled
from torg.lib.parameters import Parameter, Parameters, integer_parser
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


LIMIT = Parameter(
    name="limit",
    parse=integer_parser(1, HIGHEST_LIMIT),
    description="How many at most.",
    schema={"type": "integer", "minimum": 1, "maximum": HIGHEST_LIMIT, "default": DEFAULT_LIMIT},
    default=DEFAULT_LIMIT,
)
FEATURED = register(
    DocumentKind(
        name="featured",
        route="featured-products",
        parameters=Parameters((LIMIT,)),
        build=lambda asked: featured_products(asked.get("limit", DEFAULT_LIMIT)),
        seconds=1800,
        # A homepage shows eight; ten is what one gets who says nothing.
        warmed_as={"homepage": lambda: [{"limit": 8}, {}]},
    )
)
