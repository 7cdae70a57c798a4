"""The fast reader and the exact one read the same, or the fast one refuses."""

from pathlib import Path

import duckdb
import pytest
from csv_samples import examples
from devops_mlops_report.history import CsvError
from devops_mlops_report.history.csv_reader import (
    LONGEST_FAST_RECORD,
    MOST_COLUMNS,
    as_file,
    is_for_database,
    load_exactly,
    mapped,
    read_header,
    read_with_database,
    sections_of,
)
from hypothesis import example, given
from hypothesis import strategies as st

Rows = list[tuple[str | None, ...]]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def exactly(connection: duckdb.DuckDBPyConnection, path: Path, count: int = 2) -> tuple[Rows, list[bytes]]:
    unreadable = load_exactly(connection, "found", path, sections_of(path)[0])
    rows = connection.execute("select * exclude (csv_line) from found order by csv_line").fetchall()
    return rows, [record.raw for record in unreadable]


def fast(connection: duckdb.DuckDBPyConnection, path: Path, count: int = 2) -> Rows | None:
    if not is_for_database(path):
        return None
    try:
        return connection.execute(f"from {read_with_database(count)}", [str(path)]).fetchall()
    except duckdb.Error:
        return None


@examples(400)
@given(
    st.lists(st.sampled_from(['"', ",", "\n", "\r\n", "\r", "a", "1", " ", "é", "\0", "#", "'", "\\", "\t"]))
)
@example(["a", ",", '"', '"', "\n"])
@example(["a", ",", '"', "\r", "\n", '"', "\n"])
@example(["a", ",", "b", ",", "\n"])
@example(["a", ",", "b", ",", ",", "\n"])
@example(["a", ",", "1", "\r", "a", ",", "1"])
def test_what_the_fast_reader_reads_is_what_stands_there(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, pieces: list[str]
) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(b"x,y\n" + "".join(pieces).encode())
    rows = fast(connection, path)
    if rows is not None:
        assert (rows, []) == exactly(connection, path)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_breaks_in_quotes_are_kept_as_they_are(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / "history.csv"
    cell = "one\ntwo\r\nthree\rfour"
    path.write_bytes(f'x,y{ending}1,"{cell}"{ending}only{ending}'.encode())
    assert exactly(connection, path) == ([("1", cell)], [b"only"])


def test_quoted_line_breaks_across_the_readers_buffers_are_read_right(tmp_path: Path) -> None:
    parallel = duckdb.connect(config={"threads": 4})
    path = tmp_path / "history.csv"
    cell = '"' + "line\n" * 900 + 'a ""quote"", a comma\n"'
    with path.open("w", newline="") as file:
        file.write("x,y\n")
        file.writelines(f"{number},{cell}\n" for number in range(20000))
    found = parallel.execute(
        "select count(*), count(distinct c0::int), count(distinct c1), min(length(c1)) from "  # noqa: S608
        + read_with_database(2),
        [str(path)],
    ).fetchone()
    assert found == (20000, 20000, 1, 900 * 5 + len('a "quote", a comma\n'))


@pytest.mark.parametrize(
    "size", [LONGEST_FAST_RECORD // 2 - 10, LONGEST_FAST_RECORD // 2, LONGEST_FAST_RECORD + 1]
)
def test_a_long_cell_is_read_whole(connection: duckdb.DuckDBPyConnection, tmp_path: Path, size: int) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(b'x,y\n"",' + b"a" * size + b"\n1,\n")
    rows, unreadable = exactly(connection, path)
    assert [(x, len(y or "")) for x, y in rows] == [("", size), ("1", 0)]
    assert not unreadable


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("a,b,a,,\n")
    with pytest.raises(CsvError, match=r"^line 1: the header names '', 'a' more than once$"):
        read_header(path)


def test_more_columns_than_the_database_can_bear_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(",".join(f"c{number}" for number in range(MOST_COLUMNS + 1)))
    with pytest.raises(CsvError, match="found 1001 columns, wanted at most 1000"):
        read_header(path)


def test_an_empty_file_can_be_mapped(tmp_path: Path) -> None:
    (tmp_path / "history.csv").touch()
    with mapped(tmp_path / "history.csv") as content:
        assert len(content) == 0


def test_text_in_memory_is_a_file_for_a_while() -> None:
    with as_file(b"text") as path:
        assert path.read_bytes() == b"text"
    assert not path.exists()
