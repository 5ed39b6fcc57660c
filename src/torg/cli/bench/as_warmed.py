"""Say that the empty cache of the environment's shop is warm: ``python -m torg.cli.bench.as_warmed``.

Else each worker would begin to warm it by itself, while something else is measured.
"""

import os
import sys

import django


def main() -> None:
    """Say so, for this run of Redis; exit status 1 if it was not heard."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    from torg.caching.redis import using
    from torg.caching.warming.marker import is_warmed, note_warmed

    note_warmed(using(lambda redis: redis.run_id))
    if not is_warmed():
        sys.exit("Redis has not kept that the cache is warm.")


if __name__ == "__main__":
    main()
