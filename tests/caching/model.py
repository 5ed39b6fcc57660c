"""An exhaustive model of the protocol that keeps cached documents fresh (docs/how-to/freshness.md).

One tag, and all that can happen to it: each actor takes its steps one at a time, and ``explore`` tries every order of
the steps of all actors, of the ticks of the clock and of the losses, until no state is new. An actor that takes no more
steps has died. In every state it asks: is there a document that would be served now, and lacks a write that it must
show? The first such state is printed with the shortest way to it.

Where reality is richer than the model, the model allows more than reality, not less:

* a document that was ever stored can be read for ever, as if it were in the memory of some process or in an old copy of
  Redis; nothing but the rule keeps anybody from serving it;
* a trust that was ever granted is held by every process until it runs out, whatever becomes of Redis;
* what a document shows is the set of writes that its snapshot saw, so "older value" means "a write is missing".

``Rules`` are the protocol. Each can be broken by itself, and ``test_model.py`` holds that this is then found. Who reads
is in ``model_readers.py``.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

TRUST = 2
"""Ticks for which a confirmation is believed after it began: the quarter of a second."""


class Rules(NamedTuple):
    """The protocol: all of them hold."""

    reads_compare_marks: bool = True  # else the writer deletes the document, and what is there is served
    marks_follow_commit: bool = True
    marks_only_grow: bool = True
    writer_without_redis_waits: bool = True
    writer_compares_server: bool = True
    horizon_is_xmin: bool = True  # else the number of the next transaction
    horizon_before_rows: bool = True
    epoch_before_horizon: bool = True
    joiner_compares_marks: bool = True
    trust_before_marks: bool = True
    epoch_names_redis: bool = True
    epoch_names_postgresql: bool = True
    snapshot_before_epoch: bool = True
    trust_from_start: bool = True
    confirmation_checks_epoch: bool = True
    builds_outside_transactions: bool = True
    confirms_outside_transactions: bool = True
    removes_only_confirmed: bool = True
    pulse_rises_not_early: bool = True  # else it rises before the mark, in a step of its own
    pulse_rises_not_late: bool = True  # else it rises after the mark, in a step of its own
    pulse_is_not_taken_late: bool = (
        True  # else a document is given the pulse of after its marks were compared
    )
    pulse_is_not_taken_early: bool = True  # else the one of before
    missing_pulse_equals_nothing: bool = True
    answers_are_asked_after: bool = True  # else a reader takes an answer from before he began
    question_begins_before_trust: bool = True  # else it may be shared by who came after trust was looked at


class Snapshot(NamedTuple):
    """What a transaction sees, as ``pg_current_snapshot()`` says it."""

    xmax: int
    running: frozenset[int] = frozenset()

    @property
    def xmin(self) -> int:
        return min(self.running, default=self.xmax)

    def sees(self, xid: int) -> bool:
        return xid < self.xmax and xid not in self.running


class Epoch(NamedTuple):
    """A number that never comes again, with the run of Redis and the run of PostgreSQL it was made for."""

    number: int
    redis_run: int
    server_run: int


class Redis(NamedTuple):
    """What Redis holds: ``mark``, ``epoch`` and how often it ``rose`` in one sorted set, ``confirmed`` beside it."""

    mark: int = 0
    epoch: Epoch | None = None
    confirmed: Snapshot | None = None
    rose: int = 0

    @property
    def pulse(self) -> tuple[Epoch, int] | None:
        return None if self.epoch is None else (self.epoch, self.rose)


class Write(NamedTuple):
    """A committed write; it stays in ``caching_change`` until it is removed."""

    name: str
    xid: int
    committed_at: int


class Document(NamedTuple):
    """The writes it shows, and its proof."""

    shows: frozenset[str]
    horizon: int
    epoch: Epoch | None


_FIRST = Epoch(1, 1, 1)


class World(NamedTuple):
    """One state of everything."""

    actors: tuple["Actor", ...]
    disasters: tuple[str, ...] = ()  # what may still happen, each once
    ticks: int = 0  # how many are left; then the clock stands still
    now: int = 0
    # PostgreSQL
    next_xid: int = 1
    running: frozenset[int] = frozenset()
    committed: frozenset[Write] = frozenset()
    removed: frozenset[str] = frozenset()
    server_run: int = 1
    # Redis
    redis: Redis = Redis(0, _FIRST, Snapshot(1))
    redis_run: int = 1
    saved: Redis | None = None
    # all processes
    epochs: int = 1
    trusted_until: int = TRUST
    documents: frozenset[Document] = frozenset()
    acknowledged: frozenset[str] = frozenset()
    found: str = ""  # what an actor saw that must not be

    def snapshot(self) -> Snapshot:
        return Snapshot(self.next_xid, self.running)

    def shown(self) -> frozenset[str]:
        return frozenset(write.name for write in self.committed)

    def due(self) -> frozenset[str]:
        """The writes that a read beginning now must show: the acknowledged ones, and all older than a trust."""
        late = {write.name for write in self.committed if write.committed_at + TRUST <= self.now}
        return self.acknowledged | late

    def is_trusted(self) -> bool:
        return self.now < self.trusted_until

    def is_here(self, epoch: Epoch | None, rules: Rules) -> bool:
        if epoch is None:
            return False
        is_redis = not rules.epoch_names_redis or epoch.redis_run == self.redis_run
        return is_redis and (not rules.epoch_names_postgresql or epoch.server_run == self.server_run)

    def is_fresh(self, document: Document, rules: Rules) -> bool:
        """THE RULE."""
        if not rules.reads_compare_marks:
            return True
        return document.epoch == self.redis.epoch is not None and self.redis.mark < document.horizon

    def raised(self, xid: int, rules: Rules) -> "World":
        """Raise the mark, and the pulse if that changed anything."""
        marked = self.marked(xid, rules)
        return marked if marked == self else marked.pulsed()

    def marked(self, xid: int, rules: Rules) -> "World":
        mark = max(xid, self.redis.mark) if rules.marks_only_grow else xid
        return self._replace(redis=self.redis._replace(mark=mark))

    def pulsed(self) -> "World":
        return self._replace(redis=self.redis._replace(rose=self.redis.rose + 1))

    def trusting(self, until: int) -> "World":
        return self._replace(trusted_until=max(until, self.trusted_until))

    def judged(self, document: Document, due: frozenset[str], reader: str) -> "World":
        """After ``reader`` answered with ``document``, who had to see all that was ``due`` when it began."""
        missing = due - document.shows
        return self._replace(found=f"{reader} answers without {_names(missing)}") if missing else self


class Actor(Protocol):
    """Whoever takes steps."""

    def moves(self, world: World, rules: Rules) -> Iterator["Move"]: ...


Move = tuple[str, World, Actor]


class Writer(NamedTuple):
    """Writes the tag once. Inside Torg it raises the mark and acknowledges; it may die before that, as all may."""

    name: str
    at: str = "idle"
    is_torg: bool = True
    reaches_redis: bool = True
    may_roll_back: bool = False
    is_old: bool = False  # old enough to be removed as soon as it is committed
    xid: int = 0
    server_run: int = 0
    committed_at: int = 0

    def moves(self, world: World, rules: Rules) -> Iterator[Move]:
        if self.at != "done":
            yield from _WRITER[self.at](self, world, rules)

    def _begin(self, world: World, rules: Rules) -> Iterator[Move]:
        xid = world.next_xid
        begun = world._replace(next_xid=xid + 1, running=world.running | {xid})
        what = f"begins as transaction {xid}"
        if not rules.marks_follow_commit:
            begun, what = begun.raised(xid, rules), f"{what}, raises the mark to {xid}"
        yield f"{self.name} {what}", begun, self._replace(at="writing", xid=xid, server_run=world.server_run)

    def _write(self, world: World, rules: Rules) -> Iterator[Move]:
        if self.xid not in world.running:
            return  # PostgreSQL crashed under it.
        over = world._replace(running=world.running - {self.xid})
        if self.may_roll_back:
            yield f"{self.name} rolls back", over, self._replace(at="done")
        else:
            write = Write(self.name, self.xid, world.now)
            at = "committed" if self.is_torg else "done"
            after = self._replace(at=at, committed_at=world.now)
            yield f"{self.name} commits", over._replace(committed=world.committed | {write}), after
        if not rules.builds_outside_transactions:
            document = Document(world.shown() | {self.name}, world.snapshot().xmin, world.redis.epoch)
            after_it = world._replace(documents=world.documents | {document})
            yield f"{self.name} stores a document before it commits", after_it, self
        if not rules.confirms_outside_transactions:
            # PostgreSQL does not count the own transaction among the running ones.
            seen = Snapshot(world.next_xid, world.running - {self.xid})
            confirmed = world._replace(redis=world.redis._replace(confirmed=seen)).trusting(world.now + TRUST)
            yield f"{self.name} confirms before it writes", confirmed, self

    def _settle(self, world: World, rules: Rules) -> Iterator[Move]:
        told = world._replace(acknowledged=world.acknowledged | {self.name})
        done = self._replace(at="done")
        if not rules.reads_compare_marks:
            told = told._replace(documents=frozenset())
            yield f"{self.name} deletes the document, acknowledges", told, done
            return
        if self.reaches_redis:
            marked = told.raised(self.xid, rules) if rules.marks_follow_commit else told
            epoch = world.redis.epoch
            can_compare = rules.writer_compares_server and rules.epoch_names_postgresql
            if not (epoch and can_compare) or epoch.server_run == self.server_run:
                what = f"raises the mark to {self.xid}, " if rules.marks_follow_commit else ""
                if not rules.pulse_rises_not_early:
                    yield f"{self.name} raises the pulse", world.pulsed(), self._replace(at="pulsed")
                elif not rules.pulse_rises_not_late:
                    half = world.marked(self.xid, rules)
                    yield f"{self.name} {what}but no pulse yet", half, self._replace(at="marked")
                else:
                    yield f"{self.name} {what}acknowledges", marked, done
        if not rules.writer_without_redis_waits or world.now >= self.committed_at + TRUST:
            yield f"{self.name} acknowledges without a mark", told, done

    def _settle_rest(self, world: World, rules: Rules) -> Iterator[Move]:
        rest = world.marked(self.xid, rules) if self.at == "pulsed" else world.pulsed()
        told = rest._replace(acknowledged=world.acknowledged | {self.name})
        yield f"{self.name} raises the rest, acknowledges", told, self._replace(at="done")


_WRITER = {"idle": Writer._begin, "writing": Writer._write, "committed": Writer._settle}
_WRITER |= {"pulsed": Writer._settle_rest, "marked": Writer._settle_rest}  # only where a rule is broken


class Builder(NamedTuple):
    """Reads the epoch, takes the horizon, reads the rows, and stores the document as late as it likes."""

    name: str
    at: str = "idle"
    times: int = 1
    epoch: Epoch | None = None
    horizon: int = 0
    shows: frozenset[str] = frozenset()

    def moves(self, world: World, rules: Rules) -> Iterator[Move]:
        if self.at == "idle" and self.times:
            if world.is_here(world.redis.epoch, rules) or not rules.epoch_before_horizon:
                yield f"{self.name} reads the epoch", world, self._replace(at="rows", epoch=world.redis.epoch)
        elif self.at == "rows":
            yield from self._read(world, rules)
        elif self.at == "late horizon":
            after = self._replace(at="built", horizon=world.snapshot().xmin)
            yield f"{self.name} takes the horizon {after.horizon}", world, after
        elif self.at == "built":
            epoch = self.epoch if rules.epoch_before_horizon else world.redis.epoch
            stored = world._replace(documents=world.documents | {Document(self.shows, self.horizon, epoch)})
            yield f"{self.name} stores the document", stored, Builder(self.name, times=self.times - 1)

    def _read(self, world: World, rules: Rules) -> Iterator[Move]:
        snapshot = world.snapshot()
        horizon = snapshot.xmin if rules.horizon_is_xmin else snapshot.xmax
        shows = world.shown()
        what = f"reads the rows, sees {_names(shows) or 'nothing new'}"
        if rules.horizon_before_rows:
            after = self._replace(at="built", horizon=horizon, shows=shows)
            yield f"{self.name} takes the horizon {horizon}, {what}", world, after
        else:
            yield f"{self.name} {what}", world, self._replace(at="late horizon", shows=shows)


class Relay(NamedTuple):
    """Confirms: raises the marks of all that was committed before, and grants a trust. Begins epochs."""

    name: str
    at: str = "idle"
    times: int = 1
    started_at: int = 0
    redis_run: int = 0
    epoch: Epoch | None = None
    confirmed: Snapshot | None = None
    snapshot: Snapshot | None = None
    server_run: int = 0
    news: int = 0

    def moves(self, world: World, rules: Rules) -> Iterator[Move]:
        """Yield what it can do next; a connection does not outlive its Redis."""
        if self.at != "idle" and self.redis_run != world.redis_run:
            yield f"{self.name} loses its connection", world, Relay(self.name, times=self.times)
        elif self.times:
            yield from _RELAY[self.at](self, world, rules)

    def _start(self, world: World, rules: Rules) -> Iterator[Move]:
        epoch, confirmed = world.redis.epoch, world.redis.confirmed
        started = self._replace(started_at=world.now, redis_run=world.redis_run)
        if rules.snapshot_before_epoch or world.is_here(epoch, rules):
            after = started._replace(at="started", epoch=epoch, confirmed=confirmed)
            yield f"{self.name} takes the time and what is confirmed", world, after
        else:
            begun, epoch = _epoch_begun(world, None)
            after = started._replace(at="begun", epoch=epoch)
            yield f"{self.name} begins epoch {epoch.number} before it takes a snapshot", begun, after

    def _ask(self, world: World, rules: Rules) -> Iterator[Move]:
        snapshot = world.snapshot()
        unseen = [
            write.xid
            for write in world.committed
            if self.confirmed and not self.confirmed.sees(write.xid) and write.name not in world.removed
        ]
        news = max(unseen, default=0)
        after = self._replace(at="asked", snapshot=snapshot, server_run=world.server_run, news=news)
        yield f"{self.name} asks PostgreSQL, finds {unseen or 'nothing'}", world, after

    def _raise(self, world: World, rules: Rules) -> Iterator[Move]:
        epoch = self.epoch
        if self.confirmed and self._goes_on(rules):
            marked = world.raised(self.news, rules) if self.news else world
            what = f"raises the mark to {self.news}" if self.news else "has no mark to raise"
            yield f"{self.name} {what}", marked, self._replace(at="raised")
        elif world.redis.epoch == epoch:
            begun, new = _epoch_begun(world, self.snapshot)
            began = begun._replace(redis=begun.redis._replace(epoch=new._replace(server_run=self.server_run)))
            yield f"{self.name} begins epoch {new.number}", self._trusting(began, rules), self._again()
        else:
            yield f"{self.name} finds another epoch", world, self._again()

    def _goes_on(self, rules: Rules) -> bool:
        if self.epoch is None or (rules.epoch_names_redis and self.epoch.redis_run != self.redis_run):
            return False
        return not rules.epoch_names_postgresql or self.epoch.server_run == self.server_run

    def _confirm(self, world: World, rules: Rules) -> Iterator[Move]:
        if rules.confirmation_checks_epoch and world.redis.epoch != self.epoch:
            yield f"{self.name} may not confirm: another epoch", world, self._again()
            return
        confirmed = world._replace(redis=world.redis._replace(confirmed=self.snapshot))
        trusting = self._trusting(confirmed, rules)
        yield f"{self.name} confirms, trust until {trusting.trusted_until}", trusting, self._again()

    def _late_snapshot(self, world: World, rules: Rules) -> Iterator[Move]:
        if world.redis.epoch == self.epoch:
            confirmed = world._replace(redis=world.redis._replace(confirmed=world.snapshot()))
            yield f"{self.name} takes its snapshot", self._trusting(confirmed, rules), self._again()

    def _trusting(self, world: World, rules: Rules) -> World:
        return world.trusting((self.started_at if rules.trust_from_start else world.now) + TRUST)

    def _again(self) -> "Relay":
        return Relay(self.name, times=self.times - 1)


_RELAY = {"idle": Relay._start, "started": Relay._ask, "asked": Relay._raise, "raised": Relay._confirm}
_RELAY["begun"] = Relay._late_snapshot  # only where that rule is broken


def _epoch_begun(world: World, confirmed: Snapshot | None) -> tuple[World, Epoch]:
    epoch = Epoch(world.epochs + 1, world.redis_run, world.server_run)
    return world._replace(redis=Redis(0, epoch, confirmed), epochs=epoch.number), epoch


def _disasters(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    for one in world.disasters:
        left = world._replace(disasters=tuple(other for other in world.disasters if other is not one))
        trusted = 0 if rules.epoch_names_redis else world.trusted_until
        restarted = left._replace(redis_run=world.redis_run + 1, trusted_until=trusted)
        if one == "flush":  # or the marks are evicted, all together, with the epoch
            yield "REDIS IS FLUSHED", left._replace(redis=Redis())
        elif one == "restart":
            yield "REDIS RESTARTS EMPTY", restarted._replace(redis=Redis())
        elif one == "save":
            yield "Redis saves a copy of its data", left._replace(saved=world.redis)
        elif one == "restore" and world.saved:
            yield "REDIS RESTARTS FROM THE OLD COPY", restarted._replace(redis=world.saved)
        elif one == "crash":
            # What was only rolled back may have left nothing on disk: its number is given out again.
            durable = max((write.xid for write in world.committed), default=0) + 1
            crashed = left._replace(running=frozenset(), next_xid=durable, server_run=world.server_run + 1)
            yield f"POSTGRESQL CRASHES, goes on with transaction {durable}", crashed
        elif one == "remove":
            yield from _removed(left, rules)


def _removed(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    """Remove old changes. Only a writer that ``is_old`` has any, for all others are younger than an hour."""
    old = {actor.name for actor in world.actors if isinstance(actor, Writer) and actor.is_old}
    seen = world.redis.confirmed
    gone = {
        write.name
        for write in world.committed
        if write.name in old and (not rules.removes_only_confirmed or (seen and write.xid < seen.xmin))
    }
    if gone:
        yield "the change is removed as too old", world._replace(removed=world.removed | gone)


def successors(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    for place, actor in enumerate(world.actors):
        for label, after, changed in actor.moves(world, rules):
            yield label, after._replace(actors=(*after.actors[:place], changed, *after.actors[place + 1 :]))
    yield from _disasters(world, rules)
    if world.ticks:
        yield f"the clock shows {world.now + 1}", world._replace(now=world.now + 1, ticks=world.ticks - 1)


def wrong(world: World, rules: Rules) -> str:
    if world.found:
        return world.found
    due = world.due() if rules.reads_compare_marks else world.acknowledged
    is_served = world.is_trusted() or not rules.reads_compare_marks
    for document in world.documents if is_served else ():
        if world.is_fresh(document, rules):
            if missing := due - document.shows:
                return f"a read that begins now is answered without {_names(missing)}"
            if extra := document.shows - world.shown():
                return f"a read that begins now shows {_names(extra)}, which is not committed"
    return ""


def serves_all(world: World, rules: Rules) -> bool:
    """Whether all is written, and a document that shows it could be served: what serves nothing is never stale."""
    shown = world.shown()
    is_over = all(actor.at == "done" for actor in world.actors if isinstance(actor, Writer))
    is_served = any(one.shows == shown and world.is_fresh(one, rules) for one in world.documents)
    return is_over and is_served and world.is_trusted()


class Explored(NamedTuple):
    """How many states there are, how many are ``useful``, and the shortest way to one that is wrong, if any is."""

    states: int
    useful: int
    trace: list[str]


def explore(start: World, rules: Rules) -> Explored:
    """Try all orders of all steps from ``start``, breadth first."""
    came_from: dict[World, tuple[World, str] | None] = {start: None}
    waiting, useful = deque([start]), 0
    while waiting:
        world = waiting.popleft()
        if problem := wrong(world, rules):
            return Explored(len(came_from), useful, [*_way_to(world, came_from), f"=> {problem}"])
        useful += serves_all(world, rules)
        for label, after in successors(world, rules):
            if after not in came_from:
                came_from[after] = world, label
                waiting.append(after)
    return Explored(len(came_from), useful, [])


def _way_to(world: World, came_from: dict[World, tuple[World, str] | None]) -> list[str]:
    labels = []
    while step := came_from[world]:
        world, label = step
        labels.append(label)
    return labels[::-1]


def _names(writes: frozenset[str]) -> str:
    return ", ".join(sorted(writes))
