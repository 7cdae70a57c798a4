"""Append to a partitioned history what of a CSV's is not in it yet: one new file a repository, no other touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ..errors import LocationError, reason_of
from ..store import History
from ..temporary import temporary_folder
from .folder import PartitionedFolder, VanishedError
from .layout import UNREADABLE, digests_in, file_name, partition_of
from .rows import headers_of, rows_by_place, stored_rows, with_digests, write_file

_MOST_TRIES = 5
"""Of reading a partition that is compacted meanwhile."""


@dataclass(frozen=True)
class Appended:
    """What an export did."""

    count_new: int
    """Rows that were not there yet."""
    count_rows: int
    """Rows of the history, those that were there too."""
    count_unreadable: int
    """Lines of the CSV that can't be read; they are kept as they are."""


def append_history(history: History, folder: PartitionedFolder) -> Appended:
    """Write the history's rows that `folder` has not got, archived ones too, and the lines that can't be read.

    What is there is told by the names of the files; those of many rows are read. Rows of one repository that are new
    make one file. Raises `LocationError` when the folder can't be read or written: what was written until then stays,
    and is not written again.
    """
    with temporary_folder() as work, _outgoing(history) as header:
        connection = history.connection
        counted = connection.execute(
            "select repository, count(*) from outgoing group by repository"
        ).fetchall()
        for repository, _ in counted:
            _note_known(connection, folder, partition_of(repository))
        count_new = _put_new(connection, folder, header, work / "rows.parquet")
        unreadable = history.unreadable_lines()
        if unreadable:
            (work / "unreadable.csv").write_bytes(unreadable)
            name = f"{UNREADABLE}/{hashlib.sha256(unreadable).hexdigest()[:32]}.csv"
            if name not in folder.unreadable():
                folder.put(name, work / "unreadable.csv")
    return Appended(count_new, sum(count for _, count in counted), history.count_unreadable)


@contextmanager
def _outgoing(history: History) -> Iterator[list[str]]:
    """The history's rows in the table `outgoing`: cells by place, `content`, `digest`, `repository`, `recorded_at`."""
    rows, header = rows_by_place(history)
    connection = history.connection
    connection.execute(
        f"create or replace temp table outgoing as select *, "
        f"nullif(c{header.index('repository')}, '') as repository, "
        f"read_timestamp(c{header.index('recorded_at')}) as recorded_at from ({with_digests(rows, header)}); "
        "create or replace temp table known (digest varchar)"
    )
    try:
        yield header
    finally:
        connection.execute("drop table outgoing; drop table known; drop table if exists new_rows")


def _note_known(connection: duckdb.DuckDBPyConnection, folder: PartitionedFolder, partition: str) -> None:
    """Add the digests of the rows that a partition has to the table `known`."""
    for tries_left in reversed(range(_MOST_TRIES)):
        names = folder.names(partition)
        told = {name: digests_in(name) for name in names}
        digests = [digest for listed in told.values() for digest in listed or ()]
        if digests:
            connection.execute("insert into known select unnest(?::varchar[])", [digests])
        untold = [name for name, listed in told.items() if listed is None]
        try:
            _read_digests(connection, folder, untold)
            return
        except VanishedError:
            if not tries_left:
                raise


def _read_digests(
    connection: duckdb.DuckDBPyConnection, folder: PartitionedFolder, names: Sequence[str]
) -> None:
    if not names:
        return
    with folder.opened(names) as paths:
        try:
            for header, files in headers_of(connection, paths).items():
                found = with_digests(stored_rows(len(header)), header, apart="file")
                connection.execute(
                    f"insert into known select digest from ({found})", [[str(file) for file in files]]
                )
        except duckdb.Error as error:
            if all(path.exists() for path in paths):
                raise LocationError(f"{folder.shown}: can't be read: {reason_of(error)}") from error
            raise VanishedError(f"{folder.shown}: is compacted again and again") from error


def _put_new(
    connection: duckdb.DuckDBPyConnection, folder: PartitionedFolder, header: Sequence[str], written: Path
) -> int:
    """Write the rows that are not in `known`, a file a repository; returns how many there are."""
    # Of a row that there is once more, each copy is written: a reader takes as many as the file has that has most.
    connection.execute(
        "create or replace temp table new_rows as select *, dense_rank() over (order by repository) as place "
        "from outgoing where content in (select content from outgoing anti join known using (digest)) "
        "order by place, recorded_at nulls first, digest"
    )
    found = connection.execute(
        "select place, any_value(repository), list(digest), max(recorded_at) from new_rows "
        "group by place order by place"
    ).fetchall()
    for place, repository, digests, newest in found:
        write_file(connection, f"select * from new_rows where place = {int(place)}", header, written)
        folder.put(f"{partition_of(repository)}/{file_name(digests, newest)}", written)
    return sum(len(digests) for _, _, digests, _ in found)
