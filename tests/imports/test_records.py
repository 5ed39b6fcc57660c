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


NARROW = b"Handle,Title,SKU,Price\n"
NEVER = "a quote opens and never closes"


def told(content: bytes, header: bytes) -> list[tuple[int, str, str]]:
    return [(at, fields[0], problem) for at, fields, problem in read(content, header)]


@pytest.mark.parametrize(
    "inner", [b"", b"b1,Good1,B1,2.00\n", b"b1,Good1,B1,2.00\nb2,Good2,B2,2.00\n"], ids=[0, 1, 2]
)
def test_two_stray_quotes_in_a_narrow_file_cost_their_two_lines_only(inner: bytes) -> None:
    count = inner.count(b"\n")
    found = told(b'aa,"Oops,A1,1.00\n' + inner + b'b3,TV 42",B3,2.00\nzz,Good,Z,3.00\n', NARROW)
    assert found == [
        (2, "aa", NEVER),
        *((3 + n, f"b{n + 1}", "") for n in range(count)),
        (3 + count, "b3", NEVER),
        (4 + count, "zz", ""),
    ]


def test_a_stray_quote_that_closes_on_the_next_line_of_a_wide_file_costs_two_lines() -> None:
    found = told(b'wa,"Oops,3,4,5,6,7,8\nwb,TV 42",3,4,5,6,7,8\nwc,2,3,4,5,6,7,8\n', b"a,b,c,d,e,f,g,h\n")
    assert found == [(2, "wa", NEVER), (3, "wb", NEVER), (4, "wc", "")]


def test_a_record_with_too_few_fields_gives_up_its_first_line_where_others_are_in_it() -> None:
    found = told(b'aa,"Oops,A1\nb1,Good,B1,2.00\nb2,TV 42",B2\nb3,Good,B3,2.00\n', NARROW)
    assert found == [(2, "aa", NEVER), (3, "b1", ""), (4, "b2", NEVER), (5, "b3", "")]


def test_a_record_of_several_lines_with_too_few_fields_stays_together() -> None:
    found = told(b'aa,"one\ntwo",A1\nb1,Good,B1,2.00\n', NARROW)
    assert found == [(2, "aa", "has 3 fields, the header has 4"), (4, "b1", "")]


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b'aa,"Sizes:\ns,10,20,30\nm,11,21,31\n",A1,1.00\n', NARROW),
        (b'aa,"Big, red, round\nWeight, 3 kg",A1,1.00\n', NARROW),
        (b'aa,"Sizes, in cm, are\ns,10,20,30\nall of them",A1,1.00\n', NARROW),
        (b'aa,"Sizes:\ns,1,2,3,4,5,6,7\n",c,d,e,f,g,h\n', b"a,b,c,d,e,f,g,h\n"),
    ],
)
def test_a_text_that_quotes_some_csv_is_a_text(content: bytes, header: bytes) -> None:
    assert told(content, header) == [(2, "aa", "")]
