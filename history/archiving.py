"""Old rows in a file beside the history: which rows those are, told by what they hold.

A row that was archived once stays in the archive, so that writing the archive before the history loses nothing,
whenever the process ends in between: the row is then in both files, and is read once.
"""

from __future__ import annotations

import duckdb

from .columns import quote_identifier, quote_text
from .joining import is_joined
from .ordering import IS_KEYED, key_of
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

    Returns how many rows were marked; copies of a row, and the reports that it joins, go with it uncounted.
    """
    # By the newest row's time, not by a clock: the same rows give the same files.
    connection.execute(
        f"create or replace temp table kept as select {key_of()} as key, "
        f"{_digest(shape)} as digest, row_number() over (order by rowid desc) as age, "
        f"date_diff('second', recorded_at, max(recorded_at) over ()) / 86400 as age_days "
        f"from commits where {_has_more(shape)}"
    )
    limits = [(name, limit) for name, limit in (("age", keep), ("age_days", keep_days)) if limit is not None]
    beyond = " or ".join(f"{name} > {int(limit)}" for name, limit in limits) or "false"
    far_beyond = " or ".join(f"{name} > {int(limit) * (1 + SLACK)}" for name, limit in limits) or "false"
    if connection.execute(f"select count(*) from kept where {far_beyond}").fetchall() == [(0,)]:
        return 0
    connection.execute(f"create or replace temp table moving as select * from kept where {beyond}")
    connection.execute(
        f"insert into archived select digest from moving union all select {_digest(shape)} "
        f"from commits_repeated where {IS_KEYED} and {key_of()} in (select key from moving)"
    )
    [(moved,)] = connection.execute("select count(*) from moving").fetchall()
    return int(moved)


def is_archived(connection: duckdb.DuckDBPyConnection, shape: CsvShape) -> str:
    """SQL that tells whether a row of the file is in the archive."""
    if connection.execute("select count(*) from archived").fetchall() == [(0,)]:
        return "false"
    return f"{_digest(shape)} in (from archived)"


def _has_more(shape: CsvShape) -> str:
    """SQL that tells whether some of what a row of `commits` stands for is not in the archive."""
    is_open = f"{_digest(shape)} not in (from archived)"
    open_reports = f"select {key_of()} from commits_repeated where {is_open}"
    return f"case when {is_joined('commits')} then {key_of()} in ({open_reports}) else {is_open} end"


def _digest(shape: CsvShape) -> str:
    """SQL of a text that is the same for the same row. Empty cells don't count: a merge may add columns."""
    cells = ", ".join(
        f"{quote_text(column + '=')} || {quote_identifier(column)}::varchar"
        for column in shape.columns.values()
    )
    return f"md5(concat_ws(chr(31), {cells}))"
