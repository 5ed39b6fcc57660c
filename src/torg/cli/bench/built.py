"""What is read over HTTP and built for each request: pages of products and of lists, and the depth of a list."""

import time
from collections.abc import Iterator
from statistics import median

from torg.cli.bench.asking import Asker
from torg.cli.bench.figures import Goal, Line, at_least, at_most
from torg.cli.bench.measuring import Measuring, Served
from torg.cli.bench.shops import Shop
from torg.cli.refusal import Refused

WARM_UP_SECONDS = 1.0
DEEP_PAGE = 2000
REPEATS = 100
MOST_SLUGS = 10_000


def built_lines(measuring: Measuring, shop: Shop, products: int) -> Iterator[Line]:
    """Measure what is built, without a cache, in a shop of that many products."""
    of = f", {products:,} products"
    pages = [f"/api/v1/products/{slug}" for slug in shop.product_slugs(MOST_SLUGS)]
    lists = [f"/api/v1/products?category={slug}" for slug in shop.category_slugs()]
    works: list[tuple[str, list[str], Goal | None]] = [
        (f"product page built{of}", pages, at_least(1 / 6, "≥ 1/6 U")),
        (f"category list built, first page{of}", lists, at_least(1 / 8, "≥ 1/8 U")),
        (f"list of all products built{of}", ["/api/v1/products"], None),
    ]
    with measuring.served(shop, "built", CACHE="off") as served:
        for work, paths, goal in works:
            measuring.rate(served.port, paths, seconds=WARM_UP_SECONDS)
            rate, ratio = measuring.against_unit(served.port, paths)
            yield Line(work=work, figure=rate, unit="requests/s", ratio=ratio, goal=goal)
        yield _depth_line(served, of)
        _ensure_all_was_built(served)


def _ensure_all_was_built(served: Served) -> None:
    counted = served.counted()
    found = {pair: number for pair, number in counted.reads.items() if pair[1] != "bypass"}
    if found or not (counted.builds["product"] and counted.builds["products"]):
        raise Refused(f"Not all was built, though the cache is off: {dict(counted.builds)}, {found}.")


def _depth_line(served: Served, of: str) -> Line:
    """Walk to a deep page and compare it with the first, one request after the other, in turns."""
    first = "/api/v1/products"
    with Asker(served.port) as asker:
        deep, number = first, 1
        while number < DEEP_PAGE:
            following = asker.get_json(deep)["next"]
            if following is None:
                break
            deep, number = following, number + 1
        first_times, deep_times = [], []
        for _ in range(REPEATS):
            first_times.append(_seconds(asker, first))
            deep_times.append(_seconds(asker, deep))
    return Line(
        work=f"page {number:,} by cursor against the first, built{of}",
        figure=median(deep_times) * 1000,
        unit="ms",
        ratio=median(deep_times) / median(first_times),
        ratio_unit="x",
        goal=at_most(1.2, "≤ 1.2 x"),
    )


def _seconds(asker: Asker, path: str) -> float:
    started = time.perf_counter()
    asker.get(path)
    return time.perf_counter() - started
