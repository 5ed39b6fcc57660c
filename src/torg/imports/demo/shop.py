"""Fill an empty shop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from torg.caching.warming.start import warm_after_import
from torg.catalogue.models import Category, Product, ProductImage, Variant
from torg.imports.demo.copying import copy_rows, refresh_statistics
from torg.imports.demo.pictures import write_pictures
from torg.imports.demo.plan import Plan
from torg.imports.demo.products import BLOCK, rows_of
from torg.imports.demo.tree import Tree
from torg.lib.money import CURRENCY_DIGITS

# About 10,000 products: short transactions, and memory that does not grow with the shop.
BATCH = BLOCK * 120

# Any number that nothing else takes in this database; it says "demo".
_LOCK = 0x64656D6F


class ShopIsNotEmpty(Exception):
    """There are products or categories already, and they are not the beginning of the same demo shop."""


@dataclass(frozen=True, kw_only=True)
class DemoShop:
    """What a filled demo shop holds."""

    products: int
    categories: int
    variants: int
    images: int
    """Pictures of products; they share ``files``."""
    files: int


def create_demo_shop(
    *,
    products: int = 2000,
    seed: int = 1,
    now: datetime | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> DemoShop:
    """Fill an empty catalogue with ``products`` products, the same ones for the same ``seed`` and ``now``.

    They were made over the two years before ``now`` (the current time if None). ``on_progress`` is told after
    each batch how many products there are, and of how many. A run that was interrupted is continued by
    another with the same size and seed; anything else in the catalogue is refused with ``ShopIsNotEmpty``.
    """
    if products < 1:
        raise ValueError("A shop has at least one product.")
    plan, first = _where_to_begin(products, seed, now or timezone.now())
    files = write_pictures(Path(settings.MEDIA_ROOT))
    tree = Tree(plan)
    for start in range(first, products, BATCH):
        numbers = range(start, min(start + BATCH, products))
        _add_batch(plan, tree, numbers)
        if numbers.start == first:
            # Foreign keys, too, are checked by plans, and this connection would keep those made for an empty shop.
            refresh_statistics()
        if on_progress is not None:
            on_progress(numbers.stop, products)
    refresh_statistics()
    warm_after_import()
    return DemoShop(
        products=products,
        categories=len(tree.categories),
        variants=Variant.objects.count(),
        images=ProductImage.objects.count(),
        files=files,
    )


def _where_to_begin(products: int, seed: int, now: datetime) -> tuple[Plan, int]:
    """Return the plan and the number of the first product to add, or raise ``ShopIsNotEmpty``."""
    oldest = Category.objects.order_by("id").first()
    there = Product.objects.count()
    if oldest is None and there == 0:
        return Plan.ending_at(now, products=products, seed=seed), 0
    if oldest is not None and 0 < there < products and there % BATCH == 0:
        plan = Plan.with_category_id(oldest.id, products=products, seed=seed)
        is_begun = oldest.id == plan.category_id(oldest.slug)
        if is_begun and Product.objects.filter(id=plan.product(there - 1)[0]).exists():
            return plan, there
    raise ShopIsNotEmpty(
        f"The shop has {there} products and {Category.objects.count()} categories already. "
        "The demo shop is only made in an empty one, or continued with the same size and seed."
    )


@transaction.atomic
def _add_batch(plan: Plan, tree: Tree, numbers: range) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if Product.objects.filter(id__gte=plan.product(numbers.start)[0]).exists():
        raise ShopIsNotEmpty("Another program has added products meanwhile.")
    if numbers.start == 0:
        Category.objects.bulk_create(tree.categories)
    copy_rows(rows_of(plan, tree, numbers, price_digits=CURRENCY_DIGITS[settings.TORG_CURRENCY]))
