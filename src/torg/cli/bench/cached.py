"""What is read over HTTP and found in the cache, and what it costs to put it there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torg.cli.bench.asking import Asker
from torg.cli.bench.built import MOST_SLUGS
from torg.cli.bench.counted import Reads
from torg.cli.bench.figures import Goal, Line, at_least, at_most
from torg.cli.bench.load import measure_each_once
from torg.cli.bench.measuring import ROUNDS, Measuring, Served
from torg.cli.bench.programs import largest_child_memory
from torg.cli.bench.shops import Shop
from torg.cli.bench.warming import warming_line
from torg.cli.refusal import Refused

SAMPLE = 100
LEAST_OF_SAMPLE = 0.9
# Of what is asked for while it is measured. On a busy machine Redis may be late, and then the process does without it
# for a moment; so it is tried again.
LEAST_HITS = 0.999
TRIES = 3
MOST_ROUNDS_OF_WARMING = 30
# What does not fit into a process's memory stays in Redis: more rounds would not bring it there.
HARDLY_FEWER = 0.9
LAG_MILLISECONDS = 50


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is asked for: documents of ``kind``, at ``paths``."""

    name: str
    kind: str
    paths: Sequence[str]
    goal: Goal


def cached_lines(measuring: Measuring, shop: Shop, products: int) -> Iterator[Line]:
    """Measure what is cached of a shop of that many products, from an empty cache on."""
    of = f", {products:,} products"
    pages = [f"/api/v1/products/{slug}" for slug in shop.product_slugs(MOST_SLUGS)]
    shop.empty_cache()
    with measuring.served(shop, "cached") as served:
        yield _miss_line(measuring, served, pages, of)
        shop.empty_cache()
        with measuring.working(shop):
            yield warming_line(shop, products)
            for number, work in enumerate(_works(shop, pages, of)):
                yield _hit_line(measuring, served, work)
                if number == 0:
                    yield _memory_line(served, pages, of)
    lagging = Work(
        name=f"product page cached, FRESHNESS_MAX_LAG_MS={LAG_MILLISECONDS}{of}",
        kind="product",
        paths=pages,
        goal=at_least(6, "≥ 6.0 U"),
    )
    settings = {"FRESHNESS_MAX_LAG_MS": str(LAG_MILLISECONDS)}
    with measuring.working(shop), measuring.served(shop, "lagging", **settings) as served:
        yield _hit_line(measuring, served, lagging)


def _works(shop: Shop, pages: Sequence[str], of: str) -> list[Work]:
    goal = at_least(3, "≥ 3.0 U")
    categories = shop.category_slugs()
    lists = [f"/api/v1/products?category={slug}" for slug in categories]
    tree = f"category tree of {len(categories)} nodes cached{of}"
    return [
        Work(name=f"product page cached, strict{of}", kind="product", paths=pages, goal=goal),
        Work(name=f"category list cached, first page{of}", kind="products", paths=lists, goal=goal),
        Work(name=tree, kind="category_tree", paths=["/api/v1/categories/tree"], goal=goal),
    ]


def _hit_line(measuring: Measuring, served: Served, work: Work) -> Line:
    for tries_left in reversed(range(TRIES)):
        warm_up(measuring, served, work)
        before = served.counted()
        rate, ratio = measuring.against_unit(served.port, work.paths)
        reads = served.counted().since(before).reads_of(work.kind)
        try:
            ensure_hits(work, reads, at_least=rate * measuring.circumstances.seconds * ROUNDS / 2)
        except Refused:
            if not tries_left:
                raise
        else:
            break
    _ensure_sample_hits(served, work)
    return Line(
        work=work.name,
        figure=rate,
        unit="requests/s",
        ratio=ratio,
        goal=work.goal,
        note=f"{reads.share('memory'):.1%} from the memory of the process, the others from Redis",
    )


def warm_up(measuring: Measuring, served: Served, work: Work) -> None:
    """Have every process find all that is asked for, as near as it can have it.

    Each path is asked for once, so all are in Redis; then at random, until the counters of all processes say that
    nothing was built in a round, and hardly fewer came from Redis than in the round before.
    """
    measure_each_once(served.port, work.paths, connections=measuring.circumstances.connections)
    earlier = 1.0
    for _ in range(MOST_ROUNDS_OF_WARMING):
        before = served.counted()
        measuring.rate(served.port, work.paths)
        reads = served.counted().since(before).reads_of(work.kind)
        share = reads.share("redis")
        is_settled = share <= 1 - LEAST_HITS or share > earlier * HARDLY_FEWER
        if is_settled and not reads.outcomes["built"] and reads.hits >= LEAST_HITS * reads.all > 0:
            return
        earlier = share
    raise Refused(f"{work.name}: the cache does not become warm; the last round was {dict(reads.outcomes)}.")


def ensure_hits(work: Work, reads: Reads, *, at_least: float) -> None:
    """Raise ``Refused`` unless that many documents were read, and almost all of them were there."""
    if reads.all < at_least:
        raise Refused(f"{work.name}: only {reads.all} documents were counted, for {at_least:.0f} answers.")
    if reads.hits < LEAST_HITS * reads.all:
        raise Refused(f"{work.name}: what was measured were no hits: {dict(reads.outcomes)}.")


def _ensure_sample_hits(served: Served, work: Work) -> None:
    sample = work.paths[:SAMPLE]
    with Asker(served.port) as asker:
        outcomes = Counter(asker.get(path)[1] for path in sample)
    if outcomes["hit"] < LEAST_OF_SAMPLE * len(sample):
        raise Refused(f"{work.name}: X-Cache of {len(sample)} says {dict(outcomes)}.")


def _miss_line(measuring: Measuring, served: Served, pages: Sequence[str], of: str) -> Line:
    """Ask for each page once, none of which is there: it is looked for, built, compressed and stored."""
    connections = measuring.circumstances.connections
    before, unit = served.counted(), measuring.unit()
    rate = measure_each_once(served.port, pages, connections=connections).rate
    unit = (unit + measuring.unit()) / 2
    outcomes = served.counted().since(before).reads_of("product").outcomes
    if outcomes["built"] < LEAST_HITS * len(pages):
        raise Refused(f"product page, miss: what was measured were no misses: {dict(outcomes)}.")
    return Line(
        work=f"product page, miss (built and stored){of}",
        figure=rate,
        unit="requests/s",
        ratio=rate / unit,
        note="each of the pages once, by the bundled client",
    )


def _memory_line(served: Served, pages: Sequence[str], of: str) -> Line:
    memory = largest_child_memory(served.pid)
    kept = served.counted().memory_documents / served.processes
    return Line(
        work=f"memory of a web process after the load of cached pages{of}",
        figure=None if memory is None else memory / 2**20,
        unit="MB" if memory is not None else "skipped: no /proc here",
        goal=at_most(150, "≤ 150 MB"),
        note=f"{len(pages):,} pages warm, of which a process keeps {kept:,.0f} itself",
    )
