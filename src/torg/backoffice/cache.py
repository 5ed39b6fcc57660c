"""The page that shows how the cache does, and has documents built anew."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextInputWidget

from torg.caching.changes import UnusableTag, invalidate
from torg.caching.stats import CacheFigures, KindFigures, MinuteFigures, figures
from torg.caching.warming.groups import job_types

CHART_HEIGHT = 100.0
BAR_WIDTH = 10


class InvalidateForm(forms.Form):
    """Tags, with spaces between."""

    tags = forms.CharField(
        max_length=2_000,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "products category:0190…"}),
        help_text="What a document depends on is in its header Cache-Tag; * stands for all documents.",
    )

    def clean_tags(self) -> list[str]:
        """Return the tags."""
        return list(dict.fromkeys(self.cleaned_data["tags"].split()))


@dataclass(frozen=True)
class Bar:
    """One minute in the chart: the lower part are hits, the upper part misses."""

    x: int
    hits_y: float
    hits_height: float
    misses_y: float
    misses_height: float
    label: str


def cache_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show how the cache does; what is sent to the page are tags whose documents are to be built anew."""
    if not request.user.has_perm("caching.view_cache"):
        raise PermissionDenied
    may_invalidate = request.user.has_perm("caching.invalidate_cache")
    form = InvalidateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_invalidate:
            raise PermissionDenied
        if form.is_valid() and _invalidated(request, form):
            return redirect("backoffice:cache")
    found = figures()
    context |= {
        "title": "Cache",
        "found": found,
        "cards": _cards(found),
        "bars": _bars(found.minutes or []),
        "most": f"{max((minute.hits + minute.misses for minute in found.minutes or []), default=0):,}",
        "kinds": _table(found.kinds),
        "stands": _stands(found),
        "form": form if may_invalidate else None,
        "startable": job_types() if request.user.has_perm("caching.add_warmingjob") else [],
    }
    return TemplateResponse(request, "backoffice/cache.html", context)


def _invalidated(request: HttpRequest, form: InvalidateForm) -> bool:
    tags = form.cleaned_data["tags"]
    try:
        invalidate(*tags)
    except UnusableTag as refusal:
        form.add_error("tags", str(refusal))
        return False
    messages.success(request, f"What depends on {', '.join(tags)} is built anew when it is asked for.")
    return True


def _cards(found: CacheFigures) -> list[tuple[str, str, str]]:
    """Return what matters most: icon, title and figure."""
    reads = found.reads
    builds = sum(kind.builds for kind in found.kinds)
    seconds = sum(kind.build_seconds for kind in found.kinds)
    lag = found.redis.relay_lag_ms
    return [
        ("target", "Hits", _percent(reads.hit_ratio)),
        (
            "visibility",
            "Reads",
            f"{reads.memory + reads.redis + reads.built + reads.bypass + reads.missing:,}",
        ),
        ("construction", "Time of a build", f"{1000 * seconds / builds:.1f} ms" if builds else "-"),
        ("verified", "Last confirmed", "-" if lag is None else _ago(lag)),
    ]


def _bars(minutes: list[MinuteFigures]) -> list[Bar]:
    most = max((minute.hits + minute.misses for minute in minutes), default=0) or 1
    bars = []
    for number, minute in enumerate(minutes):
        hits = CHART_HEIGHT * minute.hits / most
        misses = CHART_HEIGHT * minute.misses / most
        bars.append(
            Bar(
                x=number * BAR_WIDTH + 1,
                hits_y=round(CHART_HEIGHT - hits, 2),
                hits_height=round(hits, 2),
                misses_y=round(CHART_HEIGHT - hits - misses, 2),
                misses_height=round(misses, 2),
                label=f"{minute.at:%H:%M}: {minute.hits:,} hits, {minute.misses:,} misses",
            )
        )
    return bars


def _table(kinds: list[KindFigures]) -> dict[str, Any]:
    headers = [
        "kind",
        "hits",
        "in memory",
        "in Redis",
        "built",
        "past the cache",
        "missing",
        "builds",
        "a build",
    ]
    return {
        "headers": headers,
        "rows": [
            [
                kind.kind,
                _percent(kind.hit_ratio),
                *(
                    f"{n:,}"
                    for n in (kind.memory, kind.redis, kind.built, kind.bypass, kind.missing, kind.builds)
                ),
                f"{1000 * kind.build_seconds / kind.builds:.1f} ms" if kind.builds else "-",
            ]
            for kind in kinds
        ],
    }


def _stands(found: CacheFigures) -> list[tuple[str, str]]:
    """Return how it stands now, as pairs of a name and what is so."""
    redis, database, memory = found.redis, found.database, found.memory
    pairs = [("Redis", f"{redis.version}, {_megabytes(redis.memory_bytes)}" if redis.is_up else "away")]
    if redis.is_up:
        pairs += [
            ("Keys in Redis", _number(redis.keys)),
            ("Marks", f"{_number(redis.marks)}; in the last hour {found.marks_raised:,} raised"),
            ("Marks left to the relay", f"{found.marks_failed:,} in the last hour"),
            ("Epoch", str(redis.epoch or "none yet")),
        ]
    if memory is not None:
        pairs += [
            ("Processes", f"{memory.processes:,}"),
            ("In their memory", f"{memory.documents:,} documents, {_megabytes(memory.bytes)}"),
        ]
    return [
        *pairs,
        ("Changes kept", _number(database.changes)),
        ("Changes not confirmed", _number(database.changes_unconfirmed)),
        (
            "Horizon lies back",
            f"{_number(database.horizon_transactions)} transactions, {database.horizon_seconds or 0:.1f} s",
        ),
    ]


def _percent(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * ratio:.1f} %"


def _number(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _megabytes(size: int | None) -> str:
    return "unknown" if size is None else f"{size / 1_000_000:.1f} MB"


def _ago(milliseconds: int) -> str:
    return f"{milliseconds} ms ago" if milliseconds < 10_000 else f"{milliseconds // 1000} s ago"
