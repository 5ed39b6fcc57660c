"""What the tests of the cache share: pages to read, a Redis of one's own, threads that start together."""

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

from django.db import connection

from torg.caching import keys, redis, trust
from torg.caching.document import Document
from torg.caching.keys import key
from torg.caching.kinds import DocumentKind
from torg.caching.memory import memory
from torg.caching.redis import using
from torg.lib.embedded.processes import becomes_true
from torg.lib.embedded.programs import redis_program

PAUSE = 30
"""How many seconds a thread of a test may take before the test has failed."""


def begin_anew():
    """Forget all that this process and its Redis know of the cache."""
    redis.forget_connections()
    using(lambda it: it.run("FLUSHDB"))
    forget()


def forget():
    """Forget all that this process knows."""
    memory.clear()
    trust.forget()
    trust.held.generation = ""
    keys.forget_namespace()
    redis.forget_connections()


def mark(tag):
    """Return the mark of ``tag``, None where there is none."""
    score = using(lambda it: it.run("ZSCORE", key("marks"), tag), is_patient=True)
    return None if score is None else int(score)


def record(*tags, on=None, before=""):
    """Change ``tags`` as a trigger does."""
    with (on or connection).cursor() as cursor:
        cursor.execute(f"{before} SELECT caching_record(%s::text[])", [list(tags)])


def wait_for_others():
    """Wait until all transactions there are now are over: other tests on the same server hold horizons back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (all_of_now,) = cursor.fetchone()

        def are_over():
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            return cursor.fetchone()[0] >= all_of_now

        assert becomes_true(are_over, seconds=PAUSE)


class Page:
    """A kind of document that shows rows of a table, and counts how often it was built."""

    def __init__(self, name="page", **options):
        self.built = 0
        self.size = 300
        self.while_building = lambda: None
        self._lock = threading.Lock()
        options = {"place": "slug", "seconds": 900, **options}
        self.kind = DocumentKind(name=name, route=name, build=self._build, **options)

    def _build(self, asked):
        with self._lock:
            self.built += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT sku, name FROM catalogue_product WHERE slug = %s", [asked["slug"]])
            row = cursor.fetchone()
        self.while_building()
        if row is None:
            return None
        body = f"{row[1]}\n".encode().ljust(self.size, b".")
        return Document.of(body, [f"thing:{asked['slug']}"], is_kept=row[1] != "Nothing")


def shown(found):
    """Return what a page says."""
    return found.document.body.split(b"\n")[0].decode()


class InThread:
    """Does something in a thread with connections of its own; ``result()`` returns or raises what came of it."""

    def __init__(self, work):
        self._work = work
        self._outcome = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self._outcome = self._work(), None
        except BaseException as error:
            self._outcome = None, error
        finally:
            connection.close()

    @property
    def is_over(self):
        return not self._thread.is_alive()

    def result(self):
        self._thread.join(PAUSE)
        assert self._outcome is not None, "the thread has not ended"
        result, error = self._outcome
        if error is not None:
            raise error
        return result


def elsewhere(work):
    """Return what ``work`` comes to in another thread."""
    return InThread(work).result()


class OwnRedis:
    """A Redis that a test may stop, freeze and start again."""

    def __init__(self, directory):
        self.socket = directory / "own.sock"
        self.url = f"unix://{self.socket}"
        self._directory = directory
        self._process = None

    def start(self, *options):
        command = [
            str(redis_program()), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir",
            str(self._directory), "--ignore-warnings", "ARM64-COW-BUG", *options,
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert becomes_true(self._answers, seconds=20)
        return self

    def _answers(self):
        try:
            redis.Connection(self.url).close()
        except (OSError, redis.RedisRefused):
            return False
        return True

    def stop(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self.socket.unlink(missing_ok=True)
            self._process = None

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def thawed_after(self, seconds):
        timer = threading.Timer(seconds, self.thaw)
        timer.start()
        yield
        timer.join()


def seconds_of(work):
    """Return how many seconds ``work`` takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
