"""Old rows in a file beside the history: which rows those are, told by what they hold.

A row that was archived once stays in the archive, so that writing the archive before the history loses nothing,
whenever the process ends in between: the row is then in both files, and is read once.
"""

from __future__ import annotations

import duckdb

from .columns import KEY, quote_identifier, quote_text
from .ordering import IS_KEYED
from .shape import CsvShape

SLACK = 0.1
"""How far a history may go beyond its limit before rows are moved, so that not every run writes both files."""


def mark_archived(connection: duckdb.DuckDBPyConnection, table: str, shape: CsvShape) -> None:
    """The rows of `table` are in the archive: those just loaded, copies not yet set aside."""
    connection.execute(f"insert into archived select {_digest(shape)} from {table}")


def archive_old(
    connection: duckdb.DuckDBPyConnection, shape: CsvShape, keep: int | None, keep_days: int | None
) -> int:
    """Mark what goes beyond the newest `keep` rows, and what is `keep_days` older than the newest row.

    Returns how many rows were marked; copies and older versions of a row go with it, and are not counted.
    """
    # By the newest row's time, not by a clock: the same rows give the same files.
    connection.execute(
        f"create or replace temp table kept as select rowid as place, {', '.join(KEY)}, "
        f"{_digest(shape)} as digest, row_number() over (order by rowid desc) as age, "
        f"date_diff('second', recorded_at, max(recorded_at) over ()) / 86400 as age_days "
        f"from commits where {_digest(shape)} not in (from archived)"
    )
    limits = [(name, limit) for name, limit in (("age", keep), ("age_days", keep_days)) if limit is not None]
    beyond = " or ".join(f"{name} > {int(limit)}" for name, limit in limits) or "false"
    far_beyond = " or ".join(f"{name} > {int(limit) * (1 + SLACK)}" for name, limit in limits) or "false"
    if connection.execute(f"select count(*) from kept where {far_beyond}").fetchall() == [(0,)]:
        return 0
    connection.execute(f"create or replace temp table moving as select * from kept where {beyond}")
    same_key = " and ".join(f"old.{name} is not distinct from moving.{name}" for name in KEY)
    connection.execute(
        f"insert into archived select digest from moving union all "
        f"select {_digest(shape)} from commits_repeated old where {IS_KEYED} "
        f"and exists (select 1 from moving where {same_key})"
    )
    [(moved,)] = connection.execute("select count(*) from moving").fetchall()
    return int(moved)


def is_archived(connection: duckdb.DuckDBPyConnection, shape: CsvShape) -> str:
    """SQL that tells whether a row of `commits` or `commits_repeated` is in the archive."""
    if connection.execute("select count(*) from archived").fetchall() == [(0,)]:
        return "false"
    return f"{_digest(shape)} in (from archived)"


def _digest(shape: CsvShape) -> str:
    """SQL of a text that is the same for the same row. Empty cells don't count: a merge may add columns."""
    cells = ", ".join(
        f"{quote_text(column + '=')} || {quote_identifier(column)}::varchar"
        for column in shape.columns.values()
    )
    return f"md5(concat_ws(chr(31), {cells}))"
