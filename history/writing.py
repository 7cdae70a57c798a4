"""From the tables back to the CSV: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from .columns import COLUMNS, quote_identifier
from .csv_records import Record, header_line
from .joining import rows_of_file
from .ordering import canonical_order
from .shape import CsvShape
from .unreadable import in_sections


def write_csv(
    connection: duckdb.DuckDBPyConnection,
    shape: CsvShape,
    path: Path,
    condition: str = "true",
    rejected: Iterable[Record] = (),
) -> None:
    """Write the rows that fulfil `condition`: header, rows in canonical order, then `rejected`, byte for byte.

    UTF-8, RFC 4180, LF. An empty cell is nothing, an empty text is `""`.
    """
    copy_rows(connection, rows_as_text(connection, shape, condition), shape.header, path)
    with path.open("ab") as file:
        file.write(in_sections(rejected, shape.header))


def rows_as_text(connection: duckdb.DuckDBPyConnection, shape: CsvShape, condition: str = "true") -> str:
    """SQL of the rows that fulfil `condition` in canonical order, each cell as its text, in the order of the header."""
    types = {column.name: column.type for column in COLUMNS}
    cells = ", ".join(
        f"write_{types[name]}({name})" if name in types else quote_identifier(shape.unknown[name])
        for name in shape.header
    )
    return f"select {cells} from ({_rows(connection, shape, condition)})"


def copy_rows(
    connection: duckdb.DuckDBPyConnection, rows: str, names: Iterable[str], path: Path, mark: str = ""
) -> None:
    """Write the rows of a query to `path`, after `mark` and a header of `names`."""
    # The header is given as a prefix: as column names, `Metrics` and `metrics` would be renamed.
    header = mark + header_line(names)
    connection.execute(
        f"copy ({rows}) to ? "
        "(format csv, header false, delimiter ',', quote '\"', escape '\"', nullstr '', prefix ?, suffix ?)",
        [str(path), header, "\n"],
    )
    if path.stat().st_size == len(header.encode()) + 1:
        path.write_text(
            header, encoding="utf-8", newline=""
        )  # Without rows, the suffix would be a blank line.


def _rows(connection: duckdb.DuckDBPyConnection, shape: CsvShape, condition: str) -> str:
    rows = rows_of_file(connection)
    order = "" if rows == "commits" else f" order by {canonical_order(shape)}"
    return f"select * from {rows} where {condition}{order}"
