"""One history of many: the rows of each, in today's layout, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .columns import COLUMN_NAMES, quote_text
from .csv_records import header_line
from .opening import open_history
from .settings import Settings
from .store import History
from .temporary import temporary_folder
from .writing import copy_rows


def rows_in_todays_layout(history: History, repository: str) -> bytes:
    """A history's rows as lines of a CSV without a header: today's columns, in their order, archived rows too.

    A row that names no repository belongs to `repository`. Columns of the user's own, and lines that can't be read, are
    left out.
    """
    rows, header = history.as_text()
    # By place: names that differ in their case alone are one name to the database.
    cells = {name: f"c{at}" for at, name in enumerate(header)}
    own = f"coalesce(nullif({cells['repository']}, ''), {quote_text(repository)})"
    chosen = ", ".join(own if name == "repository" else cells[name] for name in COLUMN_NAMES)
    with temporary_folder() as folder:
        path = folder / "rows.csv"
        named = f"select {chosen} from ({rows}) as each_row({', '.join(cells.values())})"
        copy_rows(history.connection, named, COLUMN_NAMES, path)
        return path.read_bytes().partition(b"\n")[2]


def combined(parts: Iterable[bytes], settings: Settings) -> History:
    """The history of the rows that `rows_in_todays_layout` gave, each once. Merging one by one takes far longer."""
    with temporary_folder() as folder:
        path = Path(folder) / "combined.csv"
        with path.open("wb") as file:
            file.write(header_line(COLUMN_NAMES).encode())
            for part in parts:
                file.write(part)
        return open_history(path, settings)
