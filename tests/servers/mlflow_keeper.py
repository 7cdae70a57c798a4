"""Keeps one server for as long as another process lives: `mlflow_keeper.py OWNER FOLDER COMMAND...`.

However the owner ends, killed too, the server and everything that it started end, and the folder goes. A server that
ends by itself ends the keeper, and leaves the folder with its log.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_LOOKS_EVERY_SECONDS = 1.0


def _watch(owner: int) -> Callable[[], bool]:
    """A function that waits for a while, and is true once the owner has ended."""
    if not hasattr(os, "pidfd_open"):

        def is_gone() -> bool:
            time.sleep(_LOOKS_EVERY_SECONDS)
            try:
                os.kill(owner, 0)
            except ProcessLookupError:
                return True
            return False

        return is_gone
    try:
        descriptor = os.pidfd_open(owner)
    except ProcessLookupError:
        return lambda: True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return lambda: bool(poll.poll(1000 * _LOOKS_EVERY_SECONDS))


def keep(owner: int, folder: str, command: list[str]) -> None:
    """Run the command until it or the owner ends."""
    has_ended = _watch(owner)
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    is_over = False
    try:
        while server.poll() is None and not is_over:
            is_over = has_ended()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    if is_over:
        shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.lock").unlink(missing_ok=True)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    keep(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
