"""Read a partitioned history as one: what its files hold is merged as CSVs are, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from ..columns import COLUMNS, WANTED, quote_identifier
from ..errors import CsvError, HistoryError, LayoutError, in_one_line
from ..filling import fill_settings
from ..joining import join_reports, set_repeated_aside
from ..layouts import recognise
from ..lifting import Lifted, lift
from ..loading import create_commits, create_tables
from ..opening import connect
from ..ordering import IS_KEYED, key_of, restore_order
from ..settings import Settings
from ..shape import CsvShape, free_name
from ..store import History
from .folder import PartitionedFolder, VanishedError
from .layout import is_compacted
from .rows import headers_of, stored_rows

_MOST_TRIES = 10
"""Of reading a folder that is compacted meanwhile."""


def open_partitioned(folder: PartitionedFolder, settings: Settings | None = None) -> History:
    """The history of all rows below `folder`; empty where there is none.

    It is what merging its files as CSVs gives. Rows that are compacted meanwhile are neither lost nor doubled. Raises
    `LocationError` when the folder can't be read, `CsvError` when a file of it is not of a history.
    """
    settings = settings or Settings()
    names = folder.names()
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            history = read_files(folder, names, settings)
        except VanishedError:
            if not tries_left:
                raise
            names = folder.names()
            continue
        # Names are listed one by one: one that was missed may have become part of a file that was missed before it.
        before, names = names, folder.names()
        if not _has_moved(before, names):
            return _with_unreadable(history, folder)
        history.close()
    raise VanishedError(f"{folder.shown}: is compacted again and again")


def _has_moved(before: Iterable[str], now: Iterable[str]) -> bool:
    """Whether files took the place of others in between."""
    before, now = set(before), set(now)
    return bool(before - now) or any(map(is_compacted, now - before))


def read_files(folder: PartitionedFolder, names: Sequence[str], settings: Settings) -> History:
    """The history in these files of the folder. Raises as `open_partitioned` does, `VanishedError` if one is gone."""
    with folder.opened(names) as paths:
        size = sum(path.stat().st_size for path in paths if path.exists())
        connection = connect(size)
        try:
            create_tables(connection)
            fill_settings(connection, settings)
            shape = load_files(connection, dict(zip(names, paths, strict=True)), settings.timezone)
        except duckdb.Error as error:
            connection.close()
            if all(path.exists() for path in paths):
                raise HistoryError(_refusal(folder, dict(zip(paths, names, strict=True)), error)) from error
            raise VanishedError(f"{folder.shown}: is compacted again and again") from error
        except CsvError as error:
            connection.close()
            raise type(error)(f"{folder.shown}: {error}") from error
        except BaseException:
            connection.close()
            raise
    return History(connection, settings, shape)


def _refusal(folder: PartitionedFolder, names: Mapping[Path, str], error: duckdb.Error) -> str:
    """What the database says of a file, by the file's own name: what it has read may be a copy."""
    reason = in_one_line(error)
    for path, name in names.items():
        reason = reason.replace(str(path), name)
    return f"{folder.shown}: can't be taken in: {reason}"


def _with_unreadable(history: History, folder: PartitionedFolder) -> History:
    with folder.opened(folder.unreadable()) as paths:
        for path in paths:
            history.merge(path)
    return history


def load_files(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path], timezone: str) -> CsvShape:
    """Fill `commits` and `commits_repeated` from files, by name; returns their shape.

    Raises `CsvError` for a file that is not of a history, `duckdb.Error` for one that can't be read.
    """
    shape = CsvShape()
    groups = []
    for header, paths in headers_of(connection, files.values()).items():
        group = _Group(connection, header, paths, files, timezone)
        own = shape.with_unknown(group.lifted.unknown)
        shape = shape.joined_with(CsvShape(header=group.lifted.header, unknown=own.unknown))
        groups.append(group)
    file = _free("file", shape)
    create_commits(connection, "arrived", shape)
    connection.execute(f"alter table arrived add column {file} bigint")
    for group in groups:
        group.insert(shape, file)
    _merge_files(connection, shape, file)
    set_repeated_aside(connection, "commits", shape)
    restore_order(connection, "commits", shape)
    return shape


