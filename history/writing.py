"""From the tables back to the CSV: the same rows give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import duckdb

from .columns import COLUMNS, quote_identifier
from .csv_records import Record
from .ordering import canonical_order
from .shape import CsvShape


def write_csv(
    connection: duckdb.DuckDBPyConnection,
    shape: CsvShape,
    path: Path,
    condition: str = "true",
    rejected: Iterable[Record] = (),
) -> None:
    """Write the rows that fulfil `condition`: header, rows in canonical order, then the lines of `rejected`.

    UTF-8, RFC 4180, LF. An empty cell is nothing, an empty text is `""`.
    """
    types = {column.name: column.type for column in COLUMNS}
    cells = ", ".join(
        f"write_{types[name]}({name})" if name in types else quote_identifier(shape.unknown[name])
        for name in shape.header
    )
    rows = f"select {cells} from ({_rows(connection, shape, condition)})"
    header = _header_line(shape.header)
    # The header is given as a prefix: as column names, `Metrics` and `metrics` would be renamed.
    connection.execute(
        f"copy ({rows}) to ? "
        "(format csv, header false, delimiter ',', quote '\"', escape '\"', nullstr '', prefix ?, suffix ?)",
        [str(path), header, "\n"],
    )
    if path.stat().st_size == len(header.encode()) + 1:
        path.write_text(
            header, encoding="utf-8", newline=""
        )  # Without rows, the suffix would be a blank line.
    with path.open("ab") as file:
        file.writelines(record.raw + b"\n" for record in rejected)


def _rows(connection: duckdb.DuckDBPyConnection, shape: CsvShape, condition: str) -> str:
    if connection.execute("select count(*) from commits_repeated").fetchall() == [(0,)]:
        return f"select * from commits where {condition}"
    return (
        f"select * from (select * from commits union all by name select * from commits_repeated) "
        f"where {condition} order by {canonical_order(shape)}"
    )


def _header_line(names: tuple[str, ...]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(names)
    return line.getvalue()
