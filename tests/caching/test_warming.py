"""Warming: one job of a type at a time, finished whoever dies, the most read first, and nothing built that is fresh."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from torg.caching import keys, kinds, redis, tallies, trust
from torg.caching.changes import invalidate
from torg.caching.document import Document
from torg.caching.kinds import DocumentKind
from torg.caching.models import WarmingJob
from torg.caching.reading import read
from torg.caching.warming import marker, plan, run, watch
from torg.caching.warming.groups import NoSuchGroup, job_types
from torg.caching.warming.readiness import Readiness
from torg.caching.warming.start import start_or_join, start_warming

pytestmark = pytest.mark.django_db(transaction=True)

PENDING, RUNNING, COMPLETED, FAILED = WarmingJob.Status.values


class Pages:
    """A kind of document whose builds are noted."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self.built: list[str] = []
        self.broken: set[str] = set()
        self.before_build: Callable[[], object] = lambda: None
        self.kind = DocumentKind(
            name="page",
            route="schema",
            place="slug",
            build=self.build,
            seconds=600,
            warmed_as={"pages": lambda: [{"slug": name} for name in self.names]},
        )

    def build(self, asked):
        self.before_build()
        name = asked["slug"]
        if name in self.broken:
            raise LookupError(f"no ink for {name}")
        self.built.append(name)
        return Document.of(name.encode(), [f"page:{name}"])


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    made = Pages(f"p{number}" for number in range(12))
    monkeypatch.setattr(kinds, "_kinds", {"page": made.kind})
    return made


@pytest.fixture(autouse=True)
def empty_redis():
    forget_redis()
    redis.using(lambda connection: connection.run("FLUSHDB"))
    forget_jobs()
    run.stopping.clear()
    yield
    run.stopping.clear()
    forget_redis()


def forget_redis() -> None:
    redis.forget_connections()
    trust.forget()


@pytest.fixture
def build_named(settings):
    def name(version: str) -> str:
        settings.TORG_BUILD_VERSION = version
        keys.build.cache_clear()
        return keys.build()

    yield name
    keys.build.cache_clear()


def warmed(job_type: str = "pages") -> WarmingJob:
    job = start_warming(job_type)
    run.run(str(job.pk))
    job.refresh_from_db()
    return job


def enqueued() -> int:
    return ProcrastinateJob.objects.filter(task_name="torg.caching.warming.tasks.warm").count()


