"""One stray quote never swallows the good rows after it."""

import io

import pytest

from torg.imports.records import RecordReader

HEADER = b"a,b,c\n"


def read(content: bytes, header: bytes = HEADER, **options: int) -> list[tuple[int, list[str], str]]:
    records = RecordReader(io.BytesIO(header + content), **options)
    return [(record.line, record.fields, record.problem) for record in records]


def test_records_are_read_with_their_lines() -> None:
    found = read(b'1,2,3\r\n"4\nfour","5 ""five""",6\n\n7,,"8,9"\n')
    assert found == [
        (2, ["1", "2", "3"], ""),
        (3, ["4\nfour", '5 "five"', "6"], ""),
        (6, ["7", "", "8,9"], ""),
    ]


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert RecordReader(io.BytesIO(b"\xef\xbb\xbfa,b\n")).header == ["a", "b"]


def test_the_last_line_needs_no_end() -> None:
    assert read(b"1,2,3") == [(2, ["1", "2", "3"], "")]


@pytest.mark.parametrize("header", [b"", b"\n"])
def test_a_file_without_a_header_says_so(header: bytes) -> None:
    assert RecordReader(io.BytesIO(header)).header == []


def test_a_quote_that_never_closes_costs_its_line_only() -> None:
    assert read(b'1,"two,3\n4,5,6\n7,"8\neight",9\n') == [
        (2, ["1", "two,3"], "a quote opens and never closes"),
        (3, ["4", "5", "6"], ""),
        (4, ["7", "8\neight", "9"], ""),
    ]


def test_a_quote_that_opens_at_the_end_of_a_line_does_not_pair_with_a_later_one() -> None:
    header = b"a,b,c,d,e,f,g,h\n"
    good = b"1,2,3,4,5,6,7,8\n"
    found = read(b'x,2,3,4,5,6,7,"8\n' + good + good + b'y,2,3,4,5,6,7,8"\n' + good, header)
    assert [(at, problem) for at, _, problem in found] == [
        (2, "a quote opens and never closes"),
        (3, ""),
        (4, ""),
        (5, "a quote opens and never closes"),
        (6, ""),
    ]


def test_a_record_longer_than_the_limit_is_given_up() -> None:
    long = b'1,"' + b"x" * 40 + b"\n" + b"y" * 40 + b'",3\n'
    found = read(long + b"4,5,6\n", limit=64)
    assert found[0][2] == "a quote opens and never closes"
    assert found[-1] == (4, ["4", "5", "6"], "")


def test_a_line_longer_than_the_limit_is_given_up() -> None:
    found = read(b"1," + b"x" * 200 + b",3\n4,5,6\n", limit=64)
    assert found[0][2] == "is longer than 64 bytes; the rest of it is left out here"
    assert found[1] == (3, ["4", "5", "6"], "")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"1,2\n", "has 2 fields, the header has 3"),
        (b"1,2,3,4\n", "has 4 fields, the header has 3"),
        (b'1,"2"x,3\n', "is not CSV: ',' expected after '\"'"),
        (b"1,\xe9,3\n", "is not UTF-8"),
    ],
)
def test_a_broken_record_is_told(content: bytes, problem: str) -> None:
    found = read(content + b"4,5,6\n")
    assert [(at, said) for at, _, said in found] == [(2, problem), (3, "")]


def test_bytes_that_are_not_utf8_can_be_written_back() -> None:
    (_, fields, _), *_ = read(b"1,caf\xe9,3\n")
    assert fields[1].encode("utf-8", "surrogateescape") == b"caf\xe9"
