"""Frames in, frames out: what the views answer for the rows of many repositories, for engines that spread the work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import duckdb

from .columns import COLUMN_NAMES, quote_identifier
from .errors import HistoryError, in_one_line
from .opening import open_history
from .settings import Settings
from .sql_files import views
from .store import History
from .temporary import temporary_folder
from .writing import copy_rows

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    Frame: TypeAlias = pd.DataFrame | pa.Table

ANSWERS: tuple[str, ...] = (
    "commits",
    "deltas",
    "regressions",
    "change_points",
    "open_regressions",
    "pipeline_health",
    "latest_model",
)
"""What is answered where nothing else is asked for."""

_BESIDE_VIEWS = ("commits", "rejected_rows")

_OWN_NUMBERS = {
    "recorded_order": (
        "select recorded_order as known, "
        "row_number() over (partition by repository order by recorded_order) as own from run_attempts"
    ),
    "line_id": (
        "select line_id as known, row_number() over (partition by repository order by line_id) as own "
        "from (select distinct repository, line_id from metric_points)"
    ),
}
"""Columns that count through all repositories, and what they count in each for itself."""


def answers(
    frame: Frame,
    names: Sequence[str] = ANSWERS,
    settings: Settings | None = None,
    *,
    threads: int = 1,
    memory: str | None = None,
) -> dict[str, pa.Table]:
    """What the views say of the rows in `frame`: an Arrow table for each of `names`, with the columns of the view.

    `frame` (pandas or Arrow) has the columns of a `commitHistory.csv`, of any layout, each cell as its text, nothing
    where the cell is empty; rows of several files may stand in it, and what a run attempt reported more than once is
    joined, as `merge` does. A repository is answered for as its own history would be, whoever else stands in the
    frame: along the line of its newest commit as `parent_sha` tells it, and along each branch. So the answers to a
    frame are those to its repositories together, however they are spread over frames. `recorded_order` and `line_id`
    count from 1 in each repository. Rows that name no repository are those of one more, which has no name.

    `names` are public views, `commits` (with the columns of today's layout), and `rejected_rows`, the rows that can't
    be read; `settings` hold thresholds and metrics' rules, accepted changes by full hashes. The database takes
    `threads`, and `memory` (such as `500MB`, by default four fifths of the machine's) before it goes to the disk.

    Raises `HistoryError` for an unknown name, and for a frame that is not of a history (`CsvError`).
    """
    _refuse_unknown(names)
    answered: dict[str, list[pa.Table]] = {name: [] for name in names}
    for history in _histories(frame, settings or Settings()):
        with history:
            history.connection.execute("set threads = $threads", {"threads": threads})
            history.limit(None, memory)
            history.set_recorded_ancestry()
            for name in names:
                answered[name].append(_answer(history, name))
    return {name: tables[0] if len(tables) == 1 else _joined(tables) for name, tables in answered.items()}


def _refuse_unknown(names: Iterable[str]) -> None:
    known = [*_BESIDE_VIEWS, *(view.name for view in views() if view.is_public)]
    for name in names:
        if name not in known:
            raise HistoryError(f"unknown answer {name!r}, wanted one of {', '.join(known)}")


def _histories(frame: Frame, settings: Settings) -> Iterator[History]:
    """The history of the rows that name a repository, and that of the others, which could be anybody's."""
    with _as_relation(frame) as connection, temporary_folder() as folder:
        names = [str(name) for name in frame.columns] if _is_pandas(frame) else list(frame.column_names)
        cells = ", ".join(_texts(connection))
        path = folder / "frame.csv"
        for rows in _parts(connection, names):
            copy_rows(connection, f"select {cells} from frame where {rows}", names, path)
            yield open_history(path, settings)


@contextmanager
def _as_relation(frame: Frame) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in which the frame is known as `frame`."""
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            connection.register("frame", frame)
            yield connection
        except duckdb.Error as error:
            raise HistoryError(f"the frame can't be read: {in_one_line(error)}") from error


def _is_pandas(frame: Frame) -> bool:
    return type(frame).__module__.partition(".")[0] == "pandas"


def _texts(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """SQL of each column's cells as texts. A column of floats has NaN where pandas had nothing to put."""
    for name, type_, *_ in connection.execute("describe frame").fetchall():
        column = quote_identifier(name)
        yield (
            f"if(isnan({column}), null, {column}::varchar)"
            if type_ in ("DOUBLE", "FLOAT")
            else f"{column}::varchar"
        )


def _parts(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> list[str]:
    """Conditions, one for each history that the rows make."""
    if "repository" not in names:
        return ["true"]
    is_named = "nullif(repository, '') is not null"
    counted = connection.execute(f"select distinct {is_named} from frame").fetchall()
    return [is_named, f"not {is_named}"] if len(counted) > 1 else ["true"]


def _answer(history: History, name: str) -> pa.Table:
    if name == "commits":
        return _fetched(history, f"select {', '.join(COLUMN_NAMES)} from commits")
    if name == "rejected_rows":
        # Lines of a file that is gone.
        return _fetched(history, "select text, reason from rejected_rows")
    described = history.sql(f"select * from {quote_identifier(name)} limit 0")
    replaced = {
        column: f"answer.{column}::bigint as {column}"
        for column, type_ in zip(described.columns, described.types, strict=True)
        # A sum of whole numbers; engines have no type for one of 128 bits.
        if str(type_) == "HUGEINT"
    }
    joins = ""
    for column in _OWN_NUMBERS.keys() & set(described.columns):
        joins += f" left join ({_OWN_NUMBERS[column]}) of_{column} on of_{column}.known = answer.{column}"
        replaced[column] = f"of_{column}.own as {column}"
    cells = ", ".join(replaced.get(column, f"answer.{column}") for column in described.columns)
    return _fetched(history, f"select {cells} from {quote_identifier(name)} answer{joins}")


def _fetched(history: History, query: str) -> pa.Table:
    try:
        return history.sql(query).to_arrow_table()
    except ModuleNotFoundError as error:
        raise HistoryError("answers are Arrow tables: the extra `arrow` is wanted") from error
    except duckdb.Error as error:
        raise HistoryError(f"can't be answered: {in_one_line(error)}") from error


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    # It is there: these tables are its own.
    import pyarrow as pa

    return pa.concat_tables(tables)
