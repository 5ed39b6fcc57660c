"""The embedded PostgreSQL: its cluster, its start and its end."""

import os
import signal
import time
from pathlib import Path

from torg.lib.embedded.account import as_owner_of
from torg.lib.embedded.cluster import make_cluster, refuse_unusable, way_out
from torg.lib.embedded.failure import EmbeddedServerFailed
from torg.lib.embedded.paths import PORT, postgresql_dir, socket_dir
from torg.lib.embedded.processes import Server, becomes_true, command_of, start_detached
from torg.lib.embedded.programs import postgresql_program

# Replaying the log after a crash may take minutes; a start that fails is noticed at once all the same.
START_SECONDS = 600
ORPHANS_SECONDS = 30
STOP_SECONDS = 60


def start(data_dir: Path, *, start_lock: int) -> None:
    """Start PostgreSQL, making its cluster first if there is none, or take over the one that runs.

    Return when it accepts connections. ``start_lock`` is the descriptor that keeps others from starting it.
    """
    cluster = postgresql_dir(data_dir)
    if not cluster.exists():
        make_cluster(cluster, start_lock=start_lock)
    refuse_unusable(cluster)
    began = time.monotonic()
    server: Server | None = None
    while not _is_ready(cluster):
        if server is None and _postmaster(cluster) is None:
            _clear_what_a_crash_left(data_dir)
            server = start_detached(_command(data_dir), log=_log(data_dir))
        if server is not None and server.has_ended():
            has_orphans = any("still in use" in line for line in server.logged())
            if not has_orphans or time.monotonic() - began > ORPHANS_SECONDS:
                raise EmbeddedServerFailed(
                    f"PostgreSQL did not start: {server.complaint()}. "
                    f"If {cluster} is damaged: {way_out(cluster)}"
                )
            # The server was killed a moment ago, and the last of its processes end by themselves.
            server = None
            time.sleep(0.2)
        if time.monotonic() - began > START_SECONDS:
            raise EmbeddedServerFailed(
                f"PostgreSQL is not ready after {START_SECONDS} s (log: {_log(data_dir)})"
            )
        time.sleep(0.02)


def stop(data_dir: Path) -> None:
    """Stop PostgreSQL, if it runs: its connections are closed, their transactions rolled back."""
    cluster = postgresql_dir(data_dir)
    pid = _postmaster(cluster)
    if pid is None:
        return
    for kind, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
        try:
            os.kill(pid, kind)
        except ProcessLookupError:
            return
        if becomes_true(lambda: not command_of(pid), seconds=seconds):
            return
    raise EmbeddedServerFailed(f"PostgreSQL (process {pid}) does not stop (log: {_log(data_dir)})")


def _command(data_dir: Path) -> list[str]:
    cluster = postgresql_dir(data_dir)
    sockets = str(socket_dir(data_dir)).replace('"', '""')
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "port": str(PORT),  # else it comes from PGPORT, where that is set
        "logging_collector": "off",
        "log_destination": "stderr",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return as_owner_of(cluster, [str(postgresql_program("postgres")), "-D", str(cluster), *options])


def _log(data_dir: Path) -> Path:
    return data_dir / "logs" / "postgresql.log"


def _is_ready(cluster: Path) -> bool:
    return _postmaster(cluster) is not None and _pid_file_lines(cluster)[7:8] == ["ready"]


def _postmaster(cluster: Path) -> int | None:
    """Return the id of the process that serves ``cluster``, if there is one alive."""
    lines = _pid_file_lines(cluster)
    if not lines or not lines[0].isdigit():
        return None
    command = command_of(int(lines[0]))
    is_postgresql = bool(command) and Path(command[0]).name == "postgres"
    # Another shop's PostgreSQL may have got the number after a reboot.
    is_of_this_cluster = str(cluster) in command or "-D" not in command
    return int(lines[0]) if is_postgresql and is_of_this_cluster else None


def _pid_file_lines(cluster: Path) -> list[str]:
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _clear_what_a_crash_left(data_dir: Path) -> None:
    """Make sure that no file of a dead server stops the next one.

    PostgreSQL refuses to start if the process id in a left file is alive, though it may be anybody's by now
    (usual in containers, where ids begin at 1 again). A file with the id of its parent it takes for stale; it
    is not removed, as it also tells PostgreSQL how to find processes of the dead server that still write.
    """
    pid_file = postgresql_dir(data_dir) / "postmaster.pid"
    lines = _pid_file_lines(postgresql_dir(data_dir))
    if lines:
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:7], "starting"]) + "\n")
    else:
        pid_file.unlink(missing_ok=True)  # empty: the disk was full
    (socket_dir(data_dir) / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
