"""A history in a local file, its archive beside it: replaced as a whole or not at all, by one process at a time."""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import HistoryError, LocationError
from ..opening import open_history
from ..regular_files import kind_of_no_file
from ..settings import Settings
from ..store import History
from .location import Receipt, archive_name
from .replacing import alone_with, replace_file

LOCK_SECONDS = 60
"""How long to wait for another process that writes the same file."""

_Digests = tuple[bytes | None, bytes | None]
"""Hashes of what the CSV and the archive hold; `None` where there is no file."""


_Version = tuple[int, ...]


class FileLocation:
    """A CSV at a path; the folders above it are made when it is first written."""

    def __init__(self, path: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.path = path
        self._lock_seconds = lock_seconds
        self._loaded: weakref.ref[History] | None = None
        self._contained: _Digests = (None, None)
        self._is_archive_due = False
        self.is_new = True
        """Whether there was no file when it was loaded."""

    @property
    def shown(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def is_at(self, path: Path) -> bool:
        """Whether `path` is the CSV, its archive or the place where that would be: by a link or another spelling too.

        Nothing is at links that lead in a circle.
        """
        try:
            return any(_is_same(path, file) for file in self._files())
        except LocationError:
            return False

    def is_below(self, folder: Path) -> bool:
        """Whether the CSV or its archive is in this folder, or in one within it."""
        try:
            return any(_real(folder) in _real(file).parents for file in self._files())
        except LocationError:
            return False

    def load(self, settings: Settings) -> History:
        """The history in the file and its archive; an empty one when there is no file."""
        self._require_text()
        digests = self._digests()
        history = self.read(settings)
        # What another process replaced in between counts as written since: `save` merges it.
        self._loaded, self._contained, self._is_archive_due = weakref.ref(history), digests, False
        return history

    def read(self, settings: Settings) -> History:
        """The same, without the hashes of files that are not to be replaced: of long ones they take their time."""
        self._require_text()
        self._loaded = None
        while True:
            versions = self._versions()
            path, archive = (
                file if version else None for file, version in zip(self._files(), versions, strict=True)
            )
            history = open_history(path, settings, archive)
            # The store reads the files more than once: they must not have been replaced in between.
            if self._versions() == versions:
                break
            history.close()
        self.is_new = versions == (None, None)
        return history

    def attachments(self, names: Sequence[str], limit_bytes: int) -> None:
        """None: they have no place beside a local file."""

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """Replace the file. Attachments have no place beside a local file, and are left to the caller."""
        self._require_text()
        if self._loaded is None or self._loaded() is not history:
            self._loaded, self._contained = weakref.ref(history), (None, None)
            self._is_archive_due = history.count_archived > 0
        path, archive = self._files()
        with self._writing(_real(path)) as folder:
            found, found_archive = self._digests()
            if found is not None and found != self._contained[0]:
                self._merge(history.merge, path)
            if found_archive is not None and found_archive != self._contained[1]:
                self._merge(history.merge_archive, archive)
            if history.archive_old() or (found_archive is None and history.count_archived):
                self._is_archive_due = True
            # The archive first: a process that ends in between leaves rows in both files, not in none.
            if self._is_archive_due:
                found_archive = replace_file(_real(archive), history.write_archive, folder)
                self._is_archive_due = False
            self._contained = replace_file(_real(path), history.write_csv, folder), found_archive
        return Receipt(count_rows=history.count_rows, count_archived=history.count_archived)

    def probe(self) -> None:
        """Whether the folder, or the nearest one above it that is there, may be written: files are replaced in it."""
        self._require_text()
        folder = _real(self.path).parent
        while not folder.exists():
            folder = folder.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise LocationError(f"{self.path}: can't be written: {folder} is no folder that may be written")

    def _merge(self, merge: Callable[[Path], None], file: Path) -> None:
        try:
            merge(file)
        except HistoryError as error:
            raise LocationError(f"{error}; the file is left as it is: mend or rename it") from error

    def _require_text(self) -> None:
        """Raises `LocationError` for a path that can't be handed to the database."""
        try:
            str(_real(self.path)).encode()
        except UnicodeEncodeError as error:
            shown = str(self.path).encode("utf-8", "replace").decode()
            raise LocationError(
                f"{shown}: a name in its path is not UTF-8, so that the database can't open it; wanted another place"
            ) from error

    def _files(self) -> tuple[Path, Path]:
        """The CSV as it was named, and its archive, which stands beside the file itself, not beside a link to it."""
        named = _real(self.path) if self.path.is_symlink() else self.path
        return self.path, named.with_name(archive_name(named.name))

    @contextmanager
    def _writing(self, target: Path) -> Iterator[Path]:
        try:
            with alone_with(target, self._lock_seconds) as folder:
                yield folder
        except OSError as error:
            raise LocationError(f"{self.path}: can't be written: {error.strerror or error}") from error

    def _digests(self) -> _Digests:
        path, archive = self._files()
        return self._digest(path), self._digest(archive)

    def _versions(self) -> tuple[_Version | None, _Version | None]:
        path, archive = self._files()
        return self._version(path), self._version(archive)

    def _digest(self, file: Path) -> bytes | None:
        """A hash of what the file holds; `None` when there is no file."""
        if self._version(file) is None:
            return None
        try:
            with file.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").digest()
        except OSError as error:
            raise LocationError(f"{file}: can't be read: {error.strerror or error}") from error

    def _version(self, file: Path) -> _Version | None:
        """Tells one version of the file from the next; `None` when there is no file."""
        try:
            found = file.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LocationError(f"{file}: can't be read: {error.strerror or error}") from error
        kind = kind_of_no_file(found)
        if kind is not None:
            raise LocationError(f"{file}: is {kind}, wanted a CSV file")
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _is_same(path: Path, file: Path) -> bool:
    try:
        return path.samefile(file)
    except OSError:  # One of them is not there.
        return _real(path) == _real(file)


def _real(path: Path) -> Path:
    """The file itself: what a link points at is replaced, not the link."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise LocationError(f"{path}: is a link that leads nowhere: {error}") from error
