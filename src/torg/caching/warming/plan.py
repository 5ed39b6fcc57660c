"""What to warm, in which order: what is read most, then all else, each once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.conf import settings

from torg.caching.counting import asked_of, most_read
from torg.caching.kinds import Asked, DocumentKind, kinds
from torg.caching.warming.groups import ALL

BATCH = 100

Batch = tuple[DocumentKind, Sequence[Asked]]


def batches_of(job_type: str) -> list[Batch]:
    """Return what to ask for, in batches of one kind: what is read most of any kind first.

    Of each kind at most ``CACHE_WARM_LIMIT`` documents. Raises ``RedisAway``.
    """
    first: list[Batch] = []
    then: list[Batch] = []
    for kind in kinds():
        if job_type == ALL or job_type in kind.warmed_as:
            often = dict(islice(_often(kind, job_type), settings.TORG_CACHE_WARM_LIMIT))
            others = _others(kind, job_type, often)
            first += _cut(kind, list(often.values()))
            then += _cut(kind, list(others.values()))
    return first + then


def _often(kind: DocumentKind, job_type: str) -> Iterator[tuple[str, Asked]]:
    """Go through what is read most of ``kind``, but not what there is no end of: anybody may have it read often.

    The first group that a kind names is its own: with another, only what that names is warmed.
    """
    is_its_own = job_type == ALL or next(iter(kind.warmed_as), "") == job_type
    named = None if is_its_own else {kind.key(asked) for asked in kind.every(job_type)}
    for key in most_read(kind.name, settings.TORG_CACHE_WARM_LIMIT):
        found = asked_of(key)
        if found is None or kind.is_open(found[1]):
            continue
        if named is None or key in named:
            yield key, found[1]


def _others(kind: DocumentKind, job_type: str, often: dict[str, Asked]) -> dict[str, Asked]:
    """Return what else there is, by its key, up to the limit with what is read often."""
    groups: Iterable[str] = kind.warmed_as if job_type == ALL else [job_type]
    room = settings.TORG_CACHE_WARM_LIMIT - len(often)
    found: dict[str, Asked] = {}
    for group in groups:
        for asked in kind.every(group):
            if len(found) >= room:
                return found
            key = kind.key(asked)
            if key not in often:
                found[key] = asked
    return found


def _cut(kind: DocumentKind, asked: Sequence[Asked]) -> list[Batch]:
    return [(kind, asked[start : start + BATCH]) for start in range(0, len(asked), BATCH)]
