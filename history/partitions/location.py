"""A history that many write, by repository: it is read here, and added to by `export --partitioned` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import LocationError
from ..settings import Settings
from ..store import History
from ..stores.location import Receipt
from .folder import PartitionedFolder
from .reading import open_partitioned


class PartitionedLocation:
    """The rows of all repositories in a partitioned folder, or of one."""

    def __init__(self, folder: PartitionedFolder) -> None:
        self._folder = folder
        self.is_new = True
        """Whether nothing was there when it was loaded."""

    @property
    def shown(self) -> str:
        """The folder as it was given."""
        return self._folder.shown

    def load(self, settings: Settings) -> History:
        """The history in all of its files; empty when there are none."""
        history = open_partitioned(self._folder, settings)
        self.is_new = history.count_rows == 0 and not history.rejected
        return history

    read = load

    def attachments(self, names: Sequence[str], limit_bytes: int) -> None:
        """None are kept."""

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """Raises `LocationError`."""
        raise self._refusal()

    def probe(self) -> None:
        """Raises `LocationError`."""
        raise self._refusal()

    def _refusal(self) -> LocationError:
        return LocationError(
            f"{self.shown}: is a partitioned folder, which is read here; `export --partitioned` adds rows to it"
        )
