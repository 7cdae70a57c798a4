"""A history in a local file: replaced as a whole or not at all, by one process at a time."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import shutil
import stat
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import HistoryError, LocationError
from ..opening import open_history
from ..settings import Settings
from ..store import History
from .location import Receipt, write_copy

LOCK_SECONDS = 60
"""How long to wait for another process that writes the same file."""

LEFT_BEHIND_SECONDS = 3600
"""What a run that was killed has left beside the file is removed when it is older than this."""


class FileLocation:
    """A CSV at a path; the folders above it are made when it is first written."""

    def __init__(self, path: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.path = path
        self._lock_seconds = lock_seconds
        self._loaded: weakref.ref[History] | None = None
        self._contained: bytes | None = None

    @property
    def shown(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def load(self, settings: Settings) -> History:
        """The history in the file; an empty one when there is no file."""
        while True:
            digest, version = self._digest(), self._version()
            history = open_history(self.path if version else None, settings)
            # The store reads the file more than once: it must not have been replaced in between.
            if self._version() == version:
                break
            history.close()
        self._loaded, self._contained = weakref.ref(history), digest
        return history

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """Replace the file. Attachments have no place beside a local file, and are left to the caller."""
        target = self._target()
        if self._loaded is None or self._loaded() is not history:
            self._loaded, self._contained = weakref.ref(history), None
        with self._writing(target) as folder:
            found = self._digest()
            if found is not None and found != self._contained:
                self._merge(history)
            self._contained = _replace(target, history, folder)
        return Receipt(count_rows=history.count_rows)

    def _merge(self, history: History) -> None:
        try:
            history.merge(self.path)
        except HistoryError as error:
            raise LocationError(f"{error}; the file is left as it is: mend or rename it") from error

    def _target(self) -> Path:
        """The file itself: what a link points at is replaced, not the link."""
        try:
            return self.path.resolve()
        except (OSError, RuntimeError) as error:
            raise LocationError(f"{self.path}: is a link that leads nowhere: {error}") from error

    @contextmanager
    def _writing(self, target: Path) -> Iterator[Path]:
        """Alone with the file, and with a folder beside it for what is to become the new one.

        A folder of its own holds the new file until it is whole, with whatever the database puts beside it.
        """
        folder = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new"))
            with FileLock(target.with_name(f".{target.name}.lock"), timeout=self._lock_seconds):
                _remove_left_behind(target)
                yield folder
        except Timeout as error:
            raise LocationError(
                f"{self.path}: another process has held it for {self._lock_seconds:g} s"
            ) from error
        except OSError as error:
            raise LocationError(f"{self.path}: can't be written: {error.strerror or error}") from error
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _digest(self) -> bytes | None:
        """A hash of what the file holds; `None` when there is no file."""
        if self._version() is None:
            return None
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise LocationError(f"{self.path}: can't be read: {error.strerror or error}") from error

    def _version(self) -> tuple[int, ...] | None:
        """Tells one version of the file from the next; `None` when there is no file."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LocationError(f"{self.path}: can't be read: {error.strerror or error}") from error
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise LocationError(f"{self.path}: is {kind}, wanted a CSV file")
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _replace(target: Path, history: History, folder: Path) -> bytes:
    """Put the history in the file's place; returns the new file's hash."""
    written = folder / target.name
    # Made here, so that the user's umask gives its permissions.
    written.touch(0o666)
    permissions = stat.S_IMODE(written.stat().st_mode)
    write_copy(history, written)
    written.chmod(_keep_owner(written, target) or permissions)
    with written.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        os.fsync(file.fileno())
    written.replace(target)
    _sync_folder(target.parent)
    return digest


def _keep_owner(written: Path, target: Path) -> int | None:
    """Give the new file the old one's owner, as far as we may; returns the old one's permissions, if it is there."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return None
    new = written.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        # Only root may give files away; for anybody else the file becomes theirs, as with any editor.
        with contextlib.suppress(PermissionError):
            os.chown(written, old.st_uid, old.st_gid)
    return stat.S_IMODE(old.st_mode)


def _remove_left_behind(target: Path) -> None:
    oldest = time.time() - LEFT_BEHIND_SECONDS
    for folder in target.parent.glob(f".{glob.escape(target.name)}.*.new"):
        with contextlib.suppress(FileNotFoundError):
            if folder.lstat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; a file system that can't is left alone."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
