"""Load over HTTP: as many requests as the server answers, by ``wrk`` where it is, else by our own client."""

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torg.cli.bench.keep_alive import ask_each_once, load_by_ourselves
from torg.cli.refusal import Refused

_WRK_SCRIPT = """
local paths = {}
for line in io.lines(%PATHS%) do paths[#paths + 1] = line end
local thread_number = 0
function setup(thread) thread:set("number", thread_number); thread_number = thread_number + 1 end
function init()
  math.randomseed(number + 1)
  for index, path in ipairs(paths) do paths[index] = wrk.format("GET", path) end
end
function request() return paths[math.random(#paths)] end
function done(summary)
  local e = summary.errors
  print("RESULT " .. string.format('{"answered": %d, "microseconds": %d, "failed": %d}',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class RequestFailed(Refused):
    """The server answered something else than success, or nothing. A bench of failures measures nothing."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a run of the client came to."""

    answered: int
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def client_name() -> str:
    """Say what makes the load here."""
    return "wrk" if shutil.which("wrk") else "bundled client"


def measure_load(port: int, paths: Sequence[str], *, seconds: float, connections: int) -> Load:
    """Ask for random ones of ``paths`` on that many connections at once, for so long.

    Raises ``RequestFailed`` if any answer was not a success.
    """
    if client_name() == "wrk":
        answered, took, failed = _load_by_wrk(port, paths, seconds, connections)
    else:
        answered, took, failed = asyncio.run(
            load_by_ourselves(port, paths, seconds=seconds, connections=connections)
        )
    return _succeeded(answered, took, failed, paths)


def measure_each_once(port: int, paths: Sequence[str], *, connections: int) -> Load:
    """Ask for each of ``paths`` once, on that many connections at once; always by our own client.

    Raises ``RequestFailed`` if any answer was not a success.
    """
    answered, took, failed = asyncio.run(ask_each_once(port, paths, connections=connections))
    return _succeeded(answered, took, failed, paths)


def _succeeded(answered: int, took: float, failed: int, paths: Sequence[str]) -> Load:
    if failed:
        raise RequestFailed(f"{failed} of {answered + failed} requests failed, such as those for {paths[0]}")
    if not answered:
        raise RequestFailed(f"No request was answered in {took:.1f} seconds, such as those for {paths[0]}")
    return Load(answered=answered, seconds=took)


def _load_by_wrk(port: int, paths: Sequence[str], seconds: float, connections: int) -> tuple[int, float, int]:
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder, "paths"), Path(folder, "script.lua")
        listed.write_text("\n".join(paths) + "\n")
        script.write_text(_WRK_SCRIPT.replace("%PATHS%", json.dumps(str(listed))))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        run = subprocess.run(  # noqa: S603
            [*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=False
        )
    found = [line.removeprefix("RESULT ") for line in run.stdout.splitlines() if line.startswith("RESULT ")]
    if not found:
        raise RequestFailed(f"wrk failed: {(run.stderr or run.stdout).strip()}")
    result = json.loads(found[0])
    return result["answered"] - result["failed"], result["microseconds"] / 1e6, result["failed"]
