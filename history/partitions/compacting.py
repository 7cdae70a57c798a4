"""Put the many files of a repository together in one, while others append and read.

The new file is written first, then those that it holds are deleted: at no time is a row in no file. One that is in two
is read once. Whoever ends in between leaves nothing to be mended: the next compaction goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import HistoryError, LocationError
from ..settings import Settings
from ..store import History
from ..temporary import temporary_folder
from .folder import PartitionedFolder, VanishedError
from .layout import file_name
from .reading import read_files
from .rows import rows_by_place, with_digests, write_file


@dataclass(frozen=True)
class Compacted:
    """What a compaction did."""

    count_partitions: int = 0
    """Of how many repositories files were put together."""
    count_files: int = 0
    """How many files these were."""
    left: tuple[str, ...] = ()
    """Partitions that could not be put together, and why: sentences. They are as they were."""


def compact_partition(folder: PartitionedFolder, partition: str) -> int:
    """Put the files of one partition together; returns how many there were, 0 where there was nothing to do.

    Raises `HistoryError` for files that can't be read, and then all is as it was.
    """
    names = folder.names(partition)
    if len(names) < 2:
        return 0
    try:
        history = read_files(folder, names, Settings())
    except VanishedError:
        return 0  # Another one is at it.
    with history, temporary_folder() as work:
        written = work / "compacted.parquet"
        target = f"{partition}/{_write(history, written)}"
        if target not in names:
            folder.put(target, written)
    folder.remove([name for name in names if name != target])
    return len(names)


def compact(folder: PartitionedFolder, step: Callable[[], None] = lambda: None) -> Compacted:
    """Put the files of each repository together; `step` is called after each of them.

    One that can't be read costs itself alone. Raises `LocationError` when the folder can't be read or written.
    """
    count_partitions, count_files, left = 0, 0, []
    for partition in folder.partitions():
        try:
            count = compact_partition(folder, partition)
        except LocationError:
            raise
        except HistoryError as error:
            left.append(f"{error}; the files of this repository are left as they are")
        else:
            count_partitions += count > 0
            count_files += count
        step()
    return Compacted(count_partitions, count_files, tuple(left))


def _write(history: History, path: Path) -> str:
    """Write the rows of a history to `path`; returns the name for the file."""
    rows, header = rows_by_place(history)
    connection = history.connection
    connection.execute(f"create or replace temp table kept as {with_digests(rows, header)}")
    write_file(connection, "select * from kept", header, path)
    recorded_at = f"c{header.index('recorded_at')}"
    [(digests, newest)] = connection.execute(
        f"select list(digest), max(read_timestamp({recorded_at})) from kept"
    ).fetchall()
    return file_name(digests, newest, is_compacted=True)
