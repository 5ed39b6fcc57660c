"""``/metrics``: what the shop's monitoring asks for, as Prometheus reads it; for operators, under any ``Host``."""

import secrets
from collections.abc import Callable, Iterable
from itertools import accumulate

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from torg.api.problems import problem
from torg.caching.counting import BUCKETS
from torg.caching.processes import Process, all_processes, join
from torg.caching.state import State, state
from torg.lib.proxies import FORWARDING

LOOPBACK = frozenset({"127.0.0.1", "::1", ""})  # A Unix socket has no address.


class MetricsMiddleware:
    """Answer ``/metrics`` before hosts and HTTPS are looked at: Prometheus names processes by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        join()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request``: to whoever has the token, or to this machine itself where there is none."""
        if request.path != "/metrics":
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return problem(
                405, "method_not_allowed", "Metrics can only be read.", headers={"Allow": "GET, HEAD"}
            )
        return _refusal(request) or _answer(request)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    token = settings.TORG_METRICS_TOKEN
    if token:
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secrets.compare_digest(sent.strip().encode(), token.encode()):
            return None
        return problem(
            401,
            "metrics_token_required",
            "Metrics are for those who send METRICS_TOKEN: Authorization: Bearer …",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if _is_from_this_machine(request):
        return None
    return problem(
        403,
        "metrics_are_private",
        "Metrics are for this machine alone, until METRICS_TOKEN is set to what others have to send.",
    )


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Say whether nobody stands between: where a proxy is expected, what comes from this machine is the world's."""
    if settings.SECURE_PROXY_SSL_HEADER or any(name in request.META for name in FORWARDING):
        return False
    host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK and host in settings.TORG_LOOPBACK_HOSTS


def _answer(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(
        encode(registry), content_type=content_type, headers={"Cache-Control": "no-store", "Vary": "Accept"}
    )


class _Figures(Collector):
    """All that is told, counters first."""

    def collect(self) -> Iterable[Metric]:
        processes = all_processes()
        yield from _cache(processes)
        yield from _http(processes)
        living = [process for process in processes if process.is_alive]
        yield from _memory(living)
        yield from _stands(state())


def _cache(processes: list[Process]) -> Iterable[Metric]:
    reads = CounterMetricFamily("torg_cache_reads", "Reads of documents.", labels=["kind", "outcome"])
    for pair, number in _summed(process.reads for process in processes).items():
        reads.add_metric(pair.split(" "), number)
    yield reads
    builds = SummaryMetricFamily("torg_cache_build_seconds", "Builds and their time.", labels=["kind"])
    seconds = _summed(process.build_seconds for process in processes)
    for kind, number in _summed(process.builds for process in processes).items():
        builds.add_metric([kind], int(number), seconds.get(kind, 0.0))
    yield builds
    for name, text, number in (
        ("not_modified", "Answers 304.", sum(each.not_modified for each in processes)),
        ("marks_raised", "Marks raised by writers.", sum(each.marks_raised for each in processes)),
        ("marks_failed", "Marks left to the relay.", sum(each.marks_failed for each in processes)),
        ("passes", "Confirmations made by readers.", sum(each.passes for each in processes)),
    ):
        yield CounterMetricFamily(f"torg_cache_{name}", text, number)


def _http(processes: list[Process]) -> Iterable[Metric]:
    answers = CounterMetricFamily(
        "torg_http_requests", "HTTP requests that were answered.", labels=["method", "status"]
    )
    for pair, number in _summed(process.answers for process in processes).items():
        answers.add_metric(pair.split(" "), number)
    yield answers
    in_buckets = [sum(numbers) for numbers in zip(*(each.durations for each in processes), strict=True)]
    ends = [*(str(end) for end in BUCKETS), "+Inf"]
    yield HistogramMetricFamily(
        "torg_http_request_duration_seconds",
        "How long answers took.",
        buckets=list(zip(ends, accumulate(in_buckets), strict=True)),
        sum_value=sum(each.answer_seconds for each in processes),
    )


def _memory(living: list[Process]) -> Iterable[Metric]:
    yield GaugeMetricFamily("torg_web_processes", "Processes of this server.", len(living))
    yield GaugeMetricFamily(
        "torg_cache_memory_documents",
        "Documents in the memory of these processes.",
        sum(each.documents for each in living),
    )
    yield GaugeMetricFamily(
        "torg_cache_memory_bytes", "What these take.", sum(each.document_bytes for each in living)
    )
    per_process: list[GaugeMetricFamily | CounterMetricFamily] = [
        GaugeMetricFamily(
            "torg_process_resident_memory_bytes", "Resident memory of a process.", labels=["pid"]
        ),
        CounterMetricFamily("torg_process_cpu_seconds", "CPU time of a process.", labels=["pid"]),
        GaugeMetricFamily("torg_process_start_time_seconds", "When a process began.", labels=["pid"]),
        GaugeMetricFamily("torg_process_threads", "Threads of a process that Python knows.", labels=["pid"]),
    ]
    for each in living:
        figures = each.resident_bytes, each.cpu_seconds, each.started_at, each.threads
        for family, figure in zip(per_process, figures, strict=True):
            family.add_metric([str(each.pid)], figure)
    yield from per_process


def _stands(stands: State) -> Iterable[Metric]:
    """Tell what was asked just now; what could not be is left out, so that no alarm takes a guess for a figure."""
    redis, database = stands.redis, stands.database
    yield GaugeMetricFamily("torg_redis_up", "Whether Redis answers.", float(redis.is_up))
    yield GaugeMetricFamily("torg_postgresql_up", "Whether PostgreSQL answers.", float(database.is_up))
    relay_lag = None if redis.relay_lag_ms is None else redis.relay_lag_ms / 1000
    for name, text, figure in (
        ("torg_redis_memory_bytes", "Memory that Redis uses.", redis.memory_bytes),
        ("torg_redis_max_memory_bytes", "Memory that Redis may use; 0 is no limit.", redis.max_memory_bytes),
        ("torg_redis_keys", "Keys in the database of Redis, documents most of them.", redis.keys),
        ("torg_cache_epoch", "The epoch; when it changes, all documents are built anew.", redis.epoch),
        ("torg_cache_marks", "Tags that have a mark.", redis.marks),
        ("torg_cache_relay_lag_seconds", "Since the last confirmation began.", relay_lag),
        ("torg_cache_changes", "Rows of changes, counted up to 100000.", database.changes),
        ("torg_cache_changes_unconfirmed", "Those not confirmed yet.", database.changes_unconfirmed),
        (
            "torg_cache_horizon_lag_transactions",
            "How far the oldest running transaction holds the horizon back.",
            database.horizon_transactions,
        ),
        (
            "torg_cache_horizon_lag_seconds",
            "Since the oldest transaction that writes began.",
            database.horizon_seconds,
        ),
    ):
        if figure is not None:
            yield GaugeMetricFamily(name, text, figure)


def _summed(counted: Iterable[dict[str, int] | dict[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for each in counted:
        for name, number in each.items():
            sums[name] = sums.get(name, 0) + number
    return dict(sorted(sums.items()))
