"""What is to be tried, and where: known to all processes of a run."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from torg.cli.prove.ledger import Ledger
from torg.cli.prove.tallies import Tallies
from torg.cli.prove.world import World

PROMISED_SECONDS = 0.25
"""After this long a write is seen that was made behind Torg's back, or whose writer died."""
ALLOWANCE_SECONDS = 0.005
"""What the measuring may add: Redis counts time in whole milliseconds, at both ends of what it keeps."""
ROLLED_BACK_ROAD = "rolled back"
TRUNCATE_ROAD = "TRUNCATE and COPY"
ROADS = (
    "save",
    "save(update_fields)",
    "update",
    "bulk_update",
    "raw SQL, autocommit",
    "raw SQL, atomic",
    "executemany",
    "raw BEGIN and COMMIT",
    "autocommit off",
    "nested atomic",
    "savepoint rolled back",
    ROLLED_BACK_ROAD,
    "long transaction",
    "COPY and UPDATE",
    "delete, bulk_create",
    "delete, COPY",
    "delete and create",
    TRUNCATE_ROAD,
    "import",
    "job",
)
"""The roads by which shops are written (``torg.cli.prove.roads``)."""
OUTSIDE_ROAD = "behind Torg's back"
FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. All processes of it find this in ``folder``."""

    folder: Path
    seconds: float
    seed: int
    processes: int
    writers: int
    readers: int
    ports: tuple[int, ...]
    faults: tuple[str, ...]

    def write(self) -> None:
        """Leave it for the other processes, in a folder that is empty but for it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        text = json.dumps({**asdict(self), "folder": str(self.folder)})
        (self.folder / "plan.json").write_text(text)

    @classmethod
    def read(cls, folder: Path) -> "Plan":
        """Find it."""
        told = json.loads((folder / "plan.json").read_text())
        lists = {name: tuple(told[name]) for name in ("ports", "faults")}
        return cls(**{**told, **lists, "folder": folder})

    def ledger(self) -> Ledger:
        """Open what writers acknowledge. The writer behind Torg's back is the last."""
        return Ledger(self.folder / "ledger", len(World().facts))

    def tallies(self) -> Tallies:
        """Open the counters of writers."""
        return Tallies(self.folder / "tallies", self.writers + 1, [*ROADS, OUTSIDE_ROAD, FAILED])
