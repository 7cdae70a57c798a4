"""`devops-mlops-report sql`: ask the history with SQL, read-only."""

from __future__ import annotations

import re
import sys
import threading

import click

from ...history import History
from ...history.sql_files import TABLES, views
from ..delivery.printing import give_answer, show_parts
from ..delivery.progress import progress
from ..rendering.answer_tables import FORMATS, Part, Title
from .places import Place, on_a_history

MOST_ROWS = 1_000_000
"""Of an answer; more of them are no answer that a person or a pipe wants."""


def _size(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A size as the database reads it."""
    if value is not None and not re.fullmatch(r"[1-9]\d{0,8}(\.\d{1,3})? ?[KMGT]i?B", value, re.IGNORECASE):
        raise click.BadParameter(f"{value!r} is no size; wanted one such as 500MB")
    return value


@click.command()
@click.argument("query", required=False)
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=threading.TIMEOUT_MAX),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long the query may take.",
)
@click.option(
    "--memory",
    metavar="SIZE",
    callback=_size,
    help="How much memory it may take, such as 500MB. Default: four fifths of the machine's.",
)
@on_a_history
def sql(place: Place, query: str | None, style: str, timeout: float, memory: str | None) -> None:
    """Ask the history with SQL (DuckDB's); without a QUERY, list its tables and views. `-` reads it from stdin.

    A query can't write files or reach the network. One that takes longer than --timeout or more than --memory ends, as
    does one whose answer has more than a million rows.

    \b
    Examples:
      devops-mlops-report sql
      devops-mlops-report sql "select commit_sha, value, delta, verdict from highlight_trend"
      devops-mlops-report sql "select * from pipeline_health" --format markdown
      devops-mlops-report sql "select * from trends" --timeout 10 --memory 500MB
    """
    history = place.open()
    history.limit(timeout, memory)
    history.lock_down()
    if query is None:
        history.describe()
        show_parts(_catalogue(history))
        return
    asked = sys.stdin.read() if query == "-" else query
    with progress("asking the history"):
        names, rows = history.fetch(history.sql(asked), MOST_ROWS)
    give_answer(names, rows, style)


def _catalogue(history: History) -> list[Part]:
    """Every table and view that is part of the contract, with its purpose, grain, units and columns."""
    told = "select table_name, comment from duckdb_tables() where table_name = any(?)"
    purposes = {row["table_name"]: row["comment"] or "" for row in history.rows(told, [list(TABLES)])}
    entries = [(name, purposes[name], "") for name in TABLES]
    entries += [
        (view.name, view.purpose, f"{view.grain}; {view.units}") for view in views() if view.is_public
    ]
    parts: list[Part] = []
    for name, purpose, more in entries:
        columns = history.rows(
            "select column_name, lower(data_type) as data_type from duckdb_columns() "
            "where table_name = ? order by column_index",
            [name],
        )
        listed = ", ".join(f"{row['column_name']} {row['data_type']}" for row in columns)
        parts += [""] if parts else []
        parts += [Title(f"{name}: {purpose}"), *([f"  {more}"] if more else []), f"  {listed}"]
    return parts
