"""``torg demo``: fill an empty shop with products of our own making."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from torg.cli.refusal import Refused
from torg.cli.setup import ensure_schema_is_current, shop_running


def demo(
    products: Annotated[int, typer.Option(min=1, help="How many products the shop is to have.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same shop.")] = 1,
) -> None:
    """Fill an empty shop: categories, products, variants, stock and pictures.

    A run that was interrupted is continued by running it again with the same numbers.

    Example: [bold]torg demo --products 50000[/bold]
    """
    with shop_running():
        ensure_schema_is_current()
        from torg.imports.demo import ShopIsNotEmpty, create_demo_shop

        columns = (
            TextColumn("Filling the demo shop"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns) as progress:
            task = progress.add_task("", total=products)
            try:
                shop = create_demo_shop(
                    products=products,
                    seed=seed,
                    on_progress=lambda done, total: progress.update(task, completed=done, total=total),
                )
            except ShopIsNotEmpty as refusal:
                progress.stop()
                raise Refused(str(refusal)) from refusal
    print(
        f"The shop has {shop.products} products in {shop.categories} categories, "
        f"with {shop.variants} variants and {shop.images} pictures."
    )
