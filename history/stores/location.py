"""What every place that keeps a history can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path, PurePath
from typing import Protocol

import duckdb

from ..errors import HistoryError, LocationError, reason_of
from ..late_dataclass import dataclass
from ..settings import Settings
from ..store import History


@dataclass(frozen=True)
class Receipt:
    """What was written where, for the trace in the report."""

    count_rows: int
    """Rows that the CSV has now."""
    count_archived: int = 0
    """Older rows, in the archive beside it."""
    revision: str | None = None
    """The revision that holds the CSV as this run left it; `None` for a place without revisions."""
    revision_url: str | None = None
    attachment_urls: Mapping[str, str] = field(default_factory=dict)
    """Attachment's name -> URL pinned to the revision, where anybody may read it."""
    attachment_pages: Mapping[str, str] = field(default_factory=dict)
    """Attachment's name -> page that shows it, pinned to the revision, to who may see the place."""
    notices: tuple[str, ...] = ()
    """What the user should know about the place: sentences."""


class Location(Protocol):
    """A place that keeps one CSV, and the archive of its older rows."""

    @property
    def shown(self) -> str:
        """How a report names the place; holds no credentials."""

    @property
    def is_new(self) -> bool:
        """Whether the latest `load` or `read` found neither a CSV nor an archive there."""

    def load(self, settings: Settings) -> History:
        """The history that is there now; empty when there is none yet.

        Raises `LocationError` when the place can't be read, `CsvError` when what is there is not a history.
        """

    def read(self, settings: Settings) -> History:
        """The same for who asks and does not write: a `save` of it merges all that is there, changed since or not."""

    def attachments(self, names: Sequence[str], limit_bytes: int) -> dict[str, bytes] | None:
        """Of these attachments those that were there when the history was loaded. `None` where none are
        ever kept; one of more than `limit_bytes` is left out.

        Raises `LocationError` when the place can't be read.
        """

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """Write the history back. What others wrote there in between is merged in, never overwritten.

        What the settings no longer keep in the CSV is moved to the archive.

        Raises `LocationError`, and then what is there is as it was.
        """

    def probe(self) -> None:
        """Ask whether `save` could write, and write nothing. Raises what it would, as far as that can be told."""


class UnknownLocation:
    """Stands for a place that can't be told, or not be used as it is given: nothing is read, nothing written."""

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self.shown = ""
        self.is_new = False

    def load(self, settings: Settings) -> History:
        """Raises `LocationError` with the reason."""
        raise LocationError(self._reason)

    read = load

    def attachments(self, names: Sequence[str], limit_bytes: int) -> None:
        """None are kept."""

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """Raises `LocationError` with the reason."""
        raise LocationError(self._reason)

    def probe(self) -> None:
        """Raises `LocationError` with the reason."""
        raise LocationError(self._reason)


def archive_name(file_name: str) -> str:
    """The file of older rows that stands beside a CSV: `commitHistory.archive.csv` beside `commitHistory.csv`."""
    path = PurePath(file_name)
    return f"{path.stem}.archive{path.suffix}"


def write_copy(write: Callable[[Path], None], path: Path) -> None:
    """Let a history's `write` fill `path`, which nobody else knows. Raises `LocationError`, as for a full disk."""
    try:
        write(path)
    except (OSError, HistoryError, duckdb.Error) as error:
        raise LocationError(f"{path}: can't be written: {reason_of(error)}") from error
