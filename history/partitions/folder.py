"""Where the files of a partitioned history are: a local folder, or what stands for one."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ..errors import LocationError
from ..stores.replacing import sync_folder
from ..temporary import temporary_folder
from .layout import PARTITION, SUFFIX, UNREADABLE


class VanishedError(LocationError):
    """A file that was listed is not there any more: it was compacted, and another one holds its rows."""


class PartitionedFolder(Protocol):
    """Files by name, `<partition>/<file>`. Each is written once, whole or not at all, and never changed."""

    @property
    def shown(self) -> str:
        """How messages name the folder; holds no credentials."""

    def partitions(self) -> list[str]:
        """Names of the partitions, sorted. Raises `LocationError` when the folder can't be read."""

    def names(self, partition: str | None = None) -> list[str]:
        """Names of the Parquet files, of all partitions or of one, sorted. None where there is no folder."""

    def unreadable(self) -> list[str]:
        """Names of the files of lines that can't be read, sorted."""

    def opened(self, names: Sequence[str]) -> contextlib.AbstractContextManager[list[Path]]:
        """Paths to read the files from, in their order, within the context. Raises `VanishedError`."""

    def put(self, name: str, file: Path) -> None:
        """Keep a copy of `file` under `name`; once it is there it is whole, and lasts. Raises `LocationError`."""

    def remove(self, names: Sequence[str]) -> None:
        """Delete the files, those that are there."""


class LocalFolder:
    """A folder of this machine. Where it is one of a partition itself, it stands for that partition alone."""

    def __init__(self, path: Path) -> None:
        is_one = path.name.startswith(PARTITION)
        self.shown = str(path)
        self._root = path.parent if is_one else path
        self._only = path.name if is_one else None

    def partitions(self) -> list[str]:
        """The folders whose names say so."""
        if self._only is not None:
            return [self._only]
        return [name for name in self._entries("") if name.startswith(PARTITION)]

    def names(self, partition: str | None = None) -> list[str]:
        """Files with the suffix; what is hidden is not whole yet."""
        return [
            f"{each}/{name}"
            for each in ([partition] if partition else self.partitions())
            for name in self._entries(each)
            if name.endswith(SUFFIX)
        ]

    def unreadable(self) -> list[str]:
        """Of the folder as a whole: such lines belong to no repository."""
        if self._only is not None:
            return []
        return [f"{UNREADABLE}/{name}" for name in self._entries(UNREADABLE) if name.endswith(".csv")]

    @contextmanager
    def opened(self, names: Sequence[str]) -> Iterator[list[Path]]:
        """The files themselves."""
        yield [self._root / name for name in names]

    def put(self, name: str, file: Path) -> None:
        """Copied beside its place, under a name that nobody reads, and put there."""
        target = self._root / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary_folder(beside=target) as folder:
                written = folder / "written"
                shutil.copyfile(file, written)
                with written.open("rb") as copied:
                    os.fsync(copied.fileno())
                written.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise LocationError(f"{self.shown}: can't be written: {error.strerror or error}") from error

    def remove(self, names: Sequence[str]) -> None:
        """One after the other; another one may have been as quick."""
        try:
            for name in names:
                (self._root / name).unlink(missing_ok=True)
        except OSError as error:
            raise LocationError(f"{self.shown}: can't be written: {error.strerror or error}") from error

    def _entries(self, folder: str) -> list[str]:
        try:
            return sorted(each.name for each in (self._root / folder).iterdir() if each.name[0] != ".")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise LocationError(f"{self.shown}: can't be read: {error.strerror or error}") from error


def is_partitioned(path: Path) -> bool:
    """Whether a path is a folder that keeps a history by repository, or one repository's part of it."""
    if path.name.startswith(PARTITION):
        return path.is_dir()
    with contextlib.suppress(OSError):
        return any(each.name.startswith(PARTITION) or each.name == UNREADABLE for each in path.iterdir())
    return False
