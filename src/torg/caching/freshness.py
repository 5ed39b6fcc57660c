"""Whether documents that are kept are fresh: one question to Redis, shared by all who ask at the same time."""

import threading
import time
from collections.abc import Callable, Sequence

from torg.caching.marks import Pulse, epoch_told
from torg.caching.memory import Kept
from torg.caching.redis import Connection, using
from torg.caching.trust import Untrusted, epoch_at_hand, forget, held, trusted_epoch


def is_fresh(kept: Kept, *, lag: float = 0.0) -> bool:
    """Say whether nothing speaks against ``kept``, now or, where that is tolerated, ``lag`` seconds ago.

    Raises ``RedisAway``, and ``Untrusted`` where Redis cannot say.
    """
    if kept.expires_at <= time.time():
        return False
    moment = time.monotonic() - lag
    if kept.checked_at > moment:
        return True
    # While nobody writes, the pulse is all there is to ask for; else the document's own tags are. What others make of
    # the document meanwhile is theirs: only what was read here is compared.
    pulse = kept.pulse
    if pulse is not None and pulse == _shared.latest and _shared.asked_after(moment) == pulse:
        return True
    return using(lambda redis: is_proved(redis, kept))


def is_proved(redis: Connection, kept: Kept) -> bool:
    """Ask for the marks of all tags of ``kept``, and remember the pulse with which it was fresh."""
    if kept.expires_at <= time.time():
        return False
    for _ in range(2):
        asked_at = time.monotonic()
        epoch = trusted_epoch(redis)
        scores = kept.proof.scores(redis)
        if epoch_told(scores) == epoch:
            break
        forget()  # There is another epoch than this process has heard of, or none any more.
    else:
        return False
    pulse = kept.judge(scores, asked_at)
    if pulse is None:
        return False
    _shared.latest = pulse
    return True


class _Pulse:
    """The pulse as Redis told it last; of one thread at a time."""

    def __init__(self, epoch: Callable[[Connection], int]) -> None:
        self._epoch = epoch
        self._reply = b""
        self.told: Pulse | None = None
        self.asked_at = 0.0
        """When Redis was asked (``time.monotonic``). Set after what it told, and to be read before."""

    def ask(self, redis: Connection) -> bool:
        """Ask for it, if the marks are trusted; say whether it is another than before."""
        asked_at = time.monotonic()  # Before trust is looked at: it may be over when Redis is asked.
        self._epoch(redis)
        news = redis.differs(held.ask_for_pulse, self._reply)
        if news is not None:
            reply, (epoch, raised) = news
            self.told = None if epoch is None or raised is None else (epoch, raised)
            self._reply = reply
        self.asked_at = asked_at
        return news is not None


class _SharedPulse:
    """The pulse, asked for by one thread at a time, for all that wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pulse = _Pulse(trusted_epoch)
        self.latest: Pulse | None = None
        """What anybody was told lately: a guess at what will be told next."""

    def asked_after(self, moment: float) -> Pulse | None:
        """Return the pulse that Redis told whoever asked after ``moment``; None where there is none."""
        if self._pulse.asked_at > moment:
            return self._pulse.told
        failures = held.failures
        with self._lock:
            if (
                self._pulse.asked_at <= moment
            ):  # Else whoever had the lock before us asked after that moment, too.
                if failures != held.failures:
                    raise Untrusted("another thread has just found that nobody can say")
                if using(self._pulse.ask):
                    self.latest = self._pulse.told
            return self._pulse.told


_shared = _SharedPulse()


class BatchFreshness:
    """Says of many documents at once whether they are fresh, for one thread that must not wait for others.

    It waits for nothing but Redis, at most for two answers whatever the number of documents.
    """

    def __init__(self, *, lag: float) -> None:
        self._lag = lag
        self._pulse = _Pulse(epoch_at_hand)

    def __call__(self, batch: Sequence[Kept]) -> list[bool]:
        """Say which of ``batch`` nothing speaks against, now or, where that is tolerated, a moment ago.

        Raises ``RedisAway``, and ``Untrusted`` where Redis cannot say by itself.
        """
        moment = time.monotonic() - self._lag
        if self._pulse.asked_at <= moment:
            # It is not the one to try whether Redis is there again: where nobody is trusted it would not come to
            # ask, and while it is let through no other is, who would.
            using(self._pulse.ask, may_connect=False)
        pulse, now = self._pulse.told, time.time()
        unproved = list(batch) if pulse is None else _without(pulse, batch)
        if unproved:
            unproved = [kept for kept in unproved if kept.checked_at <= moment]
            unproved = list(dict.fromkeys(unproved))  # Many may have asked for the same.
            failed = using(lambda redis: _failed(redis, unproved), may_connect=False) if unproved else ()
            return [kept.expires_at > now and kept not in failed for kept in batch]
        return [kept.expires_at > now for kept in batch]


def _without(pulse: Pulse, batch: Sequence[Kept]) -> list[Kept]:
    """Return those of ``batch`` that were not found fresh with ``pulse``."""
    unproved = []
    for kept in batch:
        if kept.pulse is not pulse:
            if kept.pulse == pulse:
                kept.pulse = pulse  # The same for all, so that nobody has to look into it the next time.
            else:
                unproved.append(kept)
    return unproved


def _failed(redis: Connection, unproved: Sequence[Kept]) -> set[Kept]:
    """Ask for the marks of all tags of all of them, and return those that are not fresh."""
    asked_at = time.monotonic()
    epoch = epoch_at_hand(redis)
    replies = redis.pipeline([kept.proof.question() for kept in unproved])
    if any(epoch_told(scores) != epoch for scores in replies):
        forget()
        return set(unproved)
    return {
        kept for kept, scores in zip(unproved, replies, strict=True) if kept.judge(scores, asked_at) is None
    }
