"""The directory in which the embedded PostgreSQL keeps its data: made whole or not at all."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from torg.lib.embedded.account import as_owner_of, give_to_nobody, is_root
from torg.lib.embedded.failure import EmbeddedServerFailed
from torg.lib.embedded.paths import DATABASE, USER
from torg.lib.embedded.programs import postgresql_program

MAJOR_VERSION = "18"
# Written into postgresql.conf once, where an operator may change them.
FIRST_SETTINGS = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
}


def make_cluster(cluster: Path, *, start_lock: int) -> None:
    """Make an empty cluster with our user and database.

    It is made beside its place and moved there when it is complete, so one that was interrupted is just made
    again.
    """
    draft = cluster.with_name(f"{cluster.name}.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    if is_root():
        give_to_nobody(draft)
    settings = [f"--set={name}={value}" for name, value in FIRST_SETTINGS.items()]
    _run(
        draft,
        [
            *(
                str(postgresql_program("initdb")),
                "--pgdata",
                str(draft),
                "--username",
                USER,
                "--auth",
                "trust",
            ),
            *("--encoding", "UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *settings,
        ],
        start_lock=start_lock,
    )
    single = [str(postgresql_program("postgres")), "--single", "-D", str(draft), "postgres"]
    _run(draft, single, text=f"CREATE DATABASE {DATABASE}\n", start_lock=start_lock)
    draft.rename(cluster)


def refuse_unusable(cluster: Path) -> None:
    """Raise ``EmbeddedServerFailed`` if ``cluster`` is damaged, or of another PostgreSQL than ours."""
    if not cluster.is_dir():
        raise EmbeddedServerFailed(f"{cluster} is damaged: it is not a directory. {way_out(cluster)}")
    list(cluster.iterdir())  # if we may not even look into it, that is the failure to tell
    for part in ("PG_VERSION", "global/pg_control"):
        if not (cluster / part).is_file():
            raise EmbeddedServerFailed(f"{cluster} is damaged: it has no {part}. {way_out(cluster)}")
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedServerFailed(
            f"{cluster} was made by PostgreSQL {version}, and this Torg comes with {MAJOR_VERSION}. "
            "Move its data with pg_upgrade or pg_dump, or choose another TORG_DATA_DIR."
        )
    if is_root() and cluster.stat().st_uid == 0:
        give_to_nobody(cluster)  # brought here by root, from a backup


def way_out(cluster: Path) -> str:
    """Say what to do about a damaged cluster."""
    return (
        "Put a backup in its place, "
        f"or move it away to begin with an empty database: mv {cluster} {cluster}.damaged"
    )


def _run(draft: Path, command: Sequence[str], *, start_lock: int, text: str = "") -> None:
    """Run one step to its end. It holds the lock too: if we are killed, nobody begins before it has ended."""
    finished = subprocess.run(  # noqa: S603  (the command is ours)
        as_owner_of(draft, command),
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        pass_fds=[start_lock],
    )
    lines = [line.strip() for line in finished.stdout.splitlines() if line.strip()]
    complaints = [line for line in lines if "error:" in line or "ERROR:" in line or "FATAL:" in line]
    if finished.returncode or complaints:
        reason = (complaints or lines or [f"exit status {finished.returncode}"])[0]
        raise EmbeddedServerFailed(f"PostgreSQL's directory {draft} could not be made: {reason}")
