"""The filling of a shop, in a process of its own: ``python -m torg.cli.bench.filling PRODUCTS``."""

import os
import sys

import django


def main(products: int) -> None:
    """Fill the shop of the environment, which has its tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    from torg.imports.demo import create_demo_shop

    create_demo_shop(products=products)


if __name__ == "__main__":
    main(int(sys.argv[1]))
