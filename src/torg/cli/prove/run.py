"""One run: the shop, its programs, writers and readers; and the looks at what is still stale when writers rest."""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torg.caching.faults import VARIABLE
from torg.cli.bench.programs import run as run_to_end
from torg.cli.prove.chaos import (
    BUILDER_KILLED,
    DIES_AFTER_COMMITS,
    DIES_AFTER_LEASES,
    ROLLED_BACK,
    WRITER_KILLED,
    Chaos,
    Victims,
)
from torg.cli.prove.plan import Plan
from torg.cli.prove.programs import Program, Programs
from torg.cli.prove.reading import Reader
from torg.cli.prove.servers import Servers
from torg.cli.refusal import Refused

STARTED_SECONDS = 90
REST_EVERY_SECONDS = 45
RESTING_SECONDS = 30
STALE_AFTER_SECONDS = 2.0
LOOKS = 3
_SETTINGS = "torg_prove_settings"
_SETTINGS_TEXT = """
from torg.config.settings import *
from torg.config.settings import PROCRASTINATE_IMPORT_PATHS

PROCRASTINATE_IMPORT_PATHS = [*PROCRASTINATE_IMPORT_PATHS, "torg.cli.prove.tasks"]
"""


@dataclass
class Findings:
    """What a run tried and found, as it is written for programs."""

    seed: int
    seconds: float = 0.0
    reads: list[tuple[str, str, int]] = field(default_factory=list)
    writes: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    failed_faults: list[str] = field(default_factory=list)
    failed_requests: dict[str, int] = field(default_factory=dict)
    outside_seen_after: list[float] = field(default_factory=list)
    """Of writes behind Torg's back that some reader did not see at once: for how many seconds after the commit."""
    stale: dict[str, int] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 0
    stale_at_rest: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Why this proves nothing, or proves the contrary."""


class Run:
    """A run of ``plan``, to be entered once."""

    def __init__(self, plan: Plan, data_dir: Path, on_progress: Callable[[str], None]) -> None:
        self.plan = plan
        self.servers = Servers(data_dir)
        self.findings = Findings(plan.seed)
        self._say = on_progress
        self._programs = Programs()
        self._webs: list[Program] = []
        self._workers: list[Program] = []
        self._writers: list[Program] = []
        self._readers: list[Program] = []
        self._looker = Reader(plan, f"{plan.seed} looker")
        self._secret_key = secrets.token_urlsafe(50)

    def go(self) -> Findings:
        """Try it; what was found is complete even if it is interrupted."""
        with self.servers.running():
            self._prepare()
            with self._programs.tended():
                self._start()
                with self._measured():
                    self._try()
        return self.findings

    def _prepare(self) -> None:
        self._say("Preparing a shop …")
        (self.plan.folder / f"{_SETTINGS}.py").write_text(_SETTINGS_TEXT)
        environment = self._environment("prove")
        run_to_end("torg.cli.main", "migrate", environment=environment)
        run_to_end("torg.cli.prove.filling", environment=environment)

    def _start(self) -> None:
        self._say("Starting web servers, workers, writers and readers …")
        web_faults = "built:sleep=0.003"
        if BUILDER_KILLED in self.plan.faults:
            web_faults += f";leased:die={1 / DIES_AFTER_LEASES}"
        for number, port in enumerate(self.plan.ports, 1):
            options = ["--port", str(port), "--processes", str(self.plan.processes), "--threads", "4"]
            self._webs.append(self._program(f"web-{number}", ["torg.cli.main", "web", *options], web_faults))
        self._workers += [self._program(f"worker-{number}", ["torg.cli.main", "worker"]) for number in (1, 2)]
        for port in self.plan.ports:
            self._await_web(port)
        folder = str(self.plan.folder)
        dies = f"committed:die={1 / DIES_AFTER_COMMITS}" if WRITER_KILLED in self.plan.faults else ""
        for number in range(self.plan.writers):
            arguments = ["torg.cli.prove.writing", folder, str(number)]
            self._writers.append(self._program(f"writer-{number}", arguments, dies))
        outside = ["torg.cli.prove.writing_outside", folder, self.servers.database_url]
        self._writers.append(self._program(f"writer-{self.plan.writers}", outside))
        for number in range(self.plan.readers):
            arguments = ["torg.cli.prove.reading", folder, str(number)]
            self._readers.append(self._program(f"reader-{number}", arguments))
        self._await_writers()

    def _try(self) -> None:
        """Wait while all is tried; let writers rest now and then, and look at what is stale then."""
        victims = Victims(self.servers, self._webs, self._workers)
        chaos = Chaos(victims, self.plan.faults, self.plan.seed)
        ends_at = time.monotonic() + self.plan.seconds
        chaos.start()
        try:
            while (left := ends_at - time.monotonic()) > 0:
                self._say(f"Trying for {left:.0f} s more …")
                time.sleep(min(left, REST_EVERY_SECONDS))
                with chaos.calm:
                    self._look_at_rest()
        finally:
            chaos.stop()
            self.findings.faults.update(chaos.happened)
            self.findings.failed_faults += chaos.failures

    def _look_at_rest(self) -> None:
        """Have writers rest, wait, and read everything."""
        ledger = self._looker.ledger
        ledger.is_paused = True
        deadline = time.monotonic() + RESTING_SECONDS
        while not all(ledger.rests(number) for number in range(self.plan.writers + 1)):
            if time.monotonic() > deadline:
                self.findings.wrong.append("writers did not come to rest")
                break
            time.sleep(0.05)
        time.sleep(STALE_AFTER_SECONDS)
        for asker in self._looker.askers:
            for _ in range(LOOKS):
                asker.close()
                for target in self._looker.choose.targets:
                    self._look(target, asker)
        self.findings.looks += 1
        ledger.is_paused = False

    def _look(self, target: Any, asker: Any) -> None:
        deadline = time.monotonic() + RESTING_SECONDS
        while (complaints := self._looker.read(target, asker)) is None:
            if time.monotonic() > deadline:
                self.findings.wrong.append(f"{target.path} cannot be read at rest")
                return
            time.sleep(0.1)
        if complaints:
            about = [f"{each.why}: {each.about} was {each.seen}, not {each.expected}" for each in complaints]
            self.findings.stale_at_rest.append({"path": target.path, "port": asker.port, "complaints": about})

    @contextmanager
    def _measured(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.findings.seconds = time.monotonic() - began
            self._say("Ending …")
            programs = [*self._readers, *self._writers]
            for (
                program
            ) in programs:  # Before any ends: started again, a reader would tell that it has read nothing.
                program.is_wanted = False
            self._looker.ledger.is_over = True
            for program in programs:
                program.end_by_itself()
            self._gather()

    def _gather(self) -> None:
        findings = self.findings
        writes = self.plan.tallies().totals()
        findings.writes = writes
        deaths = {
            WRITER_KILLED: sum(writer.said("torg.fault committed") for writer in self._writers),
            BUILDER_KILLED: sum(web.said("torg.fault leased") for web in self._webs),
            ROLLED_BACK: writes["rolled back"] + writes["savepoint rolled back"],
        }
        findings.faults.update({name: count for name, count in deaths.items() if name in self.plan.faults})
        told = [self._told(number) for number in range(self.plan.readers)]
        late: dict[str, float] = {}
        for each in told:
            for kind, cache, count in each.get("reads", []):
                findings.reads.append((kind, cache, count))
            for text, count in each.get("failures", {}).items():
                findings.failed_requests[text] = findings.failed_requests.get(text, 0) + count
            for kind, count in each.get("stale", {}).items():
                findings.stale[kind] = findings.stale.get(kind, 0) + count
            findings.details += each.get("details", [])
            for name, seconds in each.get("late", {}).items():
                late[name] = max(late.get(name, 0.0), seconds)
        findings.outside_seen_after = sorted(late.values())

    def _told(self, number: int) -> dict[str, Any]:
        path = self.plan.folder / f"reader-{number}.json"
        if not path.exists():
            self.findings.wrong.append(f"reader {number} did not say what it found")
            return {}
        told: dict[str, Any] = json.loads(path.read_text())
        if self._readers[number].deaths:
            self.findings.wrong.append(f"reader {number} died: look at {self._readers[number].log}")
        if not told["reads"]:
            self.findings.wrong.append(f"reader {number} has read nothing")
        return told

    def _program(self, name: str, arguments: list[str], faults: str = "") -> Program:
        kind = name.partition("-")[0]
        log = self.plan.folder / f"{name}.log"
        environment = {**self._environment(f"prove-{kind}"), VARIABLE: _with_given(faults)}
        return self._programs.add(Program(name, arguments, environment, log))

    def _environment(self, application: str) -> dict[str, str]:
        """Point programs to the scratch servers, whatever the operator's environment says."""
        path = os.pathsep.join(filter(None, [str(self.plan.folder), os.environ.get("PYTHONPATH")]))
        return {
            "DJANGO_SETTINGS_MODULE": _SETTINGS,
            "PYTHONPATH": path,
            "TORG_DATA_DIR": str(self.plan.folder / "data"),
            "DATABASE_URL": f"{self.servers.database_url}?application_name={application}",
            "REDIS_URL": self.servers.redis_url,
            "SECRET_KEY": self._secret_key,
            "ALLOWED_HOSTS": "127.0.0.1",
            "BEHIND_PROXY": "0",
            "CACHE": "1",
            "FRESHNESS_MAX_LAG_MS": "0",
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "WARNING",
        }

    def _await_writers(self) -> None:
        ledger = self._looker.ledger
        deadline = time.monotonic() + STARTED_SECONDS
        while not all(ledger.has_begun(number) for number in range(self.plan.writers + 1)):
            if time.monotonic() > deadline:
                raise Refused(f"Not all writers started: look at {self.plan.folder}/writer-*.log")
            time.sleep(0.05)

    def _await_web(self, port: int) -> None:
        deadline = time.monotonic() + STARTED_SECONDS
        asker = next(asker for asker in self._looker.askers if asker.port == port)
        target = self._looker.choose.targets[0]
        while self._looker.read(target, asker) is None:
            if time.monotonic() > deadline:
                said = self._webs[0].log.read_text(errors="replace").strip()[-2000:]
                raise Refused(f"torg web did not start: {said}")
            time.sleep(0.1)


def _with_given(faults: str) -> str:
    """Add the faults that our own environment asks for."""
    return ";".join(filter(None, [faults, os.environ.get(VARIABLE, "")]))
