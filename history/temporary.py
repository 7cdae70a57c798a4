"""Temporary folders that tell whose they are, so that what a killed process left behind is removed by a later one."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path

LEFT_BEHIND_SECONDS = 3600
"""A folder of a process that is not there any more goes when it is older: a container may not see its neighbours."""

_PREFIX = "devops-mlops-report-"
_OURS = re.compile(_PREFIX + r"(\d{1,10})(-\w+)?")


def spill_folder() -> Path:
    """Where the database puts what does not fit into memory; it makes the folder, and removes it at its end."""
    _remove_left_behind(tempfile.gettempdir())
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}"


def new_folder() -> Path:
    """A new folder of this process. Raises `OSError`."""
    _remove_left_behind(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


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
