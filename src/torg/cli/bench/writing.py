"""What is written, in a copy of a shop, so that the shop stays as it was."""

from collections.abc import Iterator

from torg.cli.bench.figures import Line
from torg.cli.bench.herd import PAGES, herd_lines
from torg.cli.bench.measuring import Measuring
from torg.cli.bench.seen import seen_lines
from torg.cli.bench.shops import Shop
from torg.cli.bench.trigger_cost import trigger_lines

WRITTEN = 20


def writing_lines(measuring: Measuring, shop: Shop) -> Iterator[Line]:
    """Measure what writes cost, when they are seen, and what a herd before a cold page does."""
    with shop.scratch() as copy:
        yield from trigger_lines(copy, measuring.circumstances.seconds)
        # Nothing is warmed, for the herd needs cold pages; no process has ever seen a document of the copy.
        settings = {"CACHE_WARM_LIMIT": "0"}
        with (
            measuring.working(copy, **settings),
            measuring.served(copy, "written", **settings) as served,
        ):
            slugs = copy.product_slugs(PAGES + 1)
            yield from herd_lines(served, [f"/api/v1/products/{slug}" for slug in slugs])
            yield from seen_lines(served, copy, copy.priced_products(WRITTEN))
