"""The protocol is never stale, in any order of events, and each of its rules is needed for that."""

import pytest

from tests.caching.model import (
    Builder,
    Epoch,
    Relay,
    Rules,
    Snapshot,
    World,
    Writer,
    explore,
)
from tests.caching.model_readers import Joiner, Process, Reader, Sharer

SCENARIOS = {
    "two writers, one of them long": World(
        (Writer("Anna"), Writer("Ben"), Builder("Builder", times=2)), ticks=1
    ),
    "a writer who loses Redis, a relay": World(
        (Writer("Anna", reaches_redis=False), Builder("Builder"), Relay("Relay", times=2)), ticks=5
    ),
    "a writer outside Torg, a relay": World(
        (Writer("psql", is_torg=False), Builder("Builder"), Relay("Relay", times=2)), ticks=5
    ),
    "two relays at once": World(
        (Writer("psql", is_torg=False), Builder("Builder"), Relay("Relay"), Relay("Other relay")), ticks=4
    ),
    "a reader between two steps": World(
        (Writer("Anna", reaches_redis=False), Builder("Builder"), Reader("Reader"), Relay("Relay")), ticks=3
    ),
    "a joiner": World((Writer("Anna"), Builder("Builder"), Joiner("Joiner")), ticks=1),
    "a rolled back writer": World((Writer("Anna", may_roll_back=True), Writer("Ben"), Builder("Builder")), ticks=1),
    "Redis is flushed": World(
        (Writer("Anna"), Builder("Builder"), Relay("Relay", times=2)), disasters=("flush",), ticks=2
    ),
    "Redis is flushed, a writer outside Torg": World(
        (Writer("psql", is_torg=False), Builder("Builder"), Relay("Relay", times=2)),
        disasters=("flush",), ticks=4,
    ),
    "Redis is flushed under two relays": World(
        (Writer("psql", is_torg=False), Builder("Builder"), Relay("Relay"), Relay("Other relay")),
        disasters=("flush",), ticks=2,
    ),
    "Redis restarts empty": World(
        (Writer("Anna"), Builder("Builder"), Relay("Relay", times=2)), disasters=("restart",), ticks=2
    ),
    "Redis restarts from an old copy": World(
        (Writer("Anna"), Builder("Builder"), Relay("Relay", times=2)),
        disasters=("save", "restore"), ticks=2,
    ),
    "PostgreSQL crashes after a rollback": World(
        (Writer("Anna", may_roll_back=True), Writer("Ben"), Builder("Builder"), Relay("Relay")),
        disasters=("crash",), ticks=1,
    ),
    # As if a transaction 1 had been rolled back, and one relay had seen that it is over.
    "PostgreSQL crashes under a confirmation": World(
        (Writer("psql", is_torg=False), Builder("Builder"), Relay("Relay", times=2),
         Relay("Slow relay", "raised", redis_run=1, epoch=Epoch(1, 1, 1), snapshot=Snapshot(2), server_run=1)),
        next_xid=2, disasters=("crash",), ticks=2,
    ),
    "an import of more than an hour": World(
        (Writer("Import", is_torg=False, is_old=True), Builder("Builder"), Relay("Relay", times=2)),
        disasters=("remove",), ticks=4,
    ),
    "readers share the pulse": World(
        (Writer("Anna"), Builder("Builder"), Process("Process", (Sharer(), Sharer()))), ticks=1
    ),
    "readers share the pulse, a writer outside Torg": World(
        (Writer("psql", is_torg=False), Builder("Builder"), Process("Process", (Sharer(), Sharer()))), ticks=3
    ),
    "a reader by the pulse, a relay": World(
        (Writer("Anna"), Builder("Builder"), Process("Process", (Sharer(),)), Relay("Relay")), ticks=2
    ),
    "a reader by the pulse, Redis is flushed": World(
        (Writer("Anna"), Builder("Builder"), Process("Process", (Sharer(),)), Relay("Relay")),
        disasters=("flush",), ticks=1,
    ),
    "a reader by the pulse, Redis restarts from an old copy": World(
        (Writer("Anna"), Builder("Builder"), Process("Process", (Sharer(),)), Relay("Relay")),
        disasters=("save", "restore"),
    ),
}  # fmt: skip

# Each rule, what it is to break it, and where that shows.
BROKEN = {
    "reads_compare_marks": ("the document is deleted after the commit", "two writers, one of them long"),
    "horizon_is_xmin": ("the horizon is the next number", "two writers, one of them long"),
    "horizon_before_rows": ("the horizon is taken after the rows", "two writers, one of them long"),
    "marks_only_grow": ("a late older writer lowers a mark", "two writers, one of them long"),
    "joiner_compares_marks": ("a joiner takes it unseen", "a joiner"),
    "trust_before_marks": ("marks are compared before trust", "a reader between two steps"),
    "builds_outside_transactions": ("a document is stored before the commit", "a rolled back writer"),
    "writer_without_redis_waits": ("a writer does not wait", "a writer who loses Redis, a relay"),
    "trust_from_start": ("trust is reckoned from the end", "a writer outside Torg, a relay"),
    "confirms_outside_transactions": ("a writer confirms", "a writer outside Torg, a relay"),
    "marks_follow_commit": ("the mark is raised before the commit", "Redis is flushed"),
    "epoch_before_horizon": ("the epoch is read after the horizon", "Redis is flushed"),
    "snapshot_before_epoch": ("the epoch comes first", "Redis is flushed, a writer outside Torg"),
    "epoch_names_redis": ("any run of Redis is trusted", "Redis restarts from an old copy"),
    "epoch_names_postgresql": ("any run of PostgreSQL is", "PostgreSQL crashes after a rollback"),
    "writer_compares_server": ("a writer does not compare", "PostgreSQL crashes after a rollback"),
    "confirmation_checks_epoch": ("it is not checked", "PostgreSQL crashes under a confirmation"),
    "removes_only_confirmed": ("changes are removed by age alone", "an import of more than an hour"),
    "pulse_rises_not_early": ("the pulse rises before the mark", "a reader by the pulse, a relay"),
    "pulse_rises_not_late": ("the pulse rises after the mark", "a reader by the pulse, a relay"),
    "pulse_is_not_taken_late": ("the pulse is taken after the marks are compared", "readers share the pulse"),
    "pulse_is_not_taken_early": (
        "the pulse is taken before they are",
        "a reader by the pulse, Redis restarts from an old copy",
    ),
    "missing_pulse_equals_nothing": ("none equals none", "a reader by the pulse, Redis is flushed"),
    "answers_are_asked_after": ("an older answer is taken", "readers share the pulse"),
    "question_begins_before_trust": (
        "it is shared by who came after trust was looked at",
        "readers share the pulse, a writer outside Torg",
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_order_of_events_makes_a_read_stale(scenario: str) -> None:
    explored = explore(SCENARIOS[scenario], Rules())

    assert explored.trace == []
    assert explored.useful > 0


@pytest.mark.parametrize("rule", Rules._fields)
def test_without_one_rule_a_stale_read_is_found(rule: str) -> None:
    broken, scenario = BROKEN[rule]

    explored = explore(SCENARIOS[scenario], Rules()._replace(**{rule: False}))

    print("\n".join([f"{rule}: {broken}. {scenario}:", *explored.trace]))
    assert explored.trace[-1].startswith("=> ")
