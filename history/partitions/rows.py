"""The rows of a history as a Parquet file keeps them: every cell as its text, told apart by a digest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from ..columns import quote_identifier, quote_text
from ..shape import free_name
from ..store import History

NAMES = "commit_history_columns"
"""The key in a file's metadata under which the CSV's names of its columns stand, a list of JSON, in their order.

The database does not tell `Metrics` from `metrics`: the file's own names may be others.
"""


def cells(count: int) -> list[str]:
    """The columns of a relation by their place: `c0`, `c1`, ..."""
    return [f"c{at}" for at in range(count)]


def rows_by_place(history: History) -> tuple[str, list[str]]:
    """SQL of a history's rows, archived ones too, their cells by place; and the columns' names in the CSV."""
    rows, header = history.as_text()
    return f"(select * from ({rows}) as own({', '.join(cells(len(header)))}))", header


def digest_of(header: Sequence[str]) -> str:
    """SQL of a text that is the same for the same row, whatever columns others have: what is empty does not count."""
    parts = [
        f"coalesce({quote_text(json.dumps(name))} || strlen(c{at}) || ':' || c{at}, '')"
        for name, at in sorted((name, at) for at, name in enumerate(header))
    ]
    return f"md5(concat({', '.join(parts)}))"


def with_digests(rows: str, header: Sequence[str], *, apart: str = "") -> str:
    """SQL of the rows (columns by place) with `content`, the row's digest, and `digest`, which tells copies apart.

    `apart` names a column: copies are counted within each of its values.
    """
    count = len(header)
    listed = ", ".join([*cells(count), *([apart] if apart else [])])
    within = ", ".join(["content", *([apart] if apart else [])])
    return (
        f"select {listed}, content, if(copy = 1, content, md5(content || ' ' || copy)) as digest from ("
        f"select *, row_number() over (partition by {within}) as copy from ("
        f"select {listed}, {digest_of(header)} as content from {rows}))"
    )


def write_file(connection: duckdb.DuckDBPyConnection, rows: str, header: Sequence[str], path: Path) -> None:
    """Write rows, given as SQL with their cells by place, under the names of the CSV."""
    taken: set[str] = set()
    named = []
    for at, name in enumerate(header):
        free = free_name(name or "unnamed", taken)
        taken.add(free.lower())
        named.append(f"c{at} as {quote_identifier(free)}")
    names = quote_text(json.dumps(list(header)))
    connection.execute(
        f"copy (select {', '.join(named)} from ({rows})) to ? "
        f"(format parquet, compression zstd, kv_metadata {{{NAMES}: {names}}})",
        [str(path)],
    )


def headers_of(
    connection: duckdb.DuckDBPyConnection, paths: Iterable[Path]
) -> dict[tuple[str, ...], list[Path]]:
    """The files by the CSV's names of their columns. A file of others has the names that it has."""
    listed = [str(path) for path in paths]
    if not listed:
        return {}
    told = connection.execute(
        f"select file_name, decode(value) from parquet_kv_metadata(?) where decode(key) = '{NAMES}'", [listed]
    ).fetchall()
    names = {file: tuple(json.loads(value)) for file, value in told}
    others = [file for file in listed if file not in names]
    if others:
        columns = connection.execute(
            "select file_name, name from parquet_schema(?) where column_id > 0 order by file_name, column_id",
            [others],
        ).fetchall()
        for file, name in columns:
            names[file] = (*names.get(file, ()), name)
    found: dict[tuple[str, ...], list[Path]] = {}
    for file in listed:
        found.setdefault(names[file], []).append(Path(file))
    return found


def stored_rows(count: int) -> str:
    """SQL of the rows of files that have so many columns: cells by place, and `file`. It takes the paths."""
    listed = ", ".join(f"c{at}::varchar as c{at}" for at in range(count))
    return (
        f"(select {listed}, file_index as file from "
        f"read_parquet(?, hive_partitioning = false) as stored({', '.join(cells(count))}))"
    )
