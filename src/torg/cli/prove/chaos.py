"""What goes wrong on purpose: faults in a random order that a seed fixes, each as often as any other."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torg.cli.prove.programs import Program
from torg.cli.prove.servers import Servers

WRITER_KILLED, BUILDER_KILLED, ROLLED_BACK = "writer-killed", "builder-killed", "rolled-back"
# Of one in so many commits the writer dies before it has raised the marks, of one in so many builds the builder.
DIES_AFTER_COMMITS = 100
DIES_AFTER_LEASES = 1_000
LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Victims:
    """All that can be hurt."""

    servers: Servers
    webs: Sequence[Program]
    workers: Sequence[Program]
    applications: tuple[str, ...] = ("prove-web", "prove-writer")


Action = Callable[[Victims, random.Random], None]


def _kill_worker(victims: Victims, chance: random.Random) -> None:
    chance.choice(victims.workers).kill()


def _workers_away(victims: Victims, chance: random.Random) -> None:
    for worker in victims.workers:
        worker.is_wanted = False
        worker.kill()
    time.sleep(chance.uniform(1.0, 4.0))
    for worker in victims.workers:
        worker.is_wanted = True


def _flush(victims: Victims, _: random.Random) -> None:
    with victims.servers.redis() as client:
        client.flushall()


def _kill_clients(victims: Victims, chance: random.Random) -> None:
    with victims.servers.redis() as client:
        for _ in range(chance.randint(1, 100)):
            client.execute_command("CLIENT", "KILL", "TYPE", "normal")
            time.sleep(0.003)


def _restore(victims: Victims, chance: random.Random) -> None:
    # The shortest leaves time for some writes, and is over before what was trusted then has run out.
    victims.servers.restore_redis(after=chance.choice((0.05, 0.1, 1.0, 2.0)))


def _refuse(victims: Victims, chance: random.Random) -> None:
    victims.servers.have_redis_refuse(chance.choice(("zadd", "@write")), chance.choice((0.1, 0.3, 1.0)))


ACTIONS: dict[str, Action] = {
    "web-killed": lambda victims, chance: chance.choice(victims.webs).kill(),
    "worker-killed": _kill_worker,
    "workers-away": _workers_away,
    "redis-hung": lambda victims, chance: victims.servers.hang_redis(chance.choice((0.02, 0.1, 0.4, 2.0))),
    "redis-killed": lambda victims, _: victims.servers.kill_redis(),
    "redis-away": lambda victims, _: victims.servers.kill_redis(away_for=3.0),
    "redis-restored": _restore,
    "redis-refusing": _refuse,
    "redis-flushed": _flush,
    "redis-clients-killed": _kill_clients,
    "redis-full": lambda victims, chance: victims.servers.fill_redis(chance.uniform(0.1, 1.0)),
    "postgresql-restarted": lambda victims, _: victims.servers.restart_postgresql(),
    "connections-terminated": lambda victims, chance: victims.servers.terminate_connections(
        chance.choice(victims.applications)
    ),
}
FAULTS = (*ACTIONS, WRITER_KILLED, BUILDER_KILLED, ROLLED_BACK)


class Chaos:
    """A thread that has one fault after the other happen."""

    def __init__(self, victims: Victims, names: Sequence[str], seed: int) -> None:
        self.happened: Counter[str] = Counter()
        self.log: list[tuple[float, str, float]] = []
        """When each began, which, and how many seconds it took."""
        self.failures: list[str] = []
        self._victims = victims
        self._names = [name for name in names if name in ACTIONS]
        self._random = random.Random(seed)  # noqa: S311
        self._is_over = threading.Event()
        self._is_calm = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="chaos", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End when the fault under way is over."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def calm(self) -> threading.Lock:
        """Held by whoever wants nothing to happen for a while."""
        return self._is_calm

    def _run(self) -> None:
        while self._names:
            for name in self._random.sample(self._names, len(self._names)):
                if self._is_over.wait(self._random.uniform(0.2, LONGEST_PAUSE_SECONDS)):
                    return
                with self._is_calm:
                    self._have(name)

    def _have(self, name: str) -> None:
        began = time.monotonic()
        try:
            ACTIONS[name](self._victims, self._random)
        except (
            Exception
        ) as error:  # What another fault left may be in the way; it is tried again in the next round.
            self.failures.append(f"{name}: {type(error).__name__}: {error}")
            return
        self.happened[name] += 1
        self.log.append((began, name, time.monotonic() - began))