class _Group:
    """Files of the same columns."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        header: Sequence[str],
        paths: Sequence[Path],
        files: Mapping[str, Path],
        timezone: str,
    ) -> None:
        self._connection = connection
        self._names = {path: name for name, path in files.items()}
        self._paths = paths
        self._numbers = {path: number for number, path in enumerate(files.values())}
        source = f"(select *, file as csv_line from {stored_rows(len(header))})"
        try:
            layout = recognise(list(header))
        except LayoutError as error:
            raise LayoutError(f"{self._names[paths[0]]}: {error}") from error
        self.lifted: Lifted = lift(connection, layout, source, [[str(path) for path in paths]], timezone)

    def insert(self, shape: CsvShape, file: str) -> None:
        """Put the rows into `arrived`, typed, each with its file's number. Raises `CsvError` for an odd cell."""
        self._connection.execute("create or replace temp table numbers (place bigint, number bigint)")
        numbers = [self._numbers[path] for path in self._paths]
        self._connection.execute(
            "insert into numbers select unnest(range(len(?::bigint[]))), unnest(?::bigint[])",
            [numbers, numbers],
        )
        typed = {
            column.name: column.name
            if column.type == "text"
            else f"checked({column.name}, read_{column.type}({column.name}))"
            for column in COLUMNS
            if column.name in self.lifted.columns
        }
        typed |= {
            quote_identifier(shape.unknown[name]): quote_identifier(inner)
            for name, inner in self.lifted.unknown.items()
        }
        cells = ", ".join(f"{value} as {name}" for name, value in typed.items())
        try:
            self._connection.execute(
                f"insert into arrived by name select {cells}, number as {file} "
                f"from {self.lifted.sql} join numbers on csv_line = place",
                self.lifted.parameters,
            )
        except duckdb.InvalidInputException as error:
            raise self._complaint() or error from error

    def _complaint(self) -> CsvError | None:
        """What is wrong with the first row that has a cell of another type, and in which file."""
        checks = ", ".join(
            f"complaint('{column.name}', {column.name}, read_{column.type}({column.name}), '{WANTED[column.type]}')"
            for column in COLUMNS
            if column.type != "text" and column.name in self.lifted.columns
        )
        found = self._connection.execute(
            f"select csv_line, concat_ws('; ', {checks}) as complaint from {self.lifted.sql} "
            "where complaint <> '' order by all limit 1",
            self.lifted.parameters,
        ).fetchall()
        return next((CsvError(f"{self._names[self._paths[at]]}: {text}") for at, text in found), None)


def _merge_files(connection: duckdb.DuckDBPyConnection, shape: CsvShape, file: str) -> None:
    """Make `commits` of `arrived`: the rows that merging the files one by one would give.

    Of the reports of one run attempt those that the row which they make together takes, whichever files they are in;
    and what a file has beside those that it needs itself, as often as the file has it that has most.
    """
    names = ", ".join(quote_identifier(name) for name in shape.columns.values())
    identity = f"hash({key_of()}, case when not {IS_KEYED} then recorded_at end)"
    connection.execute(
        f"create or replace temp table suspects as select {identity} as suspect from arrived "
        f"group by {identity} having min({file}) <> max({file})"
    )
    if connection.execute("select count(*) from suspects").fetchall() == [(0,)]:
        connection.execute(f"alter table arrived drop column {file}; alter table arrived rename to commits")
        return
    is_suspect = f"{identity} in (from suspects)"
    connection.execute(f"create or replace temp table meeting as select * from arrived where {is_suspect}")
    _note_needless(connection, shape, file)
    connection.execute(
        f"create or replace temp table reports as select distinct {names} from meeting "
        f"where {IS_KEYED} and rowid not in (from needless)"
    )
    join_reports(connection, "reports", shape)
    connection.execute(
        f"create or replace table commits as select {names} from arrived where not {is_suspect} "
        f"union all select {names} from reports where rowid in (from needed) "
        # Of every other row as many copies as the file has that has most.
        f"union all select {names} from (select distinct {names}, "
        f"row_number() over (partition by {names}, {file}) as {_free('copy', shape)} "
        f"from meeting where not {IS_KEYED} or rowid in (from needless))"
    )
    connection.execute("drop table arrived; drop table meeting; drop table reports")


def _note_needless(connection: duckdb.DuckDBPyConnection, shape: CsvShape, file: str) -> None:
    """Put into `needless` the rowids of the rows in `meeting` that no joined row of their own file takes."""
    place = _free("place", shape)
    connection.execute(
        f"create or replace temp table within as select rowid as {place}, * from meeting where {IS_KEYED} "
        f"qualify count(*) over (partition by {key_of()}, {file}) > 1"
    )
    connection.execute("create or replace temp table needless (place bigint)")
    if connection.execute("select count(*) from within").fetchall() != [(0,)]:
        join_reports(connection, "within", shape, apart=file)
        connection.execute(
            f"insert into needless select {place} from within where rowid not in (from needed)"
        )
    connection.execute("drop table within")


def _free(name: str, shape: CsvShape) -> str:
    """The name as SQL has it, or another one where a column of the user's own has it."""
    return quote_identifier(free_name(name, {taken.lower() for taken in shape.columns.values()}))
