"""The small shop that everything begins with, and the end of what was there before."""

from tests.pages.connections import run
from tests.shop import add_category, add_product
from torg.caching import trust
from torg.caching.memory import memory
from torg.lib.embedded.processes import becomes_true

TABLES = "catalogue_category, catalogue_product, catalogue_variant, catalogue_productimage, inventory_stock"


def wait_until_transactions_are_over(seconds: float) -> bool:
    """Wait until all transactions that had begun before now are over: only then what was written is long ago."""
    now = run("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")[0][0]
    return becomes_true(lambda: horizon() >= now, seconds=seconds)


def horizon() -> int:
    """Return the transaction below which all are over."""
    return run("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")[0][0]


def empty() -> None:
    """Remove everything; a new epoch begins, so nothing of another example counts."""
    run(f"TRUNCATE {TABLES}")
    memory.clear()
    trust.forget()  # Until this is confirmed anew, nothing would be found in the cache.


def fill() -> None:
    """Open a small shop: all > cups > mugs, and spoons; four products."""
    everything = add_category("All")
    cups = add_category("Cups", parent=everything)
    mugs = add_category("Mugs", parent=cups)
    spoons = add_category("Spoons")
    picture = ["https://pictures.example/a.jpg"]
    add_product("Red", category=mugs, is_featured=True, images=picture, brand="Alder", sku="P-1")
    add_product("Green", category=mugs, price="20.00", images=picture, sku="P-2", on_hand=5)
    add_product(
        "Blue",
        category=cups,
        sku="P-3",
        variants=[{"attributes": {"size": "S"}}, {"attributes": {"size": "L"}}],
    )
    add_product("White", category=spoons, brand="Finch", sku="P-4", on_hand=500)
