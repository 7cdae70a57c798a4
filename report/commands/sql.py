"""`devops-mlops-report sql`: ask the history with SQL, read-only."""

from __future__ import annotations

import sys

import click

from ...history import History, QueryError
from ...history.sql_files import TABLES, views
from ..delivery.printing import give, say
from ..rendering.answer_tables import FORMATS, format_answer
from .places import Place, on_a_history


@click.command()
@click.argument("query", required=False)
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@on_a_history
def sql(place: Place, query: str | None, style: str) -> None:
    """Ask the history with SQL (DuckDB's); without a QUERY, list its tables and views. `-` reads it from stdin.

    A query can't write files or reach the network.

    \b
    Examples:
      devops-mlops-report sql
      devops-mlops-report sql "select commit_sha, value, delta, verdict from highlight_trend"
      devops-mlops-report sql "select * from pipeline_health" --format markdown
    """
    history = place.open()
    history.lock_down()
    if query is None:
        history.describe()
        say(_catalogue(history))
        return
    relation = history.sql(sys.stdin.read() if query == "-" else query)
    if relation is None:
        raise QueryError("the query gives no rows; wanted one that does, such as `select * from deltas`")
    names, rows = history.fetch(relation)
    give(format_answer(names, rows, style))


def _catalogue(history: History) -> str:
    """Every table and view that is part of the contract, with its purpose, grain, units and columns."""
    told = "select table_name, comment from duckdb_tables() where table_name = any(?)"
    purposes = {row["table_name"]: row["comment"] or "" for row in history.rows(told, [list(TABLES)])}
    entries = [(name, purposes[name], "") for name in TABLES]
    entries += [
        (view.name, view.purpose, f"  {view.grain}; {view.units}\n") for view in views() if view.is_public
    ]
    parts = []
    for name, purpose, more in entries:
        columns = history.rows(
            "select column_name, lower(data_type) as data_type from duckdb_columns() "
            "where table_name = ? order by column_index",
            [name],
        )
        listed = ", ".join(f"{row['column_name']} {row['data_type']}" for row in columns)
        parts.append(f"{name}: {purpose}\n{more}  {listed}\n")
    return "\n".join(parts)
