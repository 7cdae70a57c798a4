"""Temporary folders that tell whose they are, so that what a killed process left behind is removed by a later one."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

LEFT_BEHIND_SECONDS = 3600
"""A folder of a process that is not there any more goes when it is older: a container may not see its neighbours."""

_PREFIX = "devops-mlops-report-"
_SPILL = "spill"
_OURS = re.compile(rf"\.?{_PREFIX}(\d{{1,10}})-({_SPILL}|\w{{8}})")
"""No more than `mkdtemp` makes of it: a clone of somebody's may be called `devops-mlops-report-2`."""


def spill_folder() -> Path:
    """Where the database puts what does not fit into memory; it makes the folder, and removes it at its end."""
    _remove_left_behind(tempfile.gettempdir())
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}-{_SPILL}"


def new_folder(beside: Path | None = None) -> Path:
    """A new folder of this process: among the system's temporary ones, or hidden beside a file. Raises `OSError`."""
    place = tempfile.gettempdir() if beside is None else str(beside.parent)
    _remove_left_behind(place)
    hidden = "" if beside is None else "."
    return Path(tempfile.mkdtemp(dir=place, prefix=f"{hidden}{_PREFIX}{os.getpid()}-"))


@contextmanager
def temporary_folder(beside: Path | None = None) -> Iterator[Path]:
    """A new folder, as `new_folder` makes it, for as long as the context lasts. Raises `OSError`."""
    folder = new_folder(beside)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _remove_left_behind(place: str) -> None:
    """Once a process. What can't be looked at, or be removed, is left alone."""
    oldest = time.time() - LEFT_BEHIND_SECONDS
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            found = _OURS.fullmatch(entry.name)
            if found is None or not entry.is_dir(follow_symlinks=False):
                continue
            if entry.stat(follow_symlinks=False).st_mtime < oldest and not _is_running(int(found[1])):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_running(process: int) -> bool:
    """Whether there is such a process, of whomever. Windows can't be asked without harm: there all are."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
