"""What a training is not given, it can't read from our own process either. This is Linux's alone.

A process of the same user may read another one's first environment in `/proc/<pid>/environ`, and its memory by
`/proc/<pid>/mem` or `ptrace`; root may, where it has CAP_SYS_PTRACE, even against the other's will. So what is
withheld is taken out of what the kernel shows as our environment, our memory is closed to our user, and a training
that runs as root goes without that one capability. What the user could do by other ways (changing the code that the
report runs, becoming root by `sudo`) stays as it is: a training is code of the project, this is no jail.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# linux/prctl.h and linux/capability.h
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_CAP_SYS_PTRACE = 19
_ENV_START, _ENV_END = 47, 48
"""Where proc(5) has the fields `env_start` and `env_end` of `/proc/self/stat`, after the name of the program."""


def shield(given: Mapping[str, str]) -> bool:
    """Close our process to the training that gets the variables of `given`; False where that can't be done.

    It stays closed: what a training may have left behind is no better than the training.
    """
    if sys.platform != "linux":
        return False
    try:
        _blank({name.encode(): value.encode("utf-8", "surrogateescape") for name, value in given.items()})
    except (OSError, ValueError, IndexError):
        return False
    return _prctl(_PR_SET_DUMPABLE, 0)


def _blank(given: Mapping[bytes, bytes]) -> None:
    """Overwrite the values in our first environment that are not `given`. Ours and the C library's stay as they are."""
    import ctypes

    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(fields[_ENV_START]), int(fields[_ENV_END])
    at = start
    for entry in ctypes.string_at(start, end - start).split(b"\0"):
        name, equals, value = entry.partition(b"=")
        if equals and value and given.get(name) != value:
            if name in os.environb:
                # The C library's pointer leads to the first environment, until the variable is set anew.
                os.putenv(name, os.environb[name])
            ctypes.memset(at + len(name) + 1, 0, len(value))
        at += len(entry) + 1


def _prctl(option: int, argument: int) -> bool:
    import ctypes

    return bool(ctypes.CDLL(None).prctl(option, argument, 0, 0, 0) == 0)


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """`subprocess.Popen`, of a process that can't trace others, root or not. Raises `OSError`."""

    def begin() -> subprocess.Popen[bytes]:
        if sys.platform == "linux" and os.geteuid() == 0:
            # Where we may not give it up, as in most containers, we do not have it.
            _prctl(_PR_CAPBSET_DROP, _CAP_SYS_PTRACE)
        return subprocess.Popen(command, **options)

    # Capabilities are a thread's own: a thread that ends gives them up, and the child has them from it.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(begin).result()


class Orphans:
    """What a training has started and left, in a session of its own: it becomes our child, and ends with it."""

    def __init__(self) -> None:
        self._is_ours = sys.platform == "linux" and _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._known = set(_children()) if self._is_ours else set()

    def find(self, training: int) -> list[int]:
        """Their process ids, `training` not among them; those that have ended are gone then."""
        if not self._is_ours:
            return []
        found = [pid for pid in _children() if pid != training and pid not in self._known]
        return [pid for pid in found if not _has_ended(pid)]


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _children() -> list[int]:
    """The processes whose parent we are."""
    found, ours = [], str(os.getpid()).encode()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_bytes().rpartition(b")")[2].split()
        except OSError:
            # It has ended meanwhile.
            continue
        if fields[1] == ours:
            found.append(int(path.parent.name))
    return found
