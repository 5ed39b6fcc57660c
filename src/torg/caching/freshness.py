"""Whether a document that is kept is fresh: one question to Redis, shared with all who ask at the same time."""

import threading
import time

from torg.caching.marks import Pulse
from torg.caching.memory import Kept
from torg.caching.redis import Connection, using
from torg.caching.trust import forget, held, trusted_epoch


def is_fresh(kept: Kept, *, lag: float = 0.0) -> bool:
    """Say whether nothing speaks against ``kept``, now or, where that is tolerated, ``lag`` seconds ago.

    Raises ``RedisAway``, and ``Untrusted`` where Redis cannot say.
    """
    if kept.expires_at <= time.time():
        return False
    moment = time.monotonic() - lag
    # While nobody writes, the pulse is all there is to ask for; else the document's own tags are.
    if kept.pulse is not None and kept.pulse == _shared.latest and _shared.asked_after(moment) == kept.pulse:
        return True
    return using(lambda redis: is_proved(redis, kept))


def is_proved(redis: Connection, kept: Kept) -> bool:
    """Ask for the marks of all tags of ``kept``, and remember the pulse with which it was fresh."""
    if kept.expires_at <= time.time():
        return False
    if kept.proof.epoch != trusted_epoch(redis):
        # Of an epoch that this process has not heard of yet, or of one that is over, perhaps of another database.
        forget()
        if kept.proof.epoch != trusted_epoch(redis):
            return False
    kept.pulse = kept.proof.holds_since(redis)
    if kept.pulse is None:
        return False
    _shared.latest = kept.pulse
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
        with self._lock:
            if self._asked_at <= moment:  # Else whoever had the lock before us asked after that moment, too.
                using(self._ask)
            return self._told

    def _ask(self, redis: Connection) -> None:
        asked_at = time.monotonic()  # Before trust is looked at: it may be over when Redis is asked.
        trusted_epoch(redis)
        news = redis.differs(held.ask_for_pulse, self._reply)
        if news is not None:
            self._reply, (epoch, raised) = news
            self._told = self.latest = None if epoch is None or raised is None else (epoch, raised)
        self._asked_at = asked_at


_shared = _SharedPulse()
