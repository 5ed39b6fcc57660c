"""Query parameters are read strictly, and all ways to ask for the same give the same values and one text."""

from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torg.lib.keyset import Cursor
from torg.lib.parameters import (
    Parameter,
    Parameters,
    WrongParameters,
    choice_parser,
    integer_parser,
    parse_amount,
    parse_boolean,
    parse_text,
    wrong_value,
)


def low_above_high(values):
    if "low" in values and "high" in values and values["low"] > values["high"]:
        yield wrong_value("low", "Must not be above high.")


def declared(name, parse, **rest):
    return Parameter(name=name, parse=parse, description="", schema={}, **rest)


PARAMETERS = Parameters(
    (
        declared("word", parse_text),
        declared("any", parse_text, is_repeatable=True),
        declared("low", parse_amount),
        declared("high", parse_amount),
        declared("yes", parse_boolean),
        declared("with.", parse_text, is_repeatable=True),
        declared("sort", choice_parser(["a", "b"]), default="a"),
        declared("size", integer_parser(1, 100), default=20),
        declared("after", Cursor.decoded, write=Cursor.encoded),
    ),
    contradictions=low_above_high,
)

texts = st.text(min_size=1, max_size=8).map(lambda text: parse_text("x" + "".join(filter(str.isalnum, text))))
several = st.lists(texts, min_size=1, max_size=4)
sent = st.fixed_dictionaries(
    {},
    optional={
        "word": texts,
        "any": several,
        "low": st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,2})?\Z"),
        "yes": st.sampled_from(["true", "false"]),
        "with.size": several,
        "with.größe": several,
        "sort": st.sampled_from(["a", "b"]),
        "size": st.sampled_from(["1", "020", "20", "100"]),
        "after": st.builds(Cursor, texts, st.lists(texts).map(tuple), st.booleans()).map(Cursor.encoded),
    },
)


@given(sent)
def test_what_is_written_is_read_again(asked):
    values = PARAMETERS.read(asked)
    assert PARAMETERS.read(PARAMETERS.texts_of(values)) == values
    address = urlencode(PARAMETERS.texts_of(values), doseq=True)
    assert PARAMETERS.read(parse_qsl(address)) == values


@given(sent, st.randoms())
def test_order_and_repetition_do_not_matter(asked, random):
    other = list(asked.items())
    random.shuffle(other)
    other = [
        (name, random.sample(each * 2, len(each) * 2) if name in REPEATED else each) for name, each in other
    ]
    values = PARAMETERS.read(other)
    assert values == PARAMETERS.read(asked)
    assert PARAMETERS.texts_of(values) == PARAMETERS.texts_of(PARAMETERS.read(asked))


REPEATED = {"any", "with.size", "with.größe"}


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ("low=10.00", "low=0010", "low=10"),
        ("low=0.50", "low=0.5", "low=0.5"),
        ("low=100", "low=100.0", "low=100"),
        ("size=20&sort=a", "", ""),
        ("size=07", "size=7&sort=a", "size=7"),
        ("any=b&any=a&any=b", "any=a&any=b", "any=a&any=b"),
        ("with.b=2&with.a=1", "with.a=1&with.b=2", "with.a=1&with.b=2"),
        ("word=Cafe%CC%81", "word=Caf%C3%A9", "word=Caf%C3%A9"),
        ("with.e%CC%81=1&with.%C3%A9=2", "with.%C3%A9=2&with.%C3%A9=1", "with.%C3%A9=1&with.%C3%A9=2"),
        ("yes=true&word=x", "word=x&yes=true", "word=x&yes=true"),
    ],
)
def test_two_ways_to_ask_for_the_same_have_one_text(one, other, text):
    written = [
        urlencode(PARAMETERS.texts_of(PARAMETERS.read(parse_qsl(way))), doseq=True) for way in (one, other)
    ]
    assert written == [text, text]


def test_values_have_their_types():
    assert PARAMETERS.read(parse_qsl("low=1.50&yes=false&any=b&any=a&size=3")) == {
        "low": Decimal("1.5"),
        "yes": False,
        "any": ["a", "b"],
        "size": 3,
    }


def test_defaults_and_what_is_no_parameter_are_not_written():
    assert PARAMETERS.texts_of({"slug": "mug", "size": 20, "sort": "b", "word": None}) == [("sort", "b")]


def test_everything_that_is_wrong_is_named_at_once():
    with pytest.raises(WrongParameters) as caught:
        PARAMETERS.read(parse_qsl("nothing=1&low=x&size=0&word=a&word=b&low.=1"))
    assert [(error["field"], error["code"]) for error in caught.value.errors] == [
        ("nothing", "unknown_parameter"),
        ("low", "invalid_value"),
        ("size", "invalid_value"),
        ("word", "invalid_value"),
        ("low.", "unknown_parameter"),
    ]


def test_a_contradiction_between_values_is_told():
    with pytest.raises(WrongParameters) as caught:
        PARAMETERS.read({"low": "2", "high": "1"})
    assert caught.value.errors == [
        {"field": "low", "code": "invalid_value", "detail": "Must not be above high."}
    ]
