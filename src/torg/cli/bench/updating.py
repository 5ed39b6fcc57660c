"""Writers of prices, through Torg: ``python -m torg.cli.bench.updating SECONDS WRITERS``.

Prints, as JSON, how many prices they have written together.
"""

import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

BEFORE = 20
"""Writes of each before the time begins: connections are made, statements known."""


def main(seconds: float, writers: int) -> None:
    """Write for so long, with that many processes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    from torg.catalogue.models import Product
    from torg.cli.setup import close_connections

    products = list(Product.objects.filter(compare_at_price=None).values_list("pk", flat=True))
    close_connections()
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(writers)
    pipes = [context.Pipe(duplex=False) for _ in range(writers)]
    started = [
        context.Process(target=_write, args=(products, seconds, number, barrier, sending))
        for number, (_, sending) in enumerate(pipes)
    ]
    for process in started:
        process.start()
    for _, sending in pipes:
        sending.close()  # Only its writer holds it now, so that one who dies is noticed.
    print(json.dumps({"writes": sum(receiving.recv() for receiving, _ in pipes)}))
    for process in started:
        process.join()


def _write(
    products: Sequence[UUID], seconds: float, number: int, barrier: Any, sending: "Connection[int, int]"
) -> None:
    from torg.caching import counting
    from torg.catalogue.models import Product

    chance = random.Random(number)  # noqa: S311

    def write() -> None:
        price = f"{chance.randrange(1, 1000)}.{chance.randrange(100):02}"
        if not Product.objects.filter(pk=chance.choice(products)).update(price=price):
            raise LookupError("a product is gone")

    for _ in range(BEFORE):
        write()
    barrier.wait()
    deadline, written = time.perf_counter() + seconds, 0
    while time.perf_counter() < deadline:
        write()
        written += 1
    if counting.mine().marks_failed:
        raise ConnectionError("marks could not be raised: Redis did not answer")
    sending.send(written)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
