"""Counting what the cache does: each thread for itself, without locks, and all of them summed up when somebody asks.

What was counted is added to Redis once a second, by one thread of each process (``torg.caching.tallies``).
"""

import os
import random
import threading
import weakref
from bisect import bisect_left
from collections import deque
from typing import Literal

from django.conf import settings

from torg.caching import flushing
from torg.caching.tallies import asked_of, most_read

__all__ = ["Counts", "Outcome", "asked_of", "mine", "most_read", "samples", "total"]

Outcome = Literal["memory", "redis", "built", "bypass", "missing"]
"""How a read ended: found in the process or in Redis, built, built past the cache, or there is no such document."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends, in seconds, of what answers are sorted into by how long they took; there is one more without an end."""
SAMPLED_ONE_IN = 16
# Of what is kept only: what there is not, or is asked for once, anybody may make up, as long as he likes.
_SAMPLED = frozenset({"memory", "redis", "built"})
_LONGEST_SAMPLED = 500
# What is sampled while Redis is away: the latest of each thread.
_SAMPLES_KEPT = 2_000


def _answer(method: str, status: int) -> tuple[str, str]:
    # Anybody may make methods up.
    return method if method in METHODS else "other", f"{status // 100}xx"


# What is answered most, made once.
_ANSWERS = {(method, status): _answer(method, status) for method in METHODS for status in (200, 304)}


class Counts:
    """What one thread has counted since it began. Only that thread writes; others may read at any time."""

    __slots__ = (
        "_reads_to_sample", "answer_seconds", "answers", "build_seconds", "builds", "durations", "marks_failed",
        "marks_raised", "not_modified", "outcomes", "passes", "sampled",
    )  # fmt: skip

    def __init__(self) -> None:
        self.outcomes: dict[tuple[str, str], int] = {}
        self.builds: dict[str, int] = {}
        self.build_seconds: dict[str, float] = {}
        self.marks_raised = 0
        self.marks_failed = 0
        self.passes = 0
        self.not_modified = 0
        self.answers: dict[tuple[str, str], int] = {}
        self.answer_seconds = 0.0
        self.durations = [0] * (len(BUCKETS) + 1)
        self.sampled: deque[str] = deque(maxlen=_SAMPLES_KEPT)
        self._reads_to_sample = SAMPLED_ONE_IN

    def count(self, kind: str, outcome: str, key: str) -> None:
        """Count a read of the document ``key``; of those that are kept one in sixteen is remembered by its key."""
        pair = kind, outcome
        self.outcomes[pair] = self.outcomes.get(pair, 0) + 1
        self._reads_to_sample -= 1
        if self._reads_to_sample <= 0:
            # Not each sixteenth: a page that asks for sixteen documents in a row would always have the same counted.
            self._reads_to_sample = random.randint(1, 2 * SAMPLED_ONE_IN - 1)  # noqa: S311
            if outcome in _SAMPLED and len(key) <= _LONGEST_SAMPLED:
                self.sampled.append(key)

    def answered(self, method: str, status: int, seconds: float) -> None:
        """Count an answer to an HTTP request."""
        pair = _ANSWERS.get((method, status)) or _answer(method, status)
        self.answers[pair] = self.answers.get(pair, 0) + 1
        self.answer_seconds += seconds
        self.durations[bisect_left(BUCKETS, seconds)] += 1

    def add(self, other: "Counts") -> None:
        """Add the figures of ``other``, all but what it has sampled.

        Copying a dictionary is one step for other threads, so the sum is of one moment for each of them.
        """
        for pair, number in other.outcomes.copy().items():
            self.outcomes[pair] = self.outcomes.get(pair, 0) + number
        for kind, number in other.builds.copy().items():
            self.builds[kind] = self.builds.get(kind, 0) + number
        for kind, seconds in other.build_seconds.copy().items():
            self.build_seconds[kind] = self.build_seconds.get(kind, 0.0) + seconds
        for answer, number in other.answers.copy().items():
            self.answers[answer] = self.answers.get(answer, 0) + number
        self.durations = [one + more for one, more in zip(self.durations, other.durations, strict=True)]
        self.answer_seconds += other.answer_seconds
        self.marks_raised += other.marks_raised
        self.marks_failed += other.marks_failed
        self.passes += other.passes
        self.not_modified += other.not_modified


class _Owner:
    """Lives as long as its thread does."""

    __slots__ = ("__weakref__", "counts")

    def __init__(self) -> None:
        self.counts = Counts()


class _Registry:
    """The counts of all threads of this process, those that have ended in one sum."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: list[tuple[weakref.ref[_Owner], Counts]] = []
        self._ended = Counts()

    def new(self) -> _Owner:
        owner = _Owner()
        with self._lock:
            self._bury()
            self._living.append((weakref.ref(owner), owner.counts))
        return owner

    def total(self) -> Counts:
        total = Counts()
        with self._lock:
            self._bury()
            total.add(self._ended)
            for _, counts in self._living:
                total.add(counts)
        return total

    def samples(self) -> list[str]:
        with self._lock:
            deques = [self._ended.sampled, *(counts.sampled for _, counts in self._living)]
        return [samples.popleft() for samples in deques for _ in range(len(samples))]

    def _bury(self) -> None:
        living = []
        for owner, counts in self._living:
            if owner() is None:
                self._ended.add(counts)
                self._ended.sampled.extend(counts.sampled)
            else:
                living.append((owner, counts))
        self._living = living


_registry = _Registry()
_of_thread = threading.local()


def mine() -> Counts:
    """Return the counts of this thread."""
    try:
        owner: _Owner = _of_thread.owner
    except AttributeError:
        owner = _of_thread.owner = _registry.new()
        if settings.TORG_COUNTS_ARE_KEPT:
            flushing.start(total, samples)
    return owner.counts


def total() -> Counts:
    """Return the sum of what all threads of this process have counted, those that have ended among them."""
    return _registry.total()


def samples() -> list[str]:
    """Take the keys that were sampled since the last time."""
    return _registry.samples()


def _begin_anew() -> None:
    """A child begins at nothing: what its parent counted is the parent's to tell."""
    global _registry  # noqa: PLW0603
    _registry = _Registry()
    _of_thread.__dict__.clear()


os.register_at_fork(after_in_child=_begin_anew)
