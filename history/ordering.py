"""The canonical order of rows, and the key by which rows are about the same run attempt."""

from __future__ import annotations

import duckdb

from .columns import KEY, quote_identifier
from .shape import CsvShape

_FIRST = ("recorded_at", "committed_at", *KEY)

IS_KEYED = "nullif(workflow_run_id, '') is not null"
"""Whether a row tells its run: rows without one are the same only when every column is."""


def canonical_order(shape: CsvShape, *, descending: bool = False) -> str:
    """The `order by` list that puts any set of rows with these columns into one order."""
    # By the names in the file: those in the table depend on which of `Loss` and `loss` came first.
    others = [
        quote_identifier(column) for name, column in sorted(shape.columns.items()) if name not in _FIRST
    ]
    keys = [*_order_keys(), *(f"{name}::varchar" for name in others), *_FIRST]
    direction = "desc nulls last" if descending else "nulls first"
    return ", ".join(f"{key} {direction}" for key in keys)


def order_key() -> str:
    """A row by which most rows can be told apart; where it is the same, all other columns decide."""
    return f"row({', '.join(_order_keys())})"


def restore_order(connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape) -> None:
    """Put the rows of `table` into canonical order, so that file order and time agree. Cheap when they do."""
    connection.execute(
        f"create or replace temp table disorder as select min(now) as since from "
        f"(select {order_key()} as now, lag({order_key()}) over () as before from {table}) where now <= before"
    )
    if connection.execute("select since is null from disorder").fetchall() == [(True,)]:
        return
    # Whatever comes before the least row that is out of place is in its place.
    tail = f"from {table} where {order_key()} >= (select since from disorder)"
    connection.execute(
        f"create or replace temp table in_order as select * {tail} order by {canonical_order(shape)}"
    )
    connection.execute(f"delete {tail}")
    connection.execute(f"insert into {table} select * from in_order")
    connection.execute("drop table in_order")


def key_of(alias: str = "") -> str:
    """SQL of a row's key. Nothing and an empty text are the same in it, as they look the same."""
    prefix = f"{alias}." if alias else ""
    return f"row({', '.join(f'coalesce({prefix}{name}, {_nothing(name)})' for name in KEY)})"


def _order_keys() -> list[str]:
    return [f"coalesce({name}, {_nothing(name)})" for name in _FIRST]


def _nothing(name: str) -> str:
    """SQL of the value that stands for nothing in a column of the order or the key."""
    if name.endswith("_at"):
        return "timestamp '0001-01-01'"
    return "0" if name == "run_attempt" else "''"
