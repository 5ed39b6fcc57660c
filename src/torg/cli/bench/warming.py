"""How fast a worker warms an empty cache."""

import json

from torg.cli.bench.figures import Line, at_least
from torg.cli.bench.programs import run
from torg.cli.bench.shops import PROGRAM, Shop
from torg.cli.refusal import Refused


def warming_line(shop: Shop, products: int) -> Line:
    """Have the worker that is there build the pages of all products, or of 50,000 of a larger shop."""
    if not shop.has_worker():
        raise Refused("There is no worker to warm; the command would do it by itself.")
    (job,) = json.loads(run(PROGRAM, "warm", "products", "--json", environment=shop.environment))
    expected = min(int(shop.environment["CACHE_WARM_LIMIT"]), shop.products_on_sale())
    if job["status"] != "completed" or job["error_message"] or job["done"] != expected:
        raise Refused(f"{expected} pages were to be warmed, but this came of it: {job}")
    return Line(
        work=f"warming {expected:,} product pages by a worker, {products:,} products",
        figure=expected / job["duration"],
        unit="documents/s",
        goal=at_least(2000, "≥ 2,000/s"),
    )
