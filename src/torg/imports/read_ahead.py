"""Read a file while what was read before is written: parsing and PostgreSQL each have a core of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_MOST_ITEMS = 256
_MOST_WEIGHT = 1024 * 1024
_CHUNKS = 4
_LOOK_AROUND_SECONDS = 0.1


@contextmanager
def read_ahead(items: Iterator[T], weight: Callable[[T], int]) -> Iterator[Iterator[T]]:
    """Give ``items`` in their order, taken by a thread that is a few chunks of bounded weight ahead.

    An error of ``items`` is raised where it would have been. The thread has ended when the block is left.
    """
    queue: Queue[list[T] | BaseException | None] = Queue(_CHUNKS)
    is_over = Event()
    thread = Thread(
        target=_read, args=(_chunks(items, weight), queue, is_over), name="read-ahead", daemon=True
    )
    thread.start()
    try:
        yield _taken(queue)
    finally:
        is_over.set()
        thread.join()


def _chunks(items: Iterator[T], weight: Callable[[T], int]) -> Iterator[list[T]]:
    chunk: list[T] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += weight(item)
        if size >= _MOST_WEIGHT or len(chunk) >= _MOST_ITEMS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _read(chunks: Iterator[list[T]], queue: "Queue[list[T] | BaseException | None]", is_over: Event) -> None:
    end: BaseException | None = None
    try:
        for chunk in chunks:
            if not _put(chunk, queue, is_over):
                return
    except BaseException as error:
        end = error
    _put(end, queue, is_over)


def _put(
    part: list[T] | BaseException | None, queue: "Queue[list[T] | BaseException | None]", is_over: Event
) -> bool:
    """Put ``part`` as soon as there is room, or say that nobody wants it any more."""
    while not is_over.is_set():
        try:
            queue.put(part, timeout=_LOOK_AROUND_SECONDS)
        except Full:
            continue
        return True
    return False


def _taken(queue: "Queue[list[T] | BaseException | None]") -> Iterator[T]:
    while True:
        part = queue.get()
        if part is None:
            return
        if isinstance(part, BaseException):
            raise part
        yield from part
