"""Take the rows of a second table into the first: commutative, associative and idempotent."""

from __future__ import annotations

import duckdb

from .columns import quote_identifier
from .joining import is_joined, join_reports
from .ordering import IS_KEYED, key_of, order_key
from .shape import CsvShape

_SAME_KEY = f"{key_of('mine')} = {key_of('theirs')}"


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

    Of the reports of one run attempt those stay that the row which they make together takes, whichever side they
    are on; and what a side has beside those that it needs itself, as often as the side has it that has more.
    """
    names = ", ".join(quote_identifier(column) for column in shape.columns.values())
    _drop_same(connection, table, incoming, list(shape.columns.values()))
    connection.execute(
        f"create or replace temp table rivals as select distinct {key_of('mine')} as key "
        f"from {table} mine semi join {incoming} theirs on {_SAME_KEY} where {IS_KEYED}"
    )
    if connection.execute("select count(*) from rivals").fetchall() != [(0,)]:
        _settle_rivals(connection, table, incoming, shape)
    connection.execute(f"insert into {table} by name select {names} from {incoming}")
    connection.execute(
        f"insert into {table}_repeated by name select {names} from {incoming}_repeated where {IS_KEYED} "
        # Of every row as many copies as the side has that has more.
        f"union all (select {names} from {incoming}_repeated where not {IS_KEYED} "
        f"except all select {names} from {table}_repeated)"
    )


def _settle_rivals(connection: duckdb.DuckDBPyConnection, table: str, incoming: str, shape: CsvShape) -> None:
    """Take the rows of those run attempts out of `incoming` that both sides have, and put what stays into `table`."""
    names = ", ".join(quote_identifier(column) for column in shape.columns.values())
    sides = {"mine": table, "theirs": incoming}
    for side, source in sides.items():
        chosen = f"{key_of()} in (from rivals)"
        connection.execute(
            f"create or replace temp table {side} as select {names} from {source} "
            f"where {chosen} and not {is_joined(source)} "
            f"union all select {names} from {source}_repeated where {chosen}"
        )
        connection.execute(
            f"delete from {source} where {chosen}; delete from {source}_repeated where {chosen}"
        )
        _set_needless_aside(connection, side, shape)
    connection.execute("create or replace temp table reports as from mine union from theirs")
    join_reports(connection, "reports", shape)
    connection.execute(
        "create or replace temp table settled as from reports where rowid in (from needed) "
        "union all from mine_needless union all (from theirs_needless except all from mine_needless)"
    )
    connection.execute(
        f"create or replace temp table single as select {key_of()} as key from settled "
        f"group by {key_of()} having count(*) = 1"
    )
    is_single = f"{key_of()} in (from single)"
    connection.execute(
        f"insert into {table} by name select {names} from settled where {is_single} "
        f"union all select {names} from joined where not {is_single}"
    )
    connection.execute(f"insert into {table}_repeated by name from settled where not {is_single}")


def _set_needless_aside(connection: duckdb.DuckDBPyConnection, side: str, shape: CsvShape) -> None:
    """Move what no joined row takes of the table `side` to `<side>_needless`: copies, and reports written over."""
    connection.execute(f"create or replace temp table {side}_needless as from {side} limit 0")
    several = f"select 1 from {side} group by {key_of()} having count(*) > 1"
    if connection.execute(f"select exists ({several})").fetchall() == [(True,)]:
        join_reports(connection, side, shape)
        connection.execute(f"insert into {side}_needless from {side} where rowid not in (from needed)")
        connection.execute(f"delete from {side} where rowid not in (from needed)")


def _drop_same(connection: duckdb.DuckDBPyConnection, table: str, incoming: str, columns: list[str]) -> None:
    """Delete the rows of `incoming` that `table` has as they are: after a conflict, nearly all of them.

    Those that stand for several are left: what these are is not told by the row.
    """
    # Of the same commit and second, two rows that differ with the same hash of 64 bits are not to be expected.
    times = ("recorded_at", "committed_at")
    same = " and ".join([_SAME_KEY, *(f"mine.{name} is not distinct from theirs.{name}" for name in times)])
    mine, theirs = (
        f"hash({', '.join(f'{side}.{quote_identifier(column)}' for column in columns)})"
        for side in ("mine", "theirs")
    )
    connection.execute(
        f"delete from {incoming} where rowid in "
        f"(select theirs.rowid from {incoming} theirs join {table} mine on {same} and {mine} = {theirs}) "
        f"and not {is_joined(incoming)} and not {is_joined(table)}"
    )
