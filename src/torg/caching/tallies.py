"""What all processes have counted, as Redis keeps it: by minute for three hours, in all, and the documents most read.

Figures are whole numbers by name: ``read:<kind>:<outcome>``, ``built:<kind>``, ``build_microseconds:<kind>``, and
those of ``SINGLE``.
"""

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl
from uuid import uuid4

from torg.caching.keys import key
from torg.caching.kinds import Asked, DocumentKind, kind_named
from torg.caching.redis import Connection, using
from torg.lib.parameters import WrongParameters

if TYPE_CHECKING:
    from torg.caching.counting import Counts

SINGLE = ("marks_raised", "marks_failed", "passes", "not_modified")
MINUTES_KEPT = 180
READS_KEPT_SECONDS = 2 * 86_400
MOST_READ_KEPT = 20_000
# Newcomers have a chance to be read more often before it is cut down to the most read.
_MOST_READ_BEFORE_CUT = 25_000
_PAGE = 1_000

PRESENT_SECONDS = 10
# Process ids are of one machine.
_PROCESS_PLACE = uuid4().hex[:12]

# A batch whose number was seen last from its process has been added already: only the answer was lost.
_ADD = """
if redis.call('GET', KEYS[4]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[4], ARGV[1], 'EX', 3600)
local figures, at = tonumber(ARGV[2]), 3
for i = 1, figures do
  redis.call('HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1])
  redis.call('HINCRBY', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
redis.call('EXPIRE', KEYS[1], ARGV[at])
if ARGV[at + 4] then
  for i = at + 4, #ARGV, 2 do redis.call('ZINCRBY', KEYS[3], ARGV[i + 1], ARGV[i]) end
  redis.call('EXPIRE', KEYS[3], ARGV[at + 1])
  if redis.call('ZCARD', KEYS[3]) > tonumber(ARGV[at + 2]) then
    redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[at + 3]))
  end
end
return 1
"""


def figures_of(counts: "Counts") -> Counter[str]:
    """Return the figures of ``counts`` by name."""
    figures = Counter({name: getattr(counts, name) for name in SINGLE})
    figures.update({f"read:{kind}:{outcome}": number for (kind, outcome), number in counts.outcomes.items()})
    figures.update({f"built:{kind}": number for kind, number in counts.builds.items()})
    figures.update(
        {f"build_microseconds:{kind}": int(seconds * 1e6) for kind, seconds in counts.build_seconds.items()}
    )
    return figures


@dataclass(frozen=True)
class Batch:
    """What one process counted in a minute: how much more than before, and how often it sampled which key."""

    figures: Mapping[str, int]
    samples: Mapping[str, int]
    at: float = field(default_factory=time.time)
    number: str = field(default_factory=lambda: uuid4().hex)


def add(batch: Batch) -> None:
    """Add a batch, once however often it is tried. Raises ``RedisAway``."""
    keys = [
        key(f"stats:{int(batch.at) // 60}"),
        key("stats:total"),
        key(f"reads:{int(batch.at) // 86_400}"),
        key(f"stats:process:{_PROCESS_PLACE}:{os.getpid()}"),
    ]
    figures = [part for name, number in batch.figures.items() for part in (name, number)]
    samples = [part for name, number in batch.samples.items() for part in (name, number)]
    limits = (MINUTES_KEPT * 60, READS_KEPT_SECONDS, _MOST_READ_BEFORE_CUT, MOST_READ_KEPT)
    arguments = (batch.number, len(batch.figures), *figures, *limits, *samples)
    using(lambda redis: redis.run("EVAL", _ADD, len(keys), *keys, *arguments))


class Present(NamedTuple):
    """How many processes were heard of lately, and what they keep in their memory together."""

    processes: int
    documents: int
    bytes: int


def note_presence(documents: int, size: int) -> None:
    """Say that this process is there, and what it keeps in its memory. Raises ``RedisAway``."""
    told = f"{int(time.time())} {documents} {size}"
    name = key("stats:processes")
    note = ("HSET", name, f"{_PROCESS_PLACE}:{os.getpid()}", told)
    # Gone when the last process is; else those that nobody asks for would stay.
    using(lambda redis: redis.pipeline([note, ("EXPIRE", name, PRESENT_SECONDS)]))


def present(redis: Connection, *, now: float) -> Present:
    """Sum up the processes that said within the last ten seconds that they are there, and forget the others."""
    reply = redis.run("HGETALL", key("stats:processes"))
    processes = documents = size = 0
    for name, told in zip(reply[::2], reply[1::2], strict=True):
        at, its_documents, its_size = map(int, told.split())
        if at < now - PRESENT_SECONDS:
            redis.run("HDEL", key("stats:processes"), name)
            continue
        processes, documents, size = processes + 1, documents + its_documents, size + its_size
    return Present(processes, documents, size)


def in_all(redis: Connection) -> dict[str, int]:
    """Return all that was counted since Redis began."""
    return _numbers(redis.run("HGETALL", key("stats:total")))


def by_minute(redis: Connection, minutes: int, *, now: float) -> list[tuple[int, dict[str, int]]]:
    """Return what was counted in each of the last ``minutes``, this one last; a minute begins at seconds since 1970."""
    this = int(now) // 60
    wanted = range(this - minutes + 1, this + 1)
    replies = redis.pipeline([("HGETALL", key(f"stats:{minute}")) for minute in wanted])
    return [(minute * 60, _numbers(reply)) for minute, reply in zip(wanted, replies, strict=True)]


def most_read(kind_name: str, limit: int) -> list[str]:
    """Return the keys of the documents of a kind that were read most yesterday and today, the most read first.

    Raises ``RedisAway``.
    """
    today = int(time.time()) // 86_400
    reads: Counter[str] = Counter()
    for day in (today, today - 1):
        for name, number in using(lambda redis, day=day: _read_on(redis, day)):  # type: ignore[misc]
            if name.startswith(f"{kind_name}:"):
                reads[name] += number
    return [name for name, _ in reads.most_common(limit)]


def asked_of(document_key: str) -> tuple[DocumentKind, Asked] | None:
    """Return what was asked for by a key (``DocumentKind.key``), or None.

    A key may be of another release, which knew other kinds and parameters.
    """
    name, _, rest = document_key.partition(":")
    place, _, query = rest.partition("?")
    try:
        kind = kind_named(name)
        asked = kind.parameters.read(parse_qsl(query, keep_blank_values=True))
    except (KeyError, WrongParameters):
        return None
    if kind.place:
        asked[kind.place] = place
    return (kind, asked) if kind.key(asked) == document_key else None


def _read_on(redis: Connection, day: int) -> list[tuple[str, int]]:
    found = []
    for start in range(0, _MOST_READ_BEFORE_CUT, _PAGE):
        reply = redis.run("ZREVRANGE", key(f"reads:{day}"), start, start + _PAGE - 1, "WITHSCORES")
        found += [(name.decode(), int(number)) for name, number in zip(reply[::2], reply[1::2], strict=True)]
        if len(reply) < 2 * _PAGE:
            break
    return found


def _numbers(reply: list[bytes]) -> dict[str, int]:
    return {name.decode(): int(number) for name, number in zip(reply[::2], reply[1::2], strict=True)}
