"""Requests that the WSGI application answers in this process, each in a thread of a pool."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from torg.caching.accelerator.application import Called, call
from torg.caching.accelerator.clients import At, Client, Loop
from torg.caching.accelerator.wire import head_of, problem
from torg.caching.front import Application, Environ
from torg.lib.request_ids import request_id_of

log = structlog.get_logger("torg.caching")


class Calls:
    """Calls the application; ``wake`` is called, in any thread, when there are answers to send."""

    def __init__(
        self, application: Application, *, threads: int, loop: Loop, wake: Callable[[], None]
    ) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="accelerator-call")
        self._loop = loop
        self._wake = wake
        self._answers: deque[tuple[Client, bytes, bool]] = deque()

    def submit(self, client: Client, environ: Environ, *, is_last: bool) -> None:
        """Have a request answered; ``is_last`` if the connection is to end with it."""
        client.wait_for_answer()
        self._pool.submit(self._answer, client, environ, is_last)

    def send_answers(self, failed: Callable[[Client, Exception], None]) -> None:
        """Send what has been answered until now, and tell ``failed`` where that cannot be done.

        For the thread of the accelerator alone, which is the only one that takes answers.
        """
        while self._answers:
            client, data, is_last = self._answers.popleft()
            try:
                if client.at is At.ANSWER:  # Else it has gone meanwhile.
                    client.answer(data, is_last=is_last)
            except Exception as error:
                failed(client, error)

    def _answer(self, client: Client, environ: Environ, is_last: bool) -> None:  # noqa: FBT001
        if client.at is not At.ANSWER:
            return  # It has gone, and nobody would read the answer.
        try:
            called = call(self._application, environ)
            is_last = is_last or self._loop.is_draining
            data = _bytes_of(called, is_last=is_last)
        except Exception as error:  # What an application raises has not become an answer, so this is one.
            request_id = request_id_of(environ.get("HTTP_X_REQUEST_ID"))
            log.error("application_failed", exc_info=error, request_id=request_id)
            data = problem(500, "internal_error", "Something went wrong here. It was logged.", request_id)
            is_last = True
        self._answers.append((client, data, is_last))
        self._wake()


def _bytes_of(called: Called, *, is_last: bool) -> bytes:
    return head_of(called.status, called.headers, is_last=is_last) + called.body
