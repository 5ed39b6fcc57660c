"""Cursors come back as they were given out, and nothing else is taken for one."""

import base64
import json
import string
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db.models import DateTimeField, IntegerField, UUIDField
from hypothesis import example, given
from hypothesis import strategies as st

from torg.lib.keyset import Cursor, Order, WrongCursor

# No lone surrogates: they are in no text that PostgreSQL or JSON gave us.
texts = st.text(st.characters(exclude_categories=["Cs"]))
cursors = st.builds(Cursor, texts, st.lists(texts, max_size=5).map(tuple), st.booleans())
URL_SAFE = set(string.ascii_letters + string.digits + "-_")

NEWEST = Order("newest", {"created_at": DateTimeField(), "id": UUIDField()}, is_descending=True)
ID = "01920a5b-6c00-7000-8000-0000000000a1"


@given(cursors)
def test_a_cursor_comes_back_as_it_was(cursor):
    assert Cursor.decoded(cursor.encoded()) == cursor


@given(cursors)
def test_a_cursor_needs_no_quoting_in_a_url(cursor):
    assert set(cursor.encoded()) <= URL_SAFE


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.text()
    | st.text("ABCabc019-_=+/")
    | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)
@example("")
@example("=")
@example("A")
@example("é")
@example("\ud800")
@example("\0")
@example("WyJhIixbXSxmYWxzZV0")
@example("WyJhIixbXSxmYWxzZV0=")
@example(base64.urlsafe_b64encode(b'["\xff",[],false]').decode())
@example(base64.urlsafe_b64encode(b"[" * 5000).decode())
def test_any_text_is_a_cursor_or_a_wrong_one(text):
    try:
        cursor = Cursor.decoded(text)
    except WrongCursor:
        return
    assert Cursor.decoded(cursor.encoded()) == cursor


@given(values)
def test_any_json_is_a_cursor_or_a_wrong_one(value):
    try:
        cursor = Cursor.decoded(packed(value))
    except WrongCursor:
        return
    assert value == [cursor.order, list(cursor.key), cursor.is_backward]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        ["a"],
        ["a", []],
        ["a", [], 0],
        ["a", [1], False],
        [1, [], False],
        ["a", [], False, 1],
        {"a": 1},
    ],
)
def test_json_of_another_shape_is_no_cursor(value):
    with pytest.raises(WrongCursor):
        Cursor.decoded(packed(value))


@given(texts, st.lists(texts, max_size=4).map(tuple))
@example("newest", ("2026-01-01T00:00:00+00:00", ID))
@example("newest", ("9999-12-31T23:59:59.999999+00:00", ID))
@example("newest", ("0001-01-01T00:00:00+23:59", ID))
@example("newest", ("9999-12-31T23:59:59-23:59", ID))
@example("newest", ("2026-01-01", ID))
@example("newest", ("\0", ID))
def test_any_key_is_one_of_the_order_or_a_wrong_cursor(name, key):
    try:
        found = NEWEST.key_of(Cursor(name, key))
    except WrongCursor:
        return
    assert name == "newest"
    assert [type(value) for value in found] == [datetime, UUID]


rows = st.lists(
    st.fixed_dictionaries({"created_at": st.datetimes(timezones=st.just(UTC)), "id": st.uuids(version=4)}),
    max_size=7,
)


@given(rows, st.integers(1, 6), st.booleans())
def test_the_cursors_of_a_page_name_its_first_and_its_last_row(fetched, size, is_backward):
    came_by = Cursor("newest", ("2026-01-01T00:00:00+00:00", ID), is_backward)
    page = NEWEST.cut(fetched[: size + 1], size=size, cursor=came_by)
    assert list(page.rows) == (fetched[:size][::-1] if is_backward else fetched[:size])
    if not fetched:
        way_back = None if is_backward else Cursor("newest", came_by.key, is_backward=True)
        assert (page.next, page.previous) == (None, way_back)
        return
    for cursor, row in ((page.next, page.rows[-1:]), (page.previous, page.rows[:1])):
        if cursor is not None:
            values = NEWEST.key_of(Cursor.decoded(cursor.encoded()))
            assert values == [row[0]["created_at"], row[0]["id"]]
    came_from, goes_to = (page.next, page.previous) if is_backward else (page.previous, page.next)
    assert came_from is not None
    assert (goes_to is not None) == (len(fetched) > size)


def test_the_first_page_has_none_before_it_and_the_only_one_none_after_it():
    row = {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "id": UUID(ID)}
    page = NEWEST.cut([row], size=1, cursor=None)
    assert (page.previous, page.next) == (None, None)
    assert NEWEST.cut([row, row], size=1, cursor=None).previous is None


def test_a_cursor_belongs_to_the_order_it_was_made_for():
    order = Order("number", {"number": IntegerField()})
    assert order.key_of(Cursor("number", ("7",))) == [7]
    for name, key in (("newest", ["7"]), ("number", []), ("number", ["7", "8"]), ("number", ["x"])):
        with pytest.raises(WrongCursor):
            order.key_of(Cursor(name, tuple(key)))
