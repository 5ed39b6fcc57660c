"""A writer that is told what to write, through Torg: ``python -m torg.cli.bench.pricing``.

Each line of its input is a JSON list of a product's id and its new price; it is answered when that is written.
"""

import json
import os
import sys

import django


def main() -> None:
    """Write until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    from torg.catalogue.models import Product

    for line in sys.stdin:
        product_id, price = json.loads(line)
        written = Product.objects.filter(pk=product_id).update(price=price)
        print("written" if written == 1 else "there is no such product", flush=True)


if __name__ == "__main__":
    main()
