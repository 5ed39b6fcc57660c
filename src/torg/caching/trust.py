"""Trust: for how long this process may believe the marks in Redis.

A mark may be missing: its writer died after its commit, or wrote behind Torg's back, or Redis did not answer. So
cached documents are served only for a quarter of a second after the beginning of a confirmation, which raises the
marks of all changes that were committed before it. Each worker's relay confirms ten times a second; a reader who finds
that nobody has does it himself. And a writer who could not raise a mark waits until no trust from before his commit is
left, so that even then nobody reads what he has overwritten after he has been told that it is written.

The time is Redis's own, taken before the changes are looked up, so it does not matter how long a confirmation takes.
"""

import threading
import time
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection
from psycopg_pool import PoolTimeout

from torg.caching import changes, counting, marks
from torg.caching.keys import forget_namespace, is_known, key
from torg.caching.redis import Connection, NotAsked
from torg.caching.transactions import is_in_transaction
from torg.lib.reconnecting import read_again_when_disconnected

_TRIES = 3

# The epoch must still be the one whose marks were raised. Trust is never shortened: who began earlier may end later.
_CONFIRM = """
if tonumber(redis.call('ZSCORE', KEYS[1], 'epoch') or '') ~= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2])
local held = redis.call('GET', KEYS[3])
if not held or tonumber(string.match(held, '%d+$')) < tonumber(ARGV[3]) then
  redis.call('SET', KEYS[3], ARGV[1] .. ' ' .. ARGV[3], 'PXAT', ARGV[3])
  redis.call('SET', KEYS[4], ARGV[3])
end
return 1
"""
# All marks of the epoch before go. What changed up to the snapshot can be in no document of the new epoch's time.
_BEGIN_EPOCH = """
local found = redis.call('ZSCORE', KEYS[1], 'epoch')
if tonumber(found or '') ~= tonumber(ARGV[4]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], ARGV[1], 'epoch', ARGV[5], 'raised')
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2])
redis.call('SET', KEYS[3], ARGV[1] .. ' ' .. ARGV[3], 'PXAT', ARGV[3])
redis.call('SET', KEYS[4], ARGV[3])
return 1
"""


class Untrusted(Exception):
    """Nobody can say now whether the marks in Redis are complete."""


class NotAtHand(Untrusted, NotAsked):
    """It takes PostgreSQL or another thread to say so."""


@dataclass
class _Trust:
    """What this process knows: the epoch of a run of Redis, and until when (``time.monotonic``) to believe it."""

    epoch: int = 0
    run_id: str = ""
    generation: str = ""
    until: float = 0.0
    ask_for_pulse: bytes = b""
    """The command for it, encoded: it is asked for at each read."""
    xmin: int = 0
    """All transactions below are over, and their marks raised."""
    failures: int = 0


held = _Trust()
_lock = threading.Lock()


def trusted_epoch(redis: Connection) -> int:
    """Return the epoch whose marks are complete up to a quarter of a second ago, confirming it where nobody has.

    Raises ``Untrusted`` where that cannot be done, because PostgreSQL is away, too.
    """
    if _is_held(redis):
        return held.epoch
    failures = held.failures
    with _lock:
        if _is_held(redis):
            return held.epoch
        if failures != held.failures:
            raise Untrusted("another thread has just found that nobody can say")
        try:
            if held.run_id == redis.run_id and _is_confirmed_by_another(redis):
                return held.epoch
            return confirm(redis)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            held.failures += 1
            raise Untrusted(str(error)) from error
        except ConnectionError:
            raise  # That was this connection, and took no time.
        except Exception:
            held.failures += 1  # Or all who wait here would wait in vain for it, one after the other.
            raise


def epoch_at_hand(redis: Connection) -> int:
    """Return what ``trusted_epoch`` does where that takes no PostgreSQL and no waiting for other threads.

    Raises ``Untrusted`` where it would.
    """
    if not is_known():
        raise NotAtHand("it is to be asked for whose the marks are")
    if _is_held(redis):
        return held.epoch
    if _lock.acquire(blocking=False):
        try:
            if _is_held(redis) or (held.run_id == redis.run_id and _is_confirmed_by_another(redis)):
                return held.epoch
        finally:
            _lock.release()
    if held.run_id == redis.run_id:
        raise NotAtHand("PostgreSQL has to be asked first")
    # This connection may be to one that others have left, and nothing but a new one would show it.
    raise Untrusted("the connection is to another run of Redis than was confirmed")


def _is_held(redis: Connection) -> bool:
    return time.monotonic() < held.until and held.run_id == redis.run_id


