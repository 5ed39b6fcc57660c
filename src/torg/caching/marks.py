"""Marks: for each tag the highest transaction that is known to have changed it, all in one sorted set in Redis.

A document is fresh if its epoch is that of the set, and none of its tags has a mark at or above its horizon. The set
also counts how often marks were raised: with the epoch that makes its **pulse**. What was fresh is fresh as long as the
pulse is the same, so one short question serves for all documents while nobody writes.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torg.caching.keys import forget_namespace, key
from torg.caching.redis import Connection, packed, using

EVERYTHING = "*"
EPOCH = "epoch"
# How long the marks are believed to be complete after a confirmation has begun (torg.caching.trust).
TRUST_MILLISECONDS = 250
# A score is a double: whole numbers are exact up to 2**53. Epochs lie above all transactions there will ever be, so
# that trimming by score leaves the epoch alone.
_EPOCHS_BEGIN = 1 << 52
_RANDOM_BITS = 26
# It begins there for the same reason.
NEVER_RAISED = _EPOCHS_BEGIN
_AT_ONCE = 1_000

RAISED = "raised"
Pulse = tuple[bytes, bytes]
"""The epoch, and how often marks were raised in it, as Redis writes them."""

# At once, or somebody could see the pulse before the marks, or the marks of one who died before he told of them.
_RAISE = """
local changed = 0
for index = 1, #ARGV, 2 do
  changed = changed + redis.call('ZADD', KEYS[1], 'GT', 'CH', ARGV[index], ARGV[index + 1])
end
if changed > 0 then redis.call('ZINCRBY', KEYS[1], 1, 'raised') end
return redis.call('ZSCORE', KEYS[1], 'epoch')
"""


class OfAnotherGeneration(Exception):
    """The marks in Redis are of another generation of the database, or of another run of Redis."""


def raise_marks(tags: Mapping[str, int], *, generation: str = "") -> None:
    """Raise the mark of each tag to the transaction that changed it; lower and repeated ones change nothing.

    Raises ``RedisAway``, and where ``generation`` is given ``OfAnotherGeneration`` if the marks are not of it: who
    still trusts them would compare numbers that do not belong together. To raise some marks twice is harmless.
    """
    name = key("marks")
    commands: list[list[str | int]] = []
    if EVERYTHING in tags:
        commands += [["DEL", name], ["ZSCORE", name, EPOCH]]
    else:
        members = list(tags.items())
        for start in range(0, len(members), _AT_ONCE):
            pairs = [part for tag, xid in members[start : start + _AT_ONCE] for part in (xid, tag)]
            commands.append(["EVAL", _RAISE, 1, name, *pairs])
    epoch, run_id = using(lambda redis: (redis.pipeline(commands)[-1], redis.run_id), is_patient=True)
    # Where there is no epoch nobody has a document, and whoever builds one later sees what was written.
    if generation and epoch is not None and not belongs_here(whole(epoch), run_id, generation):
        forget_namespace()
        raise OfAnotherGeneration("the marks in Redis are of another run of PostgreSQL or of Redis")


def whole(score: bytes) -> int:
    """Read a score. Redis may write 100000000 as ``1e+8``."""
    return int(float(score))  # Exact up to 2**53.


def with_wildcards(tags: Sequence[str]) -> tuple[str, ...]:
    """Add to ``tags`` the names under which a statement that changed very many of a kind tells of all."""
    kinds = {tag.partition(":")[0] for tag in tags if ":" in tag}
    return (*tags, *(f"{kind}:*" for kind in sorted(kinds)))


@dataclass(frozen=True, slots=True)
class Proof:
    """What a document with ``tags`` was built from: valid in ``epoch``, before all transactions from ``horizon`` on."""

    epoch: int
    horizon: int
    tags: tuple[str, ...]

    def scores(self, redis: Connection) -> list[bytes | None]:
        """Ask for all that can speak against the document, for ``judged``."""
        found: list[bytes | None] = redis.run(*self.question())
        return found

    def question(self) -> tuple[str, ...]:
        """Return the command that asks for it."""
        return ("ZMSCORE", key("marks"), EPOCH, RAISED, *with_wildcards(self.tags))

    def judged(self, scores: Sequence[bytes | None]) -> Pulse | None:
        """Return the pulse with which the document is fresh by ``scores``, None if it is not."""
        epoch, raised, *marks = scores
        if epoch is None or raised is None or whole(epoch) != self.epoch or not self.horizon:
            return None
        if any(mark is not None and whole(mark) >= self.horizon for mark in marks):
            return None
        return epoch, raised


def epoch_told(scores: Sequence[bytes | None]) -> int | None:
    """Return the epoch among the scores that a ``Proof`` asked for, None where there is none."""
    return None if scores[0] is None else whole(scores[0])


def ask_for_pulse() -> bytes:
    """Return the encoded command that asks for the pulse: ``[epoch, raised]``, either None where there is none."""
    return packed("ZMSCORE", key("marks"), EPOCH, RAISED)


def new_epoch(run_id: str, generation: str) -> int:
    """Make an epoch of this run of Redis and this ``generation`` of the database."""
    return _beginning(run_id, generation) + secrets.randbits(_RANDOM_BITS)


def belongs_here(epoch: int, run_id: str, generation: str) -> bool:
    """Say whether ``epoch`` was made under this run of Redis: its marks may be older where Redis came back."""
    return epoch >> _RANDOM_BITS == _beginning(run_id, generation) >> _RANDOM_BITS


def _beginning(run_id: str, generation: str) -> int:
    digest = hashlib.blake2b(f"{run_id} {generation}".encode(), digest_size=8).digest()
    bits = int.from_bytes(digest) % (1 << (52 - _RANDOM_BITS))
    return _EPOCHS_BEGIN + (bits << _RANDOM_BITS)


def trim(redis: Connection, horizon: int) -> int:
    """Remove the marks below ``horizon`` and return how many: no document is old enough to need them."""
    removed: int = redis.run("ZREMRANGEBYSCORE", key("marks"), 0, f"({horizon}")
    return removed
