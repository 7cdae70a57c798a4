"""Take the rows of a second table into the first: commutative, associative and idempotent."""

from __future__ import annotations

import duckdb

from .columns import KEY, quote_identifier
from .ordering import IS_KEYED, canonical_order, order_key
from .shape import CsvShape

_SAME_KEY = " and ".join(f"mine.{name} is not distinct from theirs.{name}" for name in KEY)


def append_table(connection: duckdb.DuckDBPyConnection, table: str, incoming: str) -> bool:
    """Insert the one row of `incoming` if it is new and the newest; whether it is, and so was inserted."""
    # Nothing that is newer than all others can be the copy of one.
    is_last = connection.execute(
        f"select not ({IS_KEYED} and exists (select 1 from {table} mine where {_SAME_KEY})) "
        f"and coalesce({order_key()} > (select {order_key()} from {table} order by rowid desc limit 1), true) "
        f"from {incoming} theirs"
    ).fetchall()
    if is_last != [(True,)]:
        return False
    connection.execute(f"insert into {table} select * from {incoming}")
    return True


def merge_tables(connection: duckdb.DuckDBPyConnection, table: str, incoming: str, shape: CsvShape) -> None:
    """Merge `incoming` and `incoming_repeated` into `table` and `table_repeated`; both hold the same columns.

    Of two rows of the same run attempt the newer one stays, whichever side it is on.
    """
    names = ", ".join(quote_identifier(column) for column in shape.columns.values())
    _drop_same(connection, table, incoming, list(shape.columns.values()))
    connection.execute(
        f"create or replace temp table rivals as "
        f"select {names} from {table} mine where {IS_KEYED} and exists "
        f"(select 1 from {incoming} theirs where {_SAME_KEY}) "
        f"union all select {names} from {incoming} mine where {IS_KEYED} and exists "
        f"(select 1 from {table} theirs where {_SAME_KEY})"
    )
    if connection.execute("select count(*) from rivals").fetchall() != [(0,)]:
        for side in (table, incoming):
            connection.execute(
                f"delete from {side} mine where exists (select 1 from rivals theirs where {_SAME_KEY})"
            )
        connection.execute(
            f"insert into {table} by name select {names} from rivals qualify row_number() over "
            f"(partition by {', '.join(KEY)} order by {canonical_order(shape, descending=True)}) = 1"
        )
    connection.execute(f"insert into {table} by name select {names} from {incoming}")
    # Of every row as many copies as the side has that has more.
    connection.execute(
        f"insert into {table}_repeated by name "
        f"select {names} from {incoming}_repeated except all select {names} from {table}_repeated"
    )


def _drop_same(connection: duckdb.DuckDBPyConnection, table: str, incoming: str, columns: list[str]) -> None:
    """Delete the rows of `incoming` that `table` has as they are: after a conflict, nearly all of them."""
    # Of the same commit and second, two rows that differ with the same hash of 64 bits are not to be expected.
    same = " and ".join(
        f"mine.{name} is not distinct from theirs.{name}" for name in (*KEY, "recorded_at", "committed_at")
    )
    mine, theirs = (
        f"hash({', '.join(f'{side}.{quote_identifier(column)}' for column in columns)})"
        for side in ("mine", "theirs")
    )
    connection.execute(
        f"delete from {incoming} where rowid in "
        f"(select theirs.rowid from {incoming} theirs join {table} mine on {same} and {mine} = {theirs})"
    )
