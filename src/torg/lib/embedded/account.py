"""The account PostgreSQL runs as. It refuses to be root, so for root it runs as ``nobody``."""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from torg.lib.embedded.failure import EmbeddedServerFailed


def is_root() -> bool:
    """Tell whether PostgreSQL would refuse to run as the current user."""
    return os.geteuid() == 0


def give_to_nobody(directory: Path) -> None:
    """Let ``nobody`` own ``directory`` and all in it."""
    nobody = pwd.getpwnam("nobody")
    for folder, _, names in os.walk(directory):
        for path in (folder, *(os.path.join(folder, name) for name in names)):  # noqa: PTH118  (thousands of files)
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def as_owner_of(directory: Path, command: Sequence[str]) -> list[str]:
    """Return ``command`` so that it runs as the owner of ``directory`` if we are root, else unchanged.

    No user is created and no directory above is opened up for it: the command keeps root's right to pass by
    the permissions of files, and nothing else of root's.
    """
    if not is_root():
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServerFailed(
            "PostgreSQL does not run as root, and setpriv (of util-linux) is not there to change account. "
            "Install util-linux, run as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
        )
    owner = directory.stat()
    return [
        setpriv,
        f"--reuid={owner.st_uid}",
        f"--regid={owner.st_gid}",
        "--clear-groups",
        # Else access(2), by which PostgreSQL looks for its own programs, would ask without that right.
        "--securebits=+no_setuid_fixup",
        *(f"--{kind}=-all,+dac_override" for kind in ("inh-caps", "ambient-caps", "bounding-set")),
        *command,
    ]
