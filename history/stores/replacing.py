"""Files that are replaced as a whole or not at all, by one process at a time."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import LocationError
from .location import write_copy

LEFT_BEHIND_SECONDS = 3600
"""What a run that was killed has left beside the file is removed when it is older than this."""


@contextmanager
def alone_with(target: Path, lock_seconds: float) -> Iterator[Path]:
    """Hold the lock of `target`, and give a folder beside it for what is to take its place.

    A folder of its own holds a new file until it is whole, with whatever the database puts beside it. Raises
    `LocationError` when another process keeps the lock, `OSError` when the folder can't be written.
    """
    # Here, as who reads a history and who keeps it in a gist locks nothing.
    from filelock import FileLock, Timeout

    folder = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new"))
        with FileLock(target.with_name(f".{target.name}.lock"), timeout=lock_seconds):
            _remove_left_behind(target)
            yield folder
    except Timeout as error:
        raise LocationError(f"{target}: another process has held it for {lock_seconds:g} s") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def replace_file(target: Path, write: Callable[[Path], None], folder: Path) -> bytes:
    """Let `write` make the new file in `folder`, and put it in `target`'s place; returns the new file's hash."""
    written = folder / target.name
    # Made here, so that the user's umask gives its permissions.
    written.touch(0o666)
    permissions = stat.S_IMODE(written.stat().st_mode)
    write_copy(write, written)
    written.chmod(_keep_owner(written, target) or permissions)
    with written.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        os.fsync(file.fileno())
    written.replace(target)
    sync_folder(target.parent)
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


def sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut; a file system that can't is left alone."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
