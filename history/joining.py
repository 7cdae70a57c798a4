"""Several reports of one run attempt: the row that they make together, and which of them it takes.

A run attempt may report more than once: a training job and a report job, a row that was pending, a report that is made
again. Each report is a row of the file; `commits` has one row for them all, in which each cell, and each name of a
JSON object, is the newest report's that fills it. A report that fills nothing of that row is let go when histories are
merged, as no other report can ever bring it back. So the reports that are needed are a set that any order of merging
leads to: those that are needed of both sides are needed of those that each side needs.
"""

from __future__ import annotations

import duckdb

from .columns import COLUMNS, KEY, quote_identifier
from .ordering import IS_KEYED, canonical_order, key_of
from .shape import CsvShape

_OBJECTS = tuple(column.name for column in COLUMNS if column.type == "json_object")
_MOST = 2**32
"""More than there are reports of one run attempt."""


def join_reports(
    connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape, *, apart: str = ""
) -> None:
    """Join the reports in `table`, which has the columns of `commits`, by key; those of each value of the column
    `apart` for themselves, where one is named. Makes the temporary tables

    - `joined`: one row a key, with the columns of `commits`, that the reports of this key make together;
    - `needed(place)`: the rowids of the reports in `table` that fill something of it.
    """
    run = f"{key_of()}, {apart}" if apart else key_of()
    connection.execute(
        f"create or replace temp table ranked as select rowid as place, "
        f"dense_rank() over (order by {run}) as run, "
        f"row_number() over (partition by {run} order by {canonical_order(shape)}) as rank from {table}"
    )
    _join_objects(connection, table)
    names = list(shape.columns.values())
    cells = [name for name in names if name not in KEY and name not in _OBJECTS]
    lines = f"{table} line join ranked on line.rowid = ranked.place"
    places = ["arg_max(ranked.place, ranked.rank)", *(_newest("ranked.place", name) for name in cells)]
    connection.execute(
        f"create or replace temp table needed as select unnest(list_distinct([{', '.join(places)}])) as place "
        f"from {lines} group by ranked.run union select place from member_winners"
    )
    values = ", ".join(
        f"{_joined(name, is_cell=name in cells)} as {quote_identifier(name)}" for name in names
    )
    connection.execute(
        f"create or replace temp table joined as select {values} from {lines} "
        f"left join joined_objects on joined_objects.run = ranked.run group by ranked.run"
    )


