"""Open what is meant to be a file: a regular one, and no more of it than is wanted."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import UnusableFileError

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
# A named pipe that nobody writes to, or a terminal line, is not waited for. Windows has none of these flags.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def kind_of_no_file(found: os.stat_result) -> str | None:
    """What stands in the place of a file, such as `a folder`; `None` for a regular file."""
    kind = stat.S_IFMT(found.st_mode)
    return None if kind == stat.S_IFREG else _KINDS.get(kind, "no regular file")


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, opened for reading. Never waits: what was opened is looked at, not what stood there before.

    Raises `UnusableFileError` for what is not there, can't be opened or is no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError as error:
        raise UnusableFileError("is not there") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _unreadable(error) from error
    kind = kind_of_no_file(os.fstat(descriptor))
    if kind is not None:
        os.close(descriptor)
        raise UnusableFileError(f"is {kind}, no file")
    return os.fdopen(descriptor, "rb")


def read_regular(path: Path, limit_bytes: int) -> bytes:
    """What the regular file at `path` holds. Raises `UnusableFileError`, also for more than `limit_bytes`."""
    with open_regular(path) as file:
        try:
            content = file.read(limit_bytes + 1)
        except OSError as error:
            raise _unreadable(error) from error
    if len(content) > limit_bytes:
        raise UnusableFileError(f"is larger than {limit_bytes:,} bytes")
    return content


def _unreadable(error: OSError | ValueError) -> UnusableFileError:
    return UnusableFileError(f"can't be read: {getattr(error, 'strerror', None) or error}")
