"""What a run tried and found, for people and for programs."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from torg.cli.prove.plan import ALLOWANCE_SECONDS, FAILED, OUTSIDE_ROAD, PROMISED_SECONDS, Plan
from torg.cli.prove.run import Findings
from torg.cli.prove.targets import targets

LONG_ENOUGH_SECONDS = 60
"""In a run of this length every fault happens, and every kind of document is read from the cache."""
FAILED_BELOW = 0.5
"""For each read of such a run; of one in which more fail little was seen."""
SHOWN = 5


def report(findings: Findings, plan: Plan, *, as_json: bool) -> bool:
    """Print what was found, and return whether the promise holds."""
    wrong = wrong_with(findings, plan)
    if as_json:
        print(json.dumps(for_programs(findings, wrong), indent=2))
    else:
        console = Console(highlight=False)
        print_findings(
            findings, wrong, console if console.is_terminal else Console(highlight=False, width=120)
        )
    return not wrong


def wrong_with(findings: Findings, plan: Plan) -> list[str]:
    """Say why the promise does not hold, or was not really tried; nothing if all is well."""
    wrong = list(findings.wrong)
    stale, at_rest = sum(findings.stale.values()), len(findings.stale_at_rest)
    if stale:
        wrong.append(f"{stale:,} reads were stale")
    if at_rest:
        wrong.append(f"{at_rest:,} reads were stale when writers had rested for 2 s")
    if not sum(count for _, cache, count in findings.reads if cache == "hit"):
        wrong.append("no read was answered from the cache")
    if not sum(count for road, count in findings.writes.items() if road != FAILED):
        wrong.append("nothing was written")
    return wrong + (_untried(findings, plan) if plan.seconds >= LONG_ENOUGH_SECONDS else [])


def _untried(findings: Findings, plan: Plan) -> list[str]:
    """Say what has to happen in a run that is long enough, and did not."""
    untried = []
    if missing := [name for name in plan.faults if not findings.faults.get(name)]:
        untried.append(f"never happened: {', '.join(missing)}")
    hit = {kind for kind, cache, count in findings.reads if cache == "hit" and count}
    if cold := sorted({target.kind for target in targets()} - hit):
        untried.append(f"never answered from the cache: {', '.join(cold)}")
    failed, reads = sum(findings.failed_requests.values()), sum(count for _, _, count in findings.reads)
    if failed and failed >= FAILED_BELOW * reads:
        untried.append(f"{failed:,} requests failed for {reads:,} that were answered")
    return untried


def for_programs(findings: Findings, wrong: Sequence[str]) -> dict[str, Any]:
    """Return all that was found."""
    found = asdict(findings)
    found["outside_seen_after"] = _delays(findings)
    return {**found, "wrong": list(wrong), "holds": not wrong}


def print_findings(findings: Findings, wrong: Sequence[str], console: Console) -> None:
    """Print tables, the first stale reads with all that is known of them, and the verdict."""
    by_kind: dict[str, Counter[str]] = {}
    for kind, cache, count in findings.reads:
        by_kind.setdefault(kind, Counter())[cache] += count
    _print_reads(by_kind, findings.stale, console)
    writes = {road: count for road, count in findings.writes.items() if road != FAILED}
    _print_counts("writes", writes, console)
    _print_counts("faults", findings.faults, console)
    _print_details(findings, console)
    total = sum(count for _, _, count in findings.reads)
    hits = sum(count for _, cache, count in findings.reads if cache == "hit")
    stale = sum(findings.stale.values())
    console.print(
        f"{findings.seconds:.0f} s, seed {findings.seed}: {total:,} reads ({hits / max(1, total):.0%} hits), "
        f"{sum(writes.values()):,} writes, {findings.writes.get(FAILED, 0):,} that failed, "
        f"{sum(findings.failed_requests.values()):,} failed requests {findings.failed_requests or ''}"
    )
    console.print(_told_outside(findings))
    console.print(
        f"stale reads: {stale:,}; stale after 2 s of rest: {len(findings.stale_at_rest):,} ({findings.looks} looks)"
    )
    for reason in wrong:
        console.print(f"[red]wrong[/red]  {reason}")
    if not wrong:
        console.print("[green]ok[/green]     never stale")


def _print_reads(by_kind: Mapping[str, Counter[str]], stale: Mapping[str, int], console: Console) -> None:
    caches = sorted({cache for counts in by_kind.values() for cache in counts})
    table = Table("reads", *caches, "stale")
    for kind, counts in sorted(by_kind.items()):
        table.add_row(kind, *(f"{counts[cache]:,}" for cache in caches), f"{stale.get(kind, 0):,}")
    console.print(table)


def _print_counts(title: str, counts: Mapping[str, int], console: Console) -> None:
    table = Table(title, "")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    console.print(table)


def _print_details(findings: Findings, console: Console) -> None:
    for detail in sorted(findings.details, key=lambda one: float(one["at"]))[:SHOWN]:
        console.print("stale:", style="red")
        for name, value in detail.items():
            console.print(f"  {name}: {value}", markup=False)
    for detail in findings.stale_at_rest[:SHOWN]:
        console.print(f"stale at rest: {detail}", markup=False, style="red")
    for failure in findings.failed_faults[:SHOWN]:
        console.print(f"could not be done: {failure}", markup=False)


def _delays(findings: Findings) -> dict[str, float | int]:
    late = findings.outside_seen_after
    total = findings.writes.get(OUTSIDE_ROAD, 0)
    # Those that every reader saw at once are not among them.
    delays = [0.0] * max(0, total - len(late)) + late
    return {
        "writes": total,
        "p50_ms": _at(delays, 0.5),
        "p99_ms": _at(delays, 0.99),
        "max_ms": _at(delays, 1.0),
    }


def _at(ordered: Sequence[float], share: float) -> float:
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0


def _told_outside(findings: Findings) -> str:
    delays = _delays(findings)
    return (
        f"outside writes seen after: p50 {delays['p50_ms']:.0f} ms, p99 {delays['p99_ms']:.0f} ms, "
        f"max {delays['max_ms']:.0f} ms of {delays['writes']:,} "
        f"(promised: {1000 * PROMISED_SECONDS:.0f} ms; {1000 * ALLOWANCE_SECONDS:.0f} ms allowed to the measuring)"
    )
