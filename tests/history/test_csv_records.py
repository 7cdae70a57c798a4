"""Where records begin and end, and why a line can't be read."""

import csv
import io

import pytest
from csv_samples import examples
from devops_mlops_report.history import CsvError
from devops_mlops_report.history.csv_records import Record, fields, first_record, records
from hypothesis import given
from hypothesis import strategies as st


def of(content: bytes, count_fields: int = 2) -> list[Record]:
    return list(records(content, 0, count_fields))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a", "found 1 fields, wanted 2"),
        (b"a,b,c", "found 3 fields, wanted 2"),
        (b'"a,b",c,d', "found 3 fields, wanted 2"),
        (b'a,"b', "a quote is open or stray"),
        (b'a,"b"c', "a quote is open or stray"),
        (b"\xe9,b", "byte 1 is not UTF-8"),
        (b"a,\xed\xa0\x80", "byte 3 is not UTF-8"),
    ],
)
def test_a_line_that_can_not_be_read_says_why(content: bytes, reason: str) -> None:
    assert of(content + b"\n") == [Record(1, content, reason)]


def test_commas_too_many_at_the_end_are_let_pass() -> None:
    assert [record.reason for record in of(b'a,b,\na,"b",,\n,,,\na,b,,c\n')] == [None] * 3 + [
        "found 4 fields, wanted 2"
    ]


def test_a_quote_within_a_text_is_a_character_like_others() -> None:
    assert [fields(record.raw) for record in of(b'a"b,c""\n')] == [['a"b', 'c""']]


def test_spaces_after_a_closing_quote_are_dropped() -> None:
    assert [fields(record.raw) for record in of(b'"a" , "b"\n"c"  ,"d "\n')] == [["a", ' "b"'], ["c", "d "]]


def test_an_open_quote_costs_one_line() -> None:
    assert [(record.line, record.raw, record.reason is None) for record in of(b'a,b\nc,"d\ne,f\n')] == [
        (1, b"a,b", True),
        (2, b'c,"d', False),
        (3, b"e,f", True),
    ]


def test_lines_are_counted_within_quotes_and_blank_ones_too() -> None:
    assert [record.line for record in of(b'\n"a\nb\n",c\r\n  \nd,e')] == [2, 6]


def test_line_breaks_of_both_kinds_end_a_record_and_none_ends_the_last() -> None:
    found = of(b"a,b\r\nc,d\ne,f")
    assert [(record.line, record.raw) for record in found] == [(1, b"a,b"), (2, b"c,d"), (3, b"e,f")]


def test_a_carriage_return_ends_a_record_where_it_ends_the_header() -> None:
    content = b'x,y\ra,b\r"c\rd",e\rf'
    _, start = first_record(content)
    assert list(records(content, start, 2)) == [
        Record(2, b"a,b"),
        Record(3, b'"c\rd",e'),
        Record(5, b"f", "found 1 fields, wanted 2"),
    ]


def test_a_carriage_return_elsewhere_costs_its_line() -> None:
    content = b"x,y\na\rb,c\nd,e\n"
    _, start = first_record(content)
    assert [(record.raw, record.reason) for record in records(content, start, 2)] == [
        (b"a\rb,c", "a carriage return stands outside of quotes"),
        (b"d,e", None),
    ]


def test_nothing_is_not_the_empty_text() -> None:
    assert fields(b',"","a ""b""\n",c') == [None, "", 'a "b"\n', "c"]


@examples(200)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_fields_are_those_that_were_written(values: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(values)
    assert fields(text.getvalue()[:-1].encode()) == values


@examples(200)
@given(st.text(st.sampled_from('ab",\n\r é')))
def test_every_byte_is_in_a_record_or_a_blank_line(text: str) -> None:
    content = text.encode()
    kept = b"".join(record.raw for record in of(content))
    assert len(kept) >= len(content.replace(b"\r", b"").replace(b"\n", b"").strip()) - content.count(b" ")


def test_the_header_may_have_a_mark_and_blank_lines_before_it() -> None:
    assert first_record(b'\xef\xbb\xbf\r\n\na,"b,c"\r\nd,e') == (["a", "b,c"], 15)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_nothing_has_no_header(content: bytes) -> None:
    assert first_record(content)[0] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'a,"b\nc,d', "line 1: found 'a,\"b', wanted a CSV header"),
        (b'\n\na,"b"c\n', "line 3: found 'a,\"b\"c', wanted a CSV header"),
        (b"\xff\xfea\x00", "line 1: found UTF-16 text, wanted UTF-8: save the file as CSV UTF-8"),
        (b"\xfe\xff\x00a", "line 1: found UTF-16 text, wanted UTF-8: save the file as CSV UTF-8"),
        (b"a,\xe9\n", "line 1: the header is not UTF-8 (byte 1 of a name)"),
    ],
)
def test_a_header_that_can_not_be_read_says_where_and_why(content: bytes, message: str) -> None:
    with pytest.raises(CsvError) as raised:
        first_record(content)
    assert str(raised.value) == message