def forget() -> None:
    """Believe nothing any more until it is confirmed."""
    held.until = 0.0
    held.run_id = ""


def confirm(redis: Connection) -> int:
    """Raise the marks of all that was committed before now, say so in Redis, and return the epoch.

    Raises ``Untrusted`` where PostgreSQL cannot be asked, and ``RedisAway``.
    """
    for _ in range(_TRIES):
        epoch = _confirm_once(redis)
        if epoch is not None:
            return epoch
    raise Untrusted("others begin new epochs faster than this one could be confirmed")


def _confirm_once(redis: Connection) -> int | None:
    """Do so once; None where somebody else began a new epoch meanwhile."""
    began, started_at = time.monotonic(), _milliseconds(redis)
    epoch, confirmed = _state(redis)
    news = _news_since(confirmed)
    _notice_generation(news.generation)
    runs_out_at = started_at + marks.TRUST_MILLISECONDS
    if epoch is not None and confirmed is not None and _goes_on(epoch, confirmed, news, redis.run_id):
        if news.tags:
            marks.raise_marks(news.tags)
        done = _script(redis, _CONFIRM, epoch, news.snapshot.text, runs_out_at)
    else:
        found, epoch = epoch, marks.new_epoch(redis.run_id, news.generation)
        done = _script(
            redis, _BEGIN_EPOCH, epoch, news.snapshot.text, runs_out_at, found or "", marks.NEVER_RAISED
        )
    if not done:
        return None
    held.epoch, held.run_id, held.xmin = epoch, redis.run_id, news.snapshot.xmin
    held.ask_for_pulse = marks.ask_for_pulse()
    held.until = began + marks.TRUST_MILLISECONDS / 1000
    counting.mine().passes += 1
    return epoch


def _news_since(confirmed: "changes.Snapshot | None") -> "changes.News":
    """Look up the changes, and leave the connection as it was: a reader who needs no other gives it back."""
    if is_in_transaction():  # Its snapshot would have its own changes, of which there may be more to come.
        raise Untrusted("a transaction is open")
    was_open = connection.connection is not None
    try:
        return read_again_when_disconnected(lambda: changes.news_since(connection, confirmed))
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Untrusted(str(error)) from error
    finally:
        if not was_open:
            connection.close()


def _goes_on(epoch: int, confirmed: "changes.Snapshot", news: "changes.News", run_id: str) -> bool:
    """Say whether the epoch is of this run of Redis and this database, and the database has not gone back in time."""
    return marks.belongs_here(epoch, run_id, news.generation) and confirmed.xmax <= news.snapshot.xmax


def _is_confirmed_by_another(redis: Connection) -> bool:
    asked_at = time.monotonic()
    marks_epoch, value, left = redis.pipeline(
        [("ZSCORE", key("marks"), marks.EPOCH), ("GET", key("trusted")), ("PTTL", key("trusted"))]
    )
    if marks_epoch is None or value is None or left <= 0:
        return False
    epoch = marks.whole(marks_epoch)
    if int(value.split()[0]) != epoch or not marks.belongs_here(epoch, redis.run_id, held.generation):
        return False
    held.epoch = epoch
    # What is left of it was told after we had asked, so it does not end before this.
    held.until = asked_at + min(left, marks.TRUST_MILLISECONDS) / 1000
    return True


def _state(redis: Connection) -> "tuple[int | None, changes.Snapshot | None]":
    """Return the epoch of the marks, and the snapshot up to which they are complete, if it is of this epoch."""
    marks_epoch, value = redis.pipeline([("ZSCORE", key("marks"), marks.EPOCH), ("GET", key("confirmed"))])
    if marks_epoch is None:
        return None, None
    epoch = marks.whole(marks_epoch)
    if value is None:
        return epoch, None
    confirmed_epoch, _, text = value.decode().partition(" ")
    return epoch, changes.Snapshot.parsed(text) if int(confirmed_epoch) == epoch else None


def _notice_generation(generation: str) -> None:
    """Another database than before answers: its keys are others, too."""
    if held.generation and held.generation != generation:
        forget_namespace()
        forget()
    held.generation = generation


def _script(redis: Connection, script: str, *arguments: str | int) -> int:
    # The last stays when trust has run out: it tells since when (torg.caching.state).
    keys = [key("marks"), key("confirmed"), key("trusted"), key("believed-until")]
    done: int = redis.run("EVAL", script, len(keys), *keys, *arguments)
    return done


def _milliseconds(redis: Connection) -> int:
    seconds, microseconds = redis.run("TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000
