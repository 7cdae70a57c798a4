"""Whatever a file holds: it works, or ends in one `HistoryError` with one line; nothing of it is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from devops_mlops_report.history import HistoryError, LayoutError, QueryError, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

HEADER = (",".join(COLUMN_NAMES) + "\n").encode()


def row(**values: str) -> bytes:
    return (",".join(values.get(name, "") for name in COLUMN_NAMES) + "\n").encode()


GOOD = row(commit_sha="a" * 40, recorded_at="2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"  \n", HEADER, HEADER.rstrip(b"\n"), b"\xef\xbb\xbf" + HEADER]
)
def test_an_empty_file_and_a_header_alone_are_an_empty_history(content: bytes) -> None:
    history = open_history(content)
    assert history.count_rows == 0
    assert history.to_csv() == HEADER


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        b"<html>\n",
        b"\xff\xfe" + "commit_sha\n".encode("utf-16-le"),
        b"\xff\xff,b\n",
        b'"open,quote\n',
        b"commit_sha,commit_sha\n",
        b"\x00\n",
        b",,,\n",
    ],
)
def test_a_file_that_is_no_history_is_one_line(content: bytes) -> None:
    with pytest.raises(HistoryError) as caught:
        open_history(content)
    assert "\n" not in str(caught.value)


def test_an_unknown_layout_says_what_is_missing() -> None:
    with pytest.raises(LayoutError, match=r"missing: metrics"):
        open_history(HEADER.replace(b",metrics", b""))


BROKEN = {
    "a wrong number of fields": b"1,2,3\n",
    "an open quote": b'"open\n',
    "a stray quote": b'"a"b' + b"," * (len(COLUMN_NAMES) - 1) + b"\n",
    "bytes that are not UTF-8": b"\xff\xfe" + b"," * (len(COLUMN_NAMES) - 1) + b"\n",
    "a lone carriage return": b"a\rb" + b"," * (len(COLUMN_NAMES) - 1) + b"\n",
    "a time that is none": row(recorded_at="yesterday"),
    "a number that is none": row(training_seconds="soon"),
    "metrics that are none": row(metrics="[1]"),
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN.keys())
def test_a_row_that_cannot_be_read_is_kept_as_it_was_and_costs_no_other(line: bytes) -> None:
    content = HEADER + GOOD + line + GOOD.replace(b"a" * 40, b"b" * 40)
    history = open_history(content)
    assert [rejected.raw for rejected in history.rejected] == [line.rstrip(b"\n")]
    assert history.rejected[0].line == 3
    assert history.count_rows == 2
    assert history.to_csv() == HEADER + GOOD + GOOD.replace(b"a" * 40, b"b" * 40) + line
    assert history.sql("select line, reason is not null from rejected_rows").fetchall() == [(3, True)]


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_line_ends_of_any_kind_are_read(ending: bytes) -> None:
    mixed = HEADER + GOOD.rstrip(b"\n") + ending + GOOD.replace(b"a" * 40, b"b" * 40)
    assert open_history(mixed).count_rows == 2


def test_a_cut_last_line_is_no_row() -> None:
    history = open_history(HEADER + GOOD + GOOD[:30])
    assert (history.count_rows, len(history.rejected)) == (1, 1)


@pytest.mark.parametrize("size", [1_000_000, 18_000_000])
def test_a_huge_cell_is_a_cell(size: int) -> None:
    content = HEADER + row(commit_sha="a" * 40, commit_message='"' + "x" * size + '"')
    history = open_history(content)
    assert history.sql("select length(commit_message) from commits").fetchall() == [(size,)]
    assert len(history.to_csv()) >= size


def test_cells_that_look_like_formulas_are_data() -> None:
    content = HEADER + row(commit_sha="=cmd|' /C calc'!A0", author="+1", branch="-x")
    assert open_history(content).to_csv() == content


def test_many_broken_lines_take_time_in_proportion() -> None:
    seconds = []
    for count in (5_000, 20_000):
        begun = time.process_time()
        assert len(open_history(HEADER + GOOD + b'"x\n' * count).rejected) == count
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 16 * seconds[0]


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='ab,"\n\r\x00é', max_size=60).map(str.encode))
def test_no_bytes_bring_about_anything_but_a_history_or_its_error(tail: bytes) -> None:
    for content in (tail, HEADER + tail, HEADER + GOOD + tail):
        try:
            history = open_history(content)
        except HistoryError:
            continue
        else:
            written = history.to_csv()
            assert open_history(written).count_rows >= history.count_rows


@pytest.mark.parametrize(
    "query",
    [
        "copy commits to '{folder}/x.csv'",
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/*')",
        "attach '{folder}/x.duckdb'",
        "export database '{folder}/x'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "select * from 'http://127.0.0.1:9/x.parquet'",
    ],
)
def test_a_locked_history_reaches_nothing_outside_of_it(query: str, tmp_path: Path) -> None:
    history = open_history(HEADER + GOOD)
    history.lock_down()
    with pytest.raises(QueryError):
        history.fetch(history.sql(query.format(folder=tmp_path)))
    assert list(tmp_path.iterdir()) == []
    assert history.sql("select count(*) from measurements").fetchall() == [(0,)]
