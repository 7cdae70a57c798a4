"""The canonical order of rows, and which rows are the same: the two laws behind append, merge and export.

Rows with a `workflow_run_id` are the same when `KEY` is; the newer one holds. Rows without one are the same only
when every column is. What a file holds beyond that (copies, older versions) moves to `<table>_repeated`: nothing
counts it, and the export writes it back.
"""

from __future__ import annotations

import duckdb

from .columns import KEY, quote_identifier
from .shape import CsvShape

_FIRST = ("recorded_at", "committed_at", "repository", "commit_sha", "workflow_run_id", "run_attempt")

IS_KEYED = "nullif(workflow_run_id, '') is not null"


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


def set_repeated_aside(connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape) -> None:
    """Leave each row once in `table`; move copies and older versions to `<table>_repeated`."""
    connection.execute(f"create or replace table {table}_repeated as select * from {table} limit 0")
    identity = f"{', '.join(KEY)}, case when not {IS_KEYED} then recorded_at end"
    # Hashes of a few short columns first: comparing whole rows is for those few that might be copies.
    connection.execute(
        f"create or replace temp table suspects as "
        f"select hash({identity}) as suspect from {table} group by suspect having count(*) > 1"
    )
    if connection.execute("select count(*) from suspects").fetchall() == [(0,)]:
        return
    connection.execute(
        f"create or replace temp table repeated as select rowid as place from {table} whole "
        f"where hash({identity}) in (select suspect from suspects) "
        f"qualify row_number() over (partition by {', '.join(KEY)}, case when not {IS_KEYED} then whole end "
        f"order by {canonical_order(shape, descending=True)}) > 1"
    )
    chosen = f"from {table} where rowid in (select place from repeated)"
    connection.execute(f"insert into {table}_repeated select * {chosen}")
    connection.execute(f"delete {chosen}")


def _order_keys() -> list[str]:
    return [
        f"coalesce({name}, timestamp '0001-01-01')"
        if name.endswith("_at")
        else f"coalesce({name}, {0 if name == 'run_attempt' else repr('')})"
        for name in _FIRST
    ]
