"""A history for other tools: CSV, Parquet, JSON, or a DuckDB database with the tables and the views' answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from .columns import quote_identifier, quote_text
from .errors import HistoryError, LocationError, reason_of
from .loading import describe_columns
from .spreadsheets import write_for_spreadsheet
from .sql_files import TABLES, views
from .store import History
from .temporary import temporary_folder

FORMATS = (".csv", ".parquet", ".json", ".duckdb")

_NESTED = {
    "jobs": """
        list_transform(cast(jobs as json[]), lambda job: {
            'name': job->>'name',
            'conclusion': job->>'conclusion',
            'duration_seconds': cast(job->>'duration_seconds' as double)
        })
    """,
    "ci_metrics": "cast(ci_metrics as map(varchar, double))",
    "metrics": "cast(metrics as map(varchar, double))",
    "params": "cast(params as map(varchar, varchar))",
    "environment": "cast(environment as map(varchar, varchar))",
    "metric_facts": "cast(metric_facts as map(varchar, map(varchar, varchar)))",
    "repeats": "cast(repeats as map(varchar, double[]))",
    "changed_inputs": "cast(changed_inputs as varchar[])",
    "failed_tests": "cast(failed_tests as varchar[])",
}
"""The columns that are JSON in the CSV, as Parquet has them: lists, structs and maps, which no reader has to parse."""


def exportable() -> list[str]:
    """Names of the tables and public views."""
    return [*TABLES, *(view.name for view in views() if view.is_public)]


def export_history(
    history: History, target: Path, table: str = "commits", *, for_spreadsheet: bool = False
) -> list[str]:
    """Write `target` as its suffix says; a file that is there is replaced as a whole.

    `.csv` of `commits` is the history's own CSV with the archived rows; `.duckdb` holds every table, and of every
    public view the answer, whatever `table` says. `for_spreadsheet` makes a CSV in which no cell is a formula. Returns
    the columns that a Parquet file holds as JSON texts, as a cell of them is not of the documented shape. Raises
    `HistoryError` for an unknown suffix or table, `LocationError` when the file can't be written.
    """
    suffix = target.suffix.lower()
    if suffix not in FORMATS:
        raise HistoryError(f"{target}: found the suffix {suffix!r}, wanted one of {', '.join(FORMATS)}")
    if for_spreadsheet and suffix != ".csv":
        raise HistoryError(f"{target}: found the suffix {suffix!r}, wanted .csv for a spreadsheet")
    if table not in exportable():
        raise HistoryError(f"unknown table {table!r}, wanted one of {', '.join(exportable())}")
    as_text: list[str] = []
    try:
        with temporary_folder(beside=target.resolve()) as folder:
            written = folder / f"export{suffix}"
            if for_spreadsheet:
                _write_for_spreadsheet(history, written, table)
            else:
                as_text = _write(history, written, suffix, table)
            written.replace(target.resolve())
    except (OSError, duckdb.IOException) as error:
        raise LocationError(f"{target}: can't be written: {reason_of(error)}") from error
    return as_text


def _write(history: History, written: Path, suffix: str, table: str) -> list[str]:
    if suffix == ".csv" and table == "commits":
        history.write_all(written)
    elif suffix == ".duckdb":
        _write_database(history, written)
    else:
        options = {
            ".csv": "format csv, header",
            ".parquet": "format parquet",
            ".json": "format json, array true",
        }
        rows = f"select * from {quote_identifier(table)}"
        history.refresh_views(rows)
        if suffix == ".parquet" and table == "commits":
            return _write_nested(history, written)
        history.connection.execute(f"copy ({rows}) to ? ({options[suffix]})", [str(written)])
    return []


_OTHER_SHAPE = (duckdb.ConversionException, duckdb.InvalidInputException)


def _write_nested(history: History, written: Path) -> list[str]:
    """The rows of `commits` with nested types; returns the columns that stay texts: nothing of a cell is lost."""

    def copy(names: Iterable[str]) -> None:
        history.connection.execute(f"copy ({_nested_rows(names)}) to ? (format parquet)", [str(written)])

    try:
        copy(_NESTED)
    except _OTHER_SHAPE:
        # Seldom: then each column is tried by itself.
        fitting = [name for name in _NESTED if _has_shape(history, name)]
        copy(fitting)
        return [name for name in _NESTED if name not in fitting]
    return []


def _nested_rows(names: Iterable[str]) -> str:
    """The query for the rows of `commits` with the nested types of these columns."""
    replaced = ", ".join(f"{_NESTED[name]} as {name}" for name in names)
    return f"select * {f'replace ({replaced})' if replaced else ''} from commits"


def _has_shape(history: History, name: str) -> bool:
    """Whether every cell of a column can be had in its nested type."""
    try:
        history.connection.execute(f"select count({_NESTED[name]}) from commits").fetchall()
    except _OTHER_SHAPE:
        return False
    return True


def _write_for_spreadsheet(history: History, written: Path, table: str) -> None:
    if table == "commits":
        rows, names = history.as_text()
    else:
        rows = f"select * from {quote_identifier(table)}"
        names = history.sql(rows).columns
    write_for_spreadsheet(history.connection, rows, names, written)


def _write_database(history: History, written: Path) -> None:
    """The tables, and of each public view its answer: the steps that it is made of stay behind."""
    comments = _comments(history)
    history.connection.execute("attach ? as exported", [str(written)])
    try:
        _fill_database(history, comments)
        describe_columns(history.connection, "exported.commits")
    finally:
        history.connection.execute("detach exported")


def _fill_database(history: History, comments: Mapping[str, str], commits: str = "from commits") -> None:
    """`commits`: the query whose answer is the table of that name."""
    for name in exportable():
        rows = commits if name == "commits" else f"from {name}"
        history.connection.execute(f"create table exported.{name} as {rows}")
        history.connection.execute(f"comment on table exported.{name} is {quote_text(comments[name])}")


def _comments(history: History) -> dict[str, str]:
    """What each table and public view is about; their views are made new."""
    history.refresh_views()
    history.describe()
    described = history.connection.execute(
        "select table_name, comment from duckdb_tables() union all select view_name, comment from duckdb_views()"
    ).fetchall()
    named = dict(described)
    return {name: named[name] for name in exportable()}


BROWSER_STORAGE = "v1.2.0"
"""The layout of a database's file that DuckDB compiled to WebAssembly reads, which is older than ours."""


def write_for_browser(history: History, written: Path) -> dict[str, str]:
    """A small database of the tables and the public views' answers that DuckDB 1.2 and later read, without extensions.

    In `commits`, what is JSON in the CSV is lists and maps, as there are no functions for JSON; a column of which any
    cell has another shape stays text. Returns the tables' names and what each is about.
    """
    comments = _comments(history)
    target = f"attach ? as exported (storage_version '{BROWSER_STORAGE}', block_size 16384)"
    history.connection.execute(target, [str(written)])
    try:
        fitting = [name for name in _NESTED if _has_shape(history, name)]
        _fill_database(history, comments, _nested_rows(fitting))
    finally:
        history.connection.execute("detach exported")
    return comments
