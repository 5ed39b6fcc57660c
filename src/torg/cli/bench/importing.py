"""The import that is measured, in a process of its own: ``python -m torg.cli.bench.importing FILE``.

It imports the file twice and prints, as JSON, what came of it and the most memory that the process ever held.
"""

import json
import os
import resource
import sys
import tempfile
from pathlib import Path

import django


def main(catalogue: Path) -> None:
    """Import ``catalogue`` into the shop of the environment, and again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    django.setup()
    from torg.imports.import_catalogue import import_catalogue

    with tempfile.TemporaryDirectory() as folder:
        first, second = (
            import_catalogue(catalogue, rejected_path=Path(folder, "rejected.csv")).as_json()
            for _ in range(2)
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps({"first": first, "second": second, "peak_bytes": peak_bytes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
