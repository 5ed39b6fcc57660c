"""What can be warmed: groups of documents, named by the kinds that are warmed with them."""

from torg.caching.kinds import kinds

ALL = "all"
_declared: list[str] = []


class NoSuchGroup(ValueError):
    """There is nothing of this name to warm; the message says what there is."""


def declare_groups(*names: str) -> None:
    """Make groups known, in the order in which they are told of; one that no kind names has nothing to warm yet."""
    _declared.extend(name for name in names if name not in _declared)


def job_types() -> list[str]:
    """Return all types that a warming job can have."""
    named = [group for kind in kinds() for group in kind.warmed_as]
    return list(dict.fromkeys([*_declared, *named, ALL]))


def ensure_job_type(job_type: str) -> None:
    """Raise ``NoSuchGroup`` unless there is such a type."""
    known = job_types()
    if job_type not in known:
        raise NoSuchGroup(f"{job_type!r} cannot be warmed. Use one of {', '.join(known)}.")
