"""Whether a document that is kept is fresh: one question to Redis, shared with all who ask at the same time."""

import threading
import time

from torg.caching.marks import Pulse, epoch_told
from torg.caching.memory import Kept
from torg.caching.redis import Connection, using
from torg.caching.trust import Untrusted, forget, held, trusted_epoch


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
    pulse = kept.proof.judged(scores)
    if pulse is None:
        return False
    kept.pulse = _shared.latest = pulse
    kept.checked_at = asked_at
    return True


class _SharedPulse:
    """The pulse, asked for by one thread at a time, for all that wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reply = b""
        self._told: Pulse | None = None
        # When Redis was asked (``time.monotonic``). Set after what it told, and read before.
        self._asked_at = 0.0
        self.latest: Pulse | None = None
        """What anybody was told lately: a guess at what will be told next."""

    def asked_after(self, moment: float) -> Pulse | None:
        """Return the pulse that Redis told whoever asked after ``moment``; None where there is none."""
        if self._asked_at > moment:
            return self._told
        failures = held.failures
        with self._lock:
            if self._asked_at <= moment:  # Else whoever had the lock before us asked after that moment, too.
                if failures != held.failures:
                    raise Untrusted("another thread has just found that nobody can say")
                using(self._ask)
            return self._told

    def _ask(self, redis: Connection) -> None:
        asked_at = time.monotonic()  # Before trust is looked at: it may be over when Redis is asked.
        trusted_epoch(redis)
        news = redis.differs(held.ask_for_pulse, self._reply)
        if news is not None:
            reply, (epoch, raised) = news
            self._told = self.latest = None if epoch is None or raised is None else (epoch, raised)
            self._reply = reply
        self._asked_at = asked_at


_shared = _SharedPulse()
