"""Reading ahead gives what reading would, and leaves nothing behind."""

import threading
from collections.abc import Iterator

import pytest

from torg.imports.read_ahead import read_ahead
from torg.imports.seen import SeenKeys


def numbers(count: int, taken: list[int]) -> Iterator[int]:
    for number in range(count):
        taken.append(number)
        yield number


def running_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_items_come_in_their_order() -> None:
    with read_ahead(numbers(3000, []), lambda _: 1) as items:
        assert list(items) == list(range(3000))
    assert "read-ahead" not in running_threads()


def test_an_error_comes_where_it_would_have() -> None:
    def broken() -> Iterator[int]:
        yield from range(600)
        raise ValueError("damaged")

    taken: list[int] = []
    with read_ahead(broken(), lambda _: 1) as items, pytest.raises(ValueError, match="damaged"):
        taken.extend(items)
    assert taken == list(range(512))


def test_it_reads_only_so_far_ahead_and_ends_with_the_block() -> None:
    taken: list[int] = []
    with read_ahead(numbers(10**6, taken), lambda _: 1024 * 1024) as items:
        assert next(items) == 0
    assert len(taken) < 10
    assert "read-ahead" not in running_threads()


def test_keys_are_remembered_with_their_first_line() -> None:
    seen = SeenKeys()
    keys = [f"slug {number}" for number in range(5000)]
    for line, key in enumerate(keys, start=2):
        assert seen.line_of(key) is None
        seen.remember(key, line)
    assert [seen.line_of(key) for key in keys] == list(range(2, 5002))
    seen.forget(keys[7])
    assert [seen.line_of(key) for key in keys[6:9]] == [8, None, 10]
    seen.remember(keys[7], 6000)
    assert seen.line_of(keys[7]) == 6000