def forget_jobs() -> None:
    """Empty Procrastinate's table, which Django's tests leave alone."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def running(job_type: str = "pages", *, seconds_ago: float = 0) -> WarmingJob:
    job = start_warming(job_type)
    assert job.mark_as_running()
    WarmingJob.objects.filter(pk=job.pk).update(seen_at=timezone.now() - timedelta(seconds=seconds_ago))
    job.refresh_from_db()
    return job


# What a job does


def test_a_job_stores_all_documents_of_its_type_and_says_how_long_it_took(pages):
    job = warmed()
    assert (job.status, job.done, job.total, job.error_message, job.attempts) == (COMPLETED, 12, 12, "", 1)
    assert job.duration == job.completed_at - job.started_at > timedelta()
    found = read(pages.kind, {"slug": "p7"})
    assert (found.cache, found.tier, found.document.body) == ("hit", "redis", b"p7")


def test_fresh_documents_are_not_built_again_and_changed_ones_are(pages):
    warmed()
    pages.built.clear()
    assert warmed().done == 12
    assert pages.built == []
    invalidate("page:p3")
    assert warmed().done == 12
    assert pages.built == ["p3"]


def test_what_is_read_most_is_built_first(pages, monkeypatch):
    monkeypatch.setattr(run, "THREADS", 1)
    samples = {"page:p9?": 3, "page:p4?": 40, "page:gone?": 5, "page:p1?rubbish=1": 90, "other:p2?": 70}
    tallies.add(tallies.Batch(figures={}, samples=samples))
    assert warmed().total == 13
    assert pages.built[:3] == ["p4", "gone", "p9"]
    assert sorted(pages.built) == sorted([*pages.names, "gone"])


def test_what_there_is_no_end_of_is_not_warmed_however_often_it_is_read(pages, monkeypatch):
    bottomless = replace(pages.kind, is_open=lambda asked: asked["slug"] not in pages.names)
    monkeypatch.setattr(kinds, "_kinds", {"page": bottomless})
    tallies.add(tallies.Batch(figures={}, samples={"page:made-up?": 99, "page:p3?": 1}))
    assert warmed().total == 12
    assert sorted(pages.built) == sorted(pages.names)


def test_no_more_of_a_kind_is_warmed_than_the_limit_allows(pages, settings):
    settings.TORG_CACHE_WARM_LIMIT = 5
    tallies.add(tallies.Batch(figures={}, samples={"page:p11?": 1}))
    assert warmed().total == 5
    assert sorted(pages.built) == ["p0", "p1", "p11", "p2", "p3"]


def test_a_kind_in_several_groups_is_warmed_once_with_all(monkeypatch):
    pages = Pages(["a", "b"])
    many = DocumentKind(
        name="page",
        route="schema",
        place="slug",
        build=pages.build,
        seconds=600,
        warmed_as={"pages": lambda: [{"slug": "a"}, {"slug": "b"}], "front": lambda: [{"slug": "b"}]},
    )
    monkeypatch.setattr(kinds, "_kinds", {"page": many})
    tallies.add(tallies.Batch(figures={}, samples={"page:a?": 9}))
    asked = {
        name: [dict(one)["slug"] for _, batch in plan.batches_of(name) for one in batch]
        for name in ("all", "pages", "front", "posts")
    }
    assert asked == {"all": ["a", "b"], "pages": ["a", "b"], "front": ["b"], "posts": []}


def test_a_document_that_fails_does_not_stop_the_rest_and_is_named(pages):
    pages.broken = {"p5"}
    job = warmed()
    assert (job.status, job.done, job.total) == (COMPLETED, 11, 12)
    assert job.error_message == "page:p5?: LookupError: no ink for p5"


def test_of_many_failures_twenty_are_named_and_the_rest_counted(pages):
    pages.names = [f"p{number}" for number in range(150)]
    pages.broken = set(pages.names[:25])
    lines = warmed().error_message.splitlines()
    assert (len(lines), lines[-1]) == (21, "and 5 more")


def test_a_job_that_could_do_nothing_has_failed(pages):
    pages.broken = set(pages.names)
    job = warmed()
    assert (job.status, job.done, len(job.error_message.splitlines())) == (FAILED, 0, 12)


def test_a_job_without_redis_fails_and_says_why(pages, settings, monkeypatch):
    job = start_warming("pages")
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    monkeypatch.setattr(run, "PATIENCE_SECONDS", 0.3)
    forget_redis()
    run.run(str(job.pk))
    job.refresh_from_db()
    assert job.status == FAILED
    assert job.error_message.startswith("Redis cannot be reached, so nothing can be kept: ")


def test_a_job_fails_where_the_cache_is_off(pages, settings):
    settings.TORG_CACHE = False
    assert warmed().error_message == "The cache is switched off (CACHE), so there is nothing to warm."


def test_a_group_that_no_kind_is_in_yet_is_done_at_once():
    job = warmed("posts")
    assert (job.status, job.done, job.total) == (COMPLETED, 0, 0)


# Starting


def test_only_groups_that_there_are_can_be_warmed(pages):
    assert job_types() == ["products", "categories", "navigation", "homepage", "posts", "pages", "all"]
    with pytest.raises(NoSuchGroup) as refusal:
        start_warming("everything")
    assert str(refusal.value) == (
        "'everything' cannot be warmed. Use one of products, categories, navigation, homepage, posts, pages, all."
    )
    assert (WarmingJob.objects.count(), enqueued()) == (0, 0)


def test_a_job_that_waits_is_joined_and_one_that_runs_is_not(pages):
    first, is_new = start_or_join("pages")
    assert is_new
    assert start_or_join("pages") == (first, False)
    assert start_warming("homepage") != first
    first.mark_as_running()
    second, is_new = start_or_join("pages")
    assert is_new
    assert second != first
    assert enqueued() == 3


def test_a_job_goes_with_its_transaction(pages):
    with transaction.atomic():
        start_warming("pages")
        transaction.set_rollback(True)
    assert (WarmingJob.objects.count(), enqueued()) == (0, 0)


def test_a_job_joined_in_a_transaction_begins_after_it(pages):
    job = start_warming("pages")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert start_warming("pages") == job
            begun = pool.submit(_in_thread, lambda: WarmingJob.objects.get(pk=job.pk).mark_as_running())
            time.sleep(0.3)
            assert not begun.done()
        assert begun.result(10)


def test_many_who_start_at_once_share_one_job(pages):
    barrier = threading.Barrier(8)

    def start() -> str:
        barrier.wait()
        return str(start_warming("pages").pk)

    with ThreadPoolExecutor(8) as pool:
        ids = {future.result(20) for future in [pool.submit(_in_thread, start) for _ in range(8)]}
    assert len(ids) == 1
    assert (WarmingJob.objects.count(), enqueued()) == (1, 1)


# One at a time


def test_of_many_workers_one_gets_the_job(pages):
    job = start_warming("pages")
    barrier = threading.Barrier(6)

    def take() -> bool:
        mine = WarmingJob.objects.get(pk=job.pk)
        barrier.wait()
        return mine.mark_as_running()

    with ThreadPoolExecutor(6) as pool:
        taken = [future.result(20) for future in [pool.submit(_in_thread, take) for _ in range(6)]]
    assert sorted(taken) == [False] * 5 + [True]
    job.refresh_from_db()
    assert (job.status, job.attempts) == (RUNNING, 1)


def test_a_second_job_of_a_type_waits_for_the_first_and_is_begun_by_it(pages):
    first = start_warming("pages")
    is_begun, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        is_begun.set()
        may_go_on.wait(10)

    pages.before_build = wait
    with ThreadPoolExecutor(1) as pool:
        running_first = pool.submit(_in_thread, lambda: run.run(str(first.pk)))
        is_begun.wait(10)
        second = start_warming("pages")
        run.run(str(second.pk))  # A worker takes it, and sees that it has to wait.
        second.refresh_from_db()
        assert (second.status, second.attempts) == (PENDING, 0)
        forget_jobs()
        may_go_on.set()
        running_first.result(20)
    first.refresh_from_db()
    assert first.status == COMPLETED
    assert ProcrastinateJob.objects.get().args == {"job_id": str(second.pk)}
    run.run(str(second.pk))
    second.refresh_from_db()
    assert second.status == COMPLETED


def test_the_database_itself_refuses_two_that_wait_or_run(pages):
    for status, moment in ((PENDING, None), (RUNNING, timezone.now())):
        columns = {"job_type": "x", "build": "b", "status": status, "started_at": moment, "seen_at": moment}
        WarmingJob.objects.create(**columns)
        with pytest.raises(IntegrityError, match=f"warmingjob_one_{status}"):
            WarmingJob.objects.create(**columns)
        WarmingJob.objects.create(**{**columns, "build": "another"})


# Whoever dies


def test_a_deserted_job_is_handed_out_again_and_finished(pages):
    job = running(seconds_ago=16)
    forget_jobs()  # Procrastinate's own died with its worker.
    watch.hand_out_what_waits()
    watch.hand_out_what_waits()
    assert enqueued() == 1
    begun_at = job.started_at
    run.run(str(job.pk))
    job.refresh_from_db()
    assert (job.status, job.done, job.attempts, job.started_at) == (COMPLETED, 12, 2, begun_at)


def test_a_job_that_somebody_is_at_is_left_to_him(pages):
    job = running(seconds_ago=10)
    forget_jobs()
    watch.hand_out_what_waits()
    assert enqueued() == 0
    run.run(str(job.pk))
    job.refresh_from_db()
    assert (job.status, job.attempts, pages.built) == (RUNNING, 1, [])


def test_whoever_was_taken_for_dead_changes_nothing_any_more(pages):
    job = running(seconds_ago=20)
    late = WarmingJob.objects.get(pk=job.pk)
    assert WarmingJob.objects.get(pk=job.pk).mark_as_running()
    assert not late.mark_as_seen(done=99, total=99)
    assert not late.mark_as_completed()
    assert not late.mark_as_failed("late")
    assert not late.give_back()
    job.refresh_from_db()
    assert (job.status, job.attempts, job.done, job.error_message) == (RUNNING, 2, 0, "")


def test_whoever_cannot_say_that_he_is_at_it_stops(pages, monkeypatch):
    def away(*_: object, **__: object) -> bool:
        raise OperationalError("away")

    pages.names = [f"p{number}" for number in range(1_000)]
    pages.before_build = lambda: time.sleep(0.002)
    monkeypatch.setattr(run, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(WarmingJob, "mark_as_seen", away)
    job = start_warming("pages")
    with pytest.raises(OperationalError, match="away"):
        run.run(str(job.pk))
    job.refresh_from_db()
    assert job.status == RUNNING  # Until it is found to be deserted.
    assert 0 < len(pages.built) <= 400


def test_a_job_that_kills_its_workers_is_given_up(pages):
    job = running(seconds_ago=20)
    WarmingJob.objects.filter(pk=job.pk).update(attempts=10)
    watch.hand_out_what_waits()
    job.refresh_from_db()
    assert job.status == FAILED
    assert job.error_message == "It was begun 10 times, and never came to its end."


def test_a_forgotten_job_is_handed_out_but_not_while_another_of_its_type_runs(pages):
    running()
    waiting = start_warming("pages")
    WarmingJob.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(seconds=5))
    forget_jobs()
    watch.hand_out_what_waits()
    assert enqueued() == 0
    WarmingJob.objects.filter(status=RUNNING).delete()
    watch.hand_out_what_waits()
    assert enqueued() == 1


def test_a_worker_that_stops_gives_the_job_back(pages):
    pages.names = [f"p{number}" for number in range(500)]
    pages.before_build = run.stopping.set
    job = start_warming("pages")
    forget_jobs()
    run.run(str(job.pk))
    job.refresh_from_db()
    assert (job.status, job.completed_at) == (PENDING, None)
    assert 0 < job.done < 500
    assert enqueued() == 1
    run.stopping.clear()
    pages.before_build = lambda: None
    run.run(str(job.pk))
    job.refresh_from_db()
    assert (job.status, job.done, job.attempts) == (COMPLETED, 500, 2)


# New builds, and an empty cache


def test_a_new_build_is_warmed_beside_the_old_one(pages, build_named):
    build_named("one")
    warmed("all")
    assert watch.warm_if_new() is None
    build_named("two")
    found = watch.warm_if_new()
    assert found.job_type == "all"
    assert found.build == keys.build()
    assert read(pages.kind, {"slug": "p1"}).cache == "miss"
    run.run(str(found.pk))
    pages.built.clear()
    build_named("one")
    run.run(str(start_warming("all").pk))
    assert pages.built == []


def test_a_worker_of_another_build_leaves_the_job_alone(pages, build_named):
    build_named("one")
    job = running(seconds_ago=60)
    build_named("two")
    watch.hand_out_what_waits()
    run.run(str(job.pk))
    assert pages.built == []
    assert ProcrastinateJob.objects.get().queue_name == f"warming-{job.build}"


def test_workers_that_start_together_warm_an_empty_cache_once(pages):
    barrier = threading.Barrier(4)

    def begin() -> WarmingJob | None:
        barrier.wait()
        job = watch.warm_if_new()
        if job is not None:
            job.mark_as_running()
        return job

    with ThreadPoolExecutor(4) as pool:
        jobs = [future.result(20) for future in [pool.submit(_in_thread, begin) for _ in range(4)]]
    assert len([job for job in jobs if job]) == 1
    assert WarmingJob.objects.count() == 1


def test_a_restarted_redis_is_warmed_again_though_it_kept_what_it_held(pages):
    warmed("all")
    assert marker.is_warmed()
    assert watch.warm_if_new() is None
    marker.note_warmed("an earlier run of Redis")
    assert not marker.is_warmed()
    assert watch.warm_if_new().job_type == "all"


def test_that_a_build_is_warmed_holds_no_longer_than_its_documents_unless_it_is_in_use(pages, settings):
    warmed("all")
    assert seconds_marked() == 600
    settings.TORG_CACHE_MAX_AGE = 300
    watch.look()
    assert seconds_marked() == 300
    settings.TORG_CACHE_MAX_AGE = 1  # Or it would be warmed again at each look.
    watch.look()
    assert seconds_marked() == 60
    assert marker.is_warmed()


def test_a_worker_does_not_say_that_a_build_is_warmed_that_was_not(pages):
    watch.look()
    assert not marker.is_warmed()
    assert WarmingJob.objects.get().job_type == "all"


def seconds_marked() -> int:
    name = keys.key(f"warmed:{keys.build()}")
    return round(redis.using(lambda connection: connection.run("PTTL", name)) / 1000)


def test_the_watch_keeps_no_connection_between_two_looks(monkeypatch):
    kept, looked = [], threading.Event()

    def wait(_: float) -> bool:
        kept.append(connection.connection)
        looked.set()
        return True

    made = watch.Watch()
    monkeypatch.setattr(made._is_over, "wait", wait)
    monkeypatch.setattr(watch, "warm_if_new", connection.ensure_connection)
    made.start()
    assert looked.wait(10)
    made.stop()
    assert kept == [None]


def test_after_a_failure_a_minute_passes_before_the_next_try(pages):
    pages.broken = set(pages.names)
    warmed("all")
    assert watch.warm_if_new() is None
    WarmingJob.objects.update(completed_at=timezone.now() - timedelta(seconds=61))
    assert watch.warm_if_new() is not None


def test_nothing_is_warmed_by_itself_where_that_is_switched_off(pages, settings):
    settings.TORG_CACHE_WARM_LIMIT = 0
    assert watch.warm_if_new() is None


# Readiness


def test_a_process_is_ready_when_its_build_has_been_warmed_and_stays_so(pages):
    readiness = Readiness()
    assert readiness.waits_for() == "waits for a worker"
    job = start_warming("all")
    assert readiness.waits_for() == "waits for a worker"
    job.mark_as_running()
    job.mark_as_seen(done=3, total=12)
    assert readiness.waits_for() == "3 of 12 documents"
    redis.using(lambda connection: marker.note_warmed(connection.run_id))
    job.mark_as_completed()
    assert readiness.waits_for() is None
    redis.using(lambda connection: connection.run("FLUSHDB"))
    assert Readiness().waits_for() == "waits for a worker"  # Of what was warmed before, nothing is left.
    running("all")
    assert readiness.waits_for() is None
    assert Readiness().waits_for() == "0 of 0 documents"


def test_a_process_does_not_wait_for_workers_that_there_are_not(pages, monkeypatch):
    readiness = Readiness()
    assert readiness.waits_for()
    monkeypatch.setattr("torg.caching.warming.readiness.WORKER_SECONDS", 0)
    assert readiness.waits_for() is None
    monkeypatch.undo()
    job = start_warming("all")
    waiting = Readiness()
    assert waiting.waits_for()
    WarmingJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=61))
    assert waiting.waits_for() is None


def test_a_process_waits_a_minute_for_another_to_go_on_with_a_job_whose_worker_died(pages):
    job = running("all", seconds_ago=16)
    assert Readiness().waits_for() == "0 of 0 documents"
    WarmingJob.objects.filter(pk=job.pk).update(seen_at=timezone.now() - timedelta(seconds=61))
    assert Readiness().waits_for() is None


def test_a_process_does_not_wait_while_redis_is_away_but_again_when_it_is_back(pages, settings):
    readiness, address = Readiness(), settings.REDIS_URL
    readiness._asked_since = time.monotonic() - 60
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    forget_redis()
    assert readiness.waits_for() is None
    assert readiness.waits_for() is None
    settings.REDIS_URL = address
    forget_redis()
    assert readiness.waits_for() == "waits for a worker"
    redis.using(lambda connection: marker.note_warmed(connection.run_id))
    assert readiness.waits_for() is None
    redis.using(lambda connection: connection.run("FLUSHDB"))
    assert readiness.waits_for() is None


def test_a_process_does_not_wait_where_warming_failed_or_was_done(pages):
    start_warming("all").mark_as_failed("for a test")
    assert Readiness().waits_for() is None
    WarmingJob.objects.all().delete()
    running("all")
    redis.using(lambda connection: marker.note_warmed(connection.run_id))
    assert Readiness().waits_for() is None
    redis.using(lambda connection: connection.run("FLUSHDB"))
    assert Readiness().waits_for() is not None


def _in_thread(work):
    try:
        return work()
    finally:
        connection.close()
