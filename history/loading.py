"""Load a CSV of any layout into a typed table; what can't be read is set aside, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from .columns import COLUMN_NAMES, COLUMNS, SQL_TYPES, WANTED, Column, quote_identifier, quote_text
from .csv_reader import (
    exact_records,
    is_for_database,
    load_exactly,
    read_header,
    read_with_database,
    sections_of,
)
from .csv_records import Record
from .late_dataclass import dataclass
from .layouts import Layout, recognise
from .lifting import Lifted, lift
from .shape import CsvShape
from .sql_files import read_sql
from .unreadable import UnreadableSection


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The macros and the empty tables of a store."""
    statements = [
        # `read_timestamp` takes a time without an offset for UTC, which is what today's layout writes.
        "set timezone = 'UTC';",
        read_sql("history", "cells.sql"),
        read_sql("history", "tables.sql"),
    ]
    connection.execute("\n".join(statements))


def describe_commits(connection: duckdb.DuckDBPyConnection) -> None:
    """Comments on `commits` and its columns, for those who look at the database."""
    connection.execute("comment on table commits is 'One row per workflow run attempt: the CSV, typed'")
    describe_columns(connection, "commits")


def describe_columns(connection: duckdb.DuckDBPyConnection, commits: str) -> None:
    """Comments on the columns of `commits`, or of a copy of it."""
    comments = [
        f"comment on column {commits}.{column.name} is {quote_text(column.meaning)}" for column in COLUMNS
    ]
    connection.execute(";".join(comments))


def create_commits(connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape) -> None:
    """An empty table of today's columns, typed, and those more that the file has."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in _columns(shape).items())
    connection.execute(f"create or replace table {table} ({columns})")


def _columns(shape: CsvShape) -> dict[str, str]:
    """The columns of a table of rows, as SQL writes their names, with their types."""
    unknown = {quote_identifier(name): "varchar" for name in shape.unknown.values()}
    return {column.name: SQL_TYPES[column.type] for column in COLUMNS} | unknown


def add_columns(connection: duckdb.DuckDBPyConnection, table: str, before: CsvShape, after: CsvShape) -> None:
    """Give the table the columns that `after` knows and `before` does not."""
    for name in (name for name in after.unknown if name not in before.unknown):
        connection.execute(f"alter table {table} add column {quote_identifier(after.unknown[name])} varchar")


def load_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    timezone: str,
    table: str = "commits",
    known_names: Mapping[str, str] | None = None,
) -> CsvShape:
    """Create `table` and fill it from the file at `path`; returns the file's shape.

    `timezone` is the zone of the naive times of older layouts. `known_names` are unknown columns that the table
    gets in any case (as `CsvShape.unknown`), before those that the file has beyond. Raises `CsvError` when the
    file as a whole is not a history.
    """
    base = CsvShape(unknown=dict(known_names or {}))
    header = read_header(path)
    if not header:
        create_commits(connection, table, base)
        return base
    loader = _Loader(connection, table, recognise(header), timezone, base)
    if not is_for_database(path):
        return _load_exactly(loader, path)
    source = f"(select null::bigint as csv_line, * from {read_with_database(len(header))})"
    try:
        return loader.fill(loader.lifted(source, [str(path)]))
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        # Some row is not as it should be. The exact reader tells which one, and keeps it.
        return _load_exactly(loader, path)


def _load_exactly(loader: _Loader, path: Path) -> CsvShape:
    """Fill the table from a file in which some row can't be read, and from what was mended among its leftovers."""
    own, *others = sections_of(path)
    shape = loader.fill_exactly(path, own)
    for section in others:
        mended = replace(loader, layout=recognise(list(section.header)), base=shape, is_there=True)
        shape = mended.fill_exactly(path, section)
    return shape


@dataclass(frozen=True)
class _Loader:
    connection: duckdb.DuckDBPyConnection
    table: str
    layout: Layout
    timezone: str
    base: CsvShape
    is_there: bool = False
    """Whether the table is there already, with the columns of `base`, to be added to."""

    def lifted(self, source: str, parameters: Sequence[object]) -> Lifted:
        """The rows of `source` in the columns of today's layout."""
        return lift(self.connection, self.layout, source, parameters, self.timezone)

    def fill(self, lifted: Lifted, condition: str = "true") -> CsvShape:
        """Insert the rows, typed, into the table. Raises `duckdb.Error` for a cell that can't be read."""
        shape = self._shape(lifted)
        typed = {
            column.name: f"checked({column.name}, read_{column.type}({column.name}))"
            for column in _typed(lifted)
        }
        values = {name: typed.get(name, name) for name in COLUMN_NAMES if name in lifted.columns}
        values |= {
            quote_identifier(shape.unknown[name]): quote_identifier(name_lifted)
            for name, name_lifted in lifted.unknown.items()
        }
        if self.is_there:
            add_columns(self.connection, self.table, self.base, shape)
            into = f"insert into {self.table} by name"
        else:
            # Made with its rows, which is faster than adding them; what the file has no column for is there, empty.
            into = f"create or replace table {self.table} as"
            values = {name: values.get(name, f"null::{type_}") for name, type_ in _columns(shape).items()}
        cells = ", ".join(f"{value} as {name}" for name, value in values.items())
        self.connection.execute(
            f"{into} select {cells} from {lifted.sql} where {condition}", lifted.parameters
        )
        return shape

    def fill_exactly(self, path: Path, section: UnreadableSection) -> CsvShape:
        """The same for a stretch of a file in which some row can't be read."""
        rejected = load_exactly(self.connection, "csv_rows", path, section)
        lifted = self.lifted("csv_rows", [])
        complaints = self._complaints(lifted)
        readable = "csv_line not in (select csv_line from complaints)"
        shape = self.base
        if not self.is_there or self._has_rows(f"csv_rows where {readable}"):
            shape = self.fill(lifted, readable)
        self.connection.execute("drop table csv_rows; drop table complaints")
        if complaints:
            # Read once more rather than kept in memory: few files have any, and those have few.
            rejected += [
                replace(record, reason=complaints[record.line])
                for record in exact_records(path, section)
                if record.reason is None and record.line in complaints
            ]
        found = (replace(record, header=section.header) for record in sorted(rejected, key=_line))
        return replace(shape, rejected=(*shape.rejected, *found))

    def _shape(self, lifted: Lifted) -> CsvShape:
        """The file's shape with the columns of the rows that are put in."""
        shape = self.base.with_unknown(lifted.unknown)
        if self.is_there:
            more = [name for name in lifted.unknown if name not in shape.header]
            return replace(shape, header=(*shape.header, *more))
        return replace(shape, header=lifted.header, layout=self.layout.name)

    def _has_rows(self, rows: str) -> bool:
        return self.connection.execute(f"select exists (from {rows})").fetchall() == [(True,)]

    def _complaints(self, lifted: Lifted) -> dict[int, str]:
        """What is wrong with the rows that have a cell of the wrong type, by line."""
        checks = ", ".join(
            f"complaint('{column.name}', {column.name}, read_{column.type}({column.name}), '{WANTED[column.type]}')"
            for column in _typed(lifted)
        )
        self.connection.execute(
            f"create or replace temp table complaints as select csv_line, concat_ws('; ', {checks}) as complaint "
            f"from {lifted.sql} where complaint <> ''"
        )
        return dict(self.connection.execute("select csv_line, complaint from complaints").fetchall())


def _typed(lifted: Lifted) -> list[Column]:
    """The columns whose cells are more than texts."""
    return [column for column in COLUMNS if column.type != "text" and column.name in lifted.columns]


def _line(record: Record) -> int:
    return record.line
