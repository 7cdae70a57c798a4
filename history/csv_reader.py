"""From the CSV to DuckDB: every cell as text, nothing guessed, nothing dropped."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from .csv_records import Content, Record, fields, first_record, has_stray_returns
from .errors import CsvError
from .temporary import temporary_folder
from .unreadable import UnreadableSection, has_marks, section_records, sections

LONGEST_FAST_RECORD = 2 * 2**20
"""Bytes. Longer records (a cell with a log in it) are read one by one; the reader's buffers grow with it."""

MOST_COLUMNS = 1000
"""A table of more takes the database minutes."""


def read_header(path: Path) -> list[str]:
    """The names in the header of the file at `path`; empty for an empty file."""
    with mapped(path) as content:
        names, _ = first_record(content)
    if len(names) > MOST_COLUMNS:
        raise CsvError(f"line 1: found {len(names)} columns, wanted at most {MOST_COLUMNS}")
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        shown = ", ".join(repr(name[:60]) for name in repeated[:5])
        raise CsvError(f"line 1: the header names {shown} more than once")
    return names


def read_with_database(count_columns: int, *, is_strict: bool = True) -> str:
    """SQL of a relation with the columns `c0`, `c1`, ... of every row of the file.

    It takes the path as its one parameter. Executing it raises `duckdb.Error` for a file with any row that is
    not exactly as RFC 4180 says: then the rows are for `load_exactly`.
    """
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(count_columns))
    # Everything that could be sniffed is given: sniffing turns the commit 12e4567 into infinity, drops lines
    # that begin with # and takes an HTML error page for a table.
    return f"""read_csv(
        ?, auto_detect = false, header = true, columns = {{{columns}}}, delim = ',', quote = '"', escape = '"',
        comment = '', nullstr = '', allow_quoted_nulls = false, strict_mode = {is_strict},
        max_line_size = {LONGEST_FAST_RECORD}
    )"""


def is_for_database(path: Path) -> bool:
    """Whether the database may try the file at `path`."""
    with mapped(path) as content:
        return not has_stray_returns(content) and not has_marks(content)


def sections_of(path: Path) -> list[UnreadableSection]:
    """The stretches of the file, each with the header of its records: one, unless there are unreadable lines."""
    with mapped(path) as content:
        return sections(content)


def load_exactly(
    connection: duckdb.DuckDBPyConnection, table: str, path: Path, section: UnreadableSection
) -> list[Record]:
    """Create the temporary table `table(csv_line, c0, c1, ...)` of the readable records; returns the others."""
    count_columns = len(section.header)
    names = [f"c{index}" for index in range(count_columns)]
    connection.execute(
        f"create or replace temp table {table} (csv_line bigint, {', '.join(f'{n} varchar' for n in names)})"
    )
    unreadable: list[Record] = []
    long_records: list[Record] = []
    with temporary_folder() as folder:
        readable = folder / "readable.csv"
        with readable.open("wb") as file:
            file.write(",".join(["csv_line", *names]).encode() + b"\n")
            for record in exact_records(path, section):
                if record.reason is not None:
                    unreadable.append(record)
                elif len(record.raw) >= LONGEST_FAST_RECORD // 2:
                    long_records.append(record)
                else:
                    file.write(b"%d,%b\n" % (record.line, record.raw))
        # Not strict about line breaks: within quotes any of them may stand.
        source = read_with_database(count_columns + 1, is_strict=False)
        connection.execute(f"insert into {table} select * from {source}", [str(readable)])
    marks = ", ".join("?" * (count_columns + 1))
    for record in long_records:
        connection.execute(
            f"insert into {table} values ({marks})", [record.line, *fields(record.raw)[:count_columns]]
        )
    return unreadable


def exact_records(path: Path, section: UnreadableSection) -> Iterator[Record]:
    """Every record of a section in order, readable or not."""
    with mapped(path) as content:
        yield from section_records(content, section)


@contextmanager
def mapped(path: Path) -> Iterator[Content]:
    """The file's bytes, without all of them being in memory."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


@contextmanager
def as_file(source: Path | bytes) -> Iterator[Path]:
    """A path to read the source from, as often as need be.

    Text that is in memory, and a pipe's, is put into a temporary file for so long.
    """
    if isinstance(source, Path) and source.is_file():
        yield source
        return
    with temporary_folder() as folder:
        path = folder / "history.csv"
        path.write_bytes(source.read_bytes() if isinstance(source, Path) else source)
        yield path
