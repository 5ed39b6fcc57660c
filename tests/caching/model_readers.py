"""Those who read, in the model of the protocol (``model.py``)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.caching.model import Document, Epoch, Move, Rules, World


class Reader(NamedTuple):
    """Looks at its trust, then compares the marks: two steps, between which anything may happen."""

    name: str
    at: str = "idle"
    due: frozenset[str] = frozenset()
    fresh: frozenset[Document] = frozenset()

    def moves(self, world: World, rules: Rules) -> Iterator[Move]:
        fresh = frozenset(one for one in world.documents if world.is_fresh(one, rules))
        if self.at == "idle" and rules.trust_before_marks and world.is_trusted():
            yield f"{self.name} begins, has trust", world, self._replace(at="trusting", due=world.due())
        elif self.at == "idle" and not rules.trust_before_marks and fresh:
            after = self._replace(at="compared", due=world.due(), fresh=fresh)
            yield f"{self.name} begins, compares the marks", world, after
        elif self.at == "trusting" or (self.at == "compared" and world.is_trusted()):
            for document in fresh if self.at == "trusting" else self.fresh:
                answered = world.judged(document, self.due, self.name)
                yield f"{self.name} answers from the cache", answered, Reader(self.name, "done")


class Joiner(NamedTuple):
    """Waits for what another one builds."""

    name: str
    at: str = "idle"
    due: frozenset[str] = frozenset()
    known: frozenset[Document] = frozenset()

    def moves(self, world: World, rules: Rules) -> Iterator[Move]:
        if self.at == "idle":
            after = self._replace(at="waiting", due=world.due(), known=world.documents)
            yield f"{self.name} begins, waits for the builder", world, after
        elif self.at == "waiting":
            for document in world.documents - self.known:
                is_taken = world.is_trusted() and world.is_fresh(document, rules)
                if is_taken or not rules.joiner_compares_marks:
                    answered = world.judged(document, self.due, self.name)
                    yield f"{self.name} takes what was built", answered, Joiner(self.name, "done")


class Sharer(NamedTuple):
    """One of those who read in a ``Process``: it ``waits``, then ``asks`` with all who waited, then is ``told``."""

    at: str = "idle"
    due: frozenset[str] = frozenset()


class Process(NamedTuple):
    """Keeps one document with the pulse under which it was fresh, and asks for the pulse for all its readers at once.

    Where the pulse is another one it goes the way of ``Reader``, so here it only never answers. It compares the marks
    without trust: nothing depends on that.
    """

    name: str
    readers: tuple[Sharer, ...]
    kept: Document | None = None
    pulse: tuple[Epoch, int] | None = None
    # only where a rule is broken: the pulse, and then the comparison, are a step of their own
    is_comparing: bool = False
    taken: tuple[Epoch, int] | None = None
    # the question under way, and the last answer
    redis_run: int = 0
    is_told: bool = False
    told: tuple[Epoch, int] | None = None

    def moves(self, world: World, rules: Rules) -> Iterator[Move]:
        if all(one.at == "done" for one in self.readers):
            return
        yield from self._keep(world, rules)
        yield from self._ask(world, rules)
        for place, one in enumerate(self.readers):
            if one.at == "idle":
                began = self._with(place, Sharer("waits", world.due()))
                yield f"{self.name}: a reader begins", world, began
            is_taken = one.at == "told" or (
                not rules.answers_are_asked_after and one.at == "waits" and self.is_told
            )
            if is_taken and self.kept and self._is_same(rules):
                answered = world.judged(self.kept, one.due, self.name)
                yield (
                    f"{self.name}: a reader answers by the pulse",
                    answered,
                    self._with(place, Sharer("done")),
                )

    def _keep(self, world: World, rules: Rules) -> Iterator[Move]:
        if self.kept is None:
            for document in world.documents:
                yield f"{self.name} keeps the document", world, self._replace(kept=document)
        elif self.is_comparing:
            if not rules.pulse_is_not_taken_late:
                yield f"{self.name} takes the pulse", world, self._compared(world.redis.pulse)
            elif world.is_fresh(self.kept, rules):
                yield f"{self.name} compares the marks of what it keeps", world, self._compared(self.taken)
        elif not rules.pulse_is_not_taken_early:
            after = self._replace(is_comparing=True, pulse=None, taken=world.redis.pulse)
            yield f"{self.name} takes the pulse", world, after
        elif world.is_fresh(self.kept, rules):
            after = self._compared(world.redis.pulse)
            if not rules.pulse_is_not_taken_late:
                after = self._replace(is_comparing=True)
            yield f"{self.name} compares the marks of what it keeps", world, after

    def _compared(self, pulse: tuple[Epoch, int] | None) -> "Process":
        return self._replace(is_comparing=False, pulse=pulse, taken=None)

    def _ask(self, world: World, rules: Rules) -> Iterator[Move]:
        if any(one.at == "asks" for one in self.readers):
            if self.redis_run != world.redis_run:
                yield f"{self.name} loses its connection", world, self._all("asks", "waits")
                return
            told = self._all("asks", "told")._replace(is_told=True, told=world.redis.pulse)
            if not rules.question_begins_before_trust:
                told = told._all("waits", "told")
            yield f"{self.name} is told the pulse", world, told
        elif any(one.at == "waits" for one in self.readers) and world.is_trusted():
            asking = self._all("waits", "asks")._replace(redis_run=world.redis_run)
            yield f"{self.name} has trust, asks for the pulse", world, asking

    def _is_same(self, rules: Rules) -> bool:
        return self.told == self.pulse and (self.told is not None or not rules.missing_pulse_equals_nothing)

    def _all(self, before: str, after: str) -> "Process":
        return self._with_all(one._replace(at=after) if one.at == before else one for one in self.readers)

    def _with(self, place: int, reader: Sharer) -> "Process":
        return self._with_all((*self.readers[:place], reader, *self.readers[place + 1 :]))

    def _with_all(self, readers: Iterable[Sharer]) -> "Process":
        """Readers are all alike, so their order tells nothing."""
        return self._replace(readers=tuple(sorted(readers, key=lambda one: (one.at, sorted(one.due)))))