def rows_of_file(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL of a relation: the rows as the file has them, in no order; `commits` itself where that is the same."""
    if connection.execute("select count(*) from commits_repeated").fetchall() == [(0,)]:
        return "commits"
    return (
        f"(select * from commits where not {is_joined('commits')} "
        "union all by name select * from commits_repeated)"
    )


def is_joined(table: str) -> str:
    """SQL that tells whether a row of `table` stands for several: those are all in `<table>_repeated`."""
    return f"({IS_KEYED} and {key_of()} in (select {key_of()} from {table}_repeated where {IS_KEYED}))"


def set_repeated_aside(connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape) -> None:
    """Leave each row once in `table`; what the file has of it beside that is in `<table>_repeated`.

    Of rows without a run, copies are moved there. Of several reports of one run attempt all are; the newest one's
    place takes the row that they make together.
    """
    connection.execute(f"create or replace table {table}_repeated as select * from {table} limit 0")
    identity = f"{key_of()}, case when not {IS_KEYED} then recorded_at end"
    # Hashes of a few short columns first: comparing whole rows is for those few that might be copies.
    connection.execute(
        f"create or replace temp table suspects as "
        f"select hash({identity}) as suspect from {table} group by hash({identity}) having count(*) > 1"
    )
    if connection.execute("select count(*) from suspects").fetchall() == [(0,)]:
        return
    columns = ", ".join(f"line.{quote_identifier(name)}" for name in shape.columns.values())
    same = f"partition by {key_of()}, case when not {IS_KEYED} then row({columns}) end"
    connection.execute(
        f"create or replace temp table places as select line.rowid as place, {IS_KEYED} as is_keyed, "
        f"count(*) over ({same}) as count_rows, "
        f"row_number() over ({same} order by {canonical_order(shape, descending=True)}) as newest "
        f"from {table} line where hash({identity}) in (select suspect from suspects)"
    )
    aside = "select place from places where count_rows > 1 and (is_keyed or newest > 1)"
    connection.execute(
        f"insert into {table}_repeated select * from {table} where rowid in ({aside}); "
        f"delete from {table} where rowid in ({aside} and newest > 1)"
    )
    join_in_place(connection, table, shape)


def join_in_place(connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape) -> None:
    """Give the rows of `table` that stand for several what these make together."""
    connection.execute(
        f"create or replace temp table several as select * from {table}_repeated where {IS_KEYED}"
    )
    if connection.execute("select count(*) from several").fetchall() == [(0,)]:
        return
    join_reports(connection, "several", shape)
    names = [quote_identifier(name) for name in shape.columns.values()]
    connection.execute(
        f"update {table} line set {', '.join(f'{name} = joined.{name}' for name in names)} from joined "
        f"where {key_of('line')} = {key_of('joined')} and nullif(line.workflow_run_id, '') is not null"
    )


def _join_objects(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make `member_winners(run, slot, name, place)`, and `joined_objects(run, ...)` with an object a column."""
    listed = " union all ".join(
        f"select ranked.*, '{name}' as object, json_keys(line.{name}) as names, "
        f"json_extract(line.{name}, '$.*') as texts "
        f"from {table} line join ranked on line.rowid = ranked.place where line.{name} is not null"
        for name in _OBJECTS
    )
    connection.execute(
        f"""
        create or replace temp table members as
        with entries as (
            select
                run, place, rank, object, unnest(names) as name, unnest(texts)::varchar as text,
                generate_subscripts(names, 1) as number
            from ({listed})
        )
        -- What was measured several times goes with its median. Where a name is there twice, the later one holds.
        select run, if(object = 'repeats', 'metrics', object) as slot, name, place, object,
            arg_max(text, number) as text,
            ((arg_max(text, number) <> 'null')::bigint + (object <> 'repeats')::bigint) * {_MOST} + max(rank)
                as weight
        from entries
        group by run, object, name, place
        """
    )
    connection.execute(
        "create or replace temp table member_winners as select run, slot, name, arg_max(place, weight) as place "
        "from members group by run, slot, name"
    )
    objects = ", ".join(
        f"'{{' || string_agg(to_json(name)::varchar || ':' || text, ',' order by name) "
        f"filter (object = '{name}') || '}}' as joined_{name}"
        for name in _OBJECTS
    )
    connection.execute(
        f"create or replace temp table joined_objects as select run, {objects} "
        f"from members join member_winners using (run, slot, name, place) group by run"
    )


def _joined(name: str, *, is_cell: bool) -> str:
    """SQL of the value of a column of the joined row; that of the newest report, where nobody fills it."""
    own = f"arg_max_null(line.{quote_identifier(name)}, ranked.rank)"
    if is_cell:
        return f"coalesce({_newest(f'line.{quote_identifier(name)}', name)}, {own})"
    return f"coalesce(any_value(joined_objects.joined_{name})::json, {own})" if name in _OBJECTS else own


def _newest(value: str, name: str) -> str:
    """SQL of `value` in the newest report that fills the column `name`.

    A word that says that nothing is known, or was done, gives way to one that says more, whichever is newer.
    """
    column = f"line.{quote_identifier(name)}"
    weight = (
        f"weight_of_{name}({column}) * {_MOST} + ranked.rank"
        if name in ("training", "workflow_status")
        else "ranked.rank"
    )
    return f"arg_max({value}, {weight}) filter (nullif({column}::varchar, '') is not null)"
