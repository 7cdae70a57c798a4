"""From a CSV to a history: the one way in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from .filling import fill_rejected, fill_settings
from .joining import set_repeated_aside
from .loading import create_tables
from .ordering import restore_order
from .settings import Settings
from .sources import load, named, source_of
from .store import History
from .temporary import spill_folder

SMALL_HISTORY = 4 * 2**20
"""Bytes. Below, a second thread costs more CPU than it saves time, and some optimizers more than they save."""
_NOT_WORTHWHILE = (
    "aggregate_reuse",
    "column_lifetime",
    "common_subexpressions",
    "common_subplan",
    "cte_filter_pusher",
    "duplicate_groups",
    "join_filter_pushdown",
    "projection_placement",
    "projection_pullup",
    "statistics_propagation",
)
"""Optimizers that look through every plan for what pays where rows are many; answers are the same without them."""


def open_history(
    source: Path | str | bytes | None,
    settings: Settings | None = None,
    archive: Path | str | bytes | None = None,
) -> History:
    """Load a history from a path, or from the CSV's text.

    A `str` that holds a line break, and `bytes`, are the text itself; `None` and an empty text are an empty
    history. `archive` is the file of older rows that belongs to it, if there is one. Raises `HistoryError` when a
    file is not there or can't be read, `CsvError` when it is not a history: the message names the file and the line.
    """
    settings = settings or Settings()
    content = source_of(source)
    connection = connect(len(content) if isinstance(content, bytes) else _size(content))
    try:
        create_tables(connection)
        fill_settings(connection, settings)
        with named(content):
            shape = load(connection, content, settings.timezone, "commits")
            set_repeated_aside(connection, "commits", shape)
            restore_order(connection, "commits", shape)
            fill_rejected(connection, shape.rejected)
        history = History(connection, settings, shape)
        if archive is not None:
            history.merge_archive(archive)
    except BaseException:
        connection.close()
        raise
    return history


def connect(size: int) -> duckdb.DuckDBPyConnection:
    """A database in memory for so many bytes; what does not fit goes to the system's folder for temporary files."""
    config: dict[str, Any] = {
        "temp_directory": str(spill_folder()),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Frames are looked for in the variables of those who ask, not in ours.
        "python_scan_all_frames": True,
    }
    if size < SMALL_HISTORY:
        config |= {"threads": 1, "disabled_optimizers": ",".join(_NOT_WORTHWHILE)}
    return duckdb.connect(config=config)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0  # Reading it will tell.
