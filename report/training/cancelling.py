"""When a CI cancels the job, or somebody presses Ctrl-C, during a training: that ends, and the report goes on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Cancellation:
    """The signals to end that came while somebody watched."""

    count: int = 0
    name: str = ""
    """Of the first one."""


@contextmanager
def watched() -> Iterator[Cancellation]:
    """Take SIGINT and SIGTERM as a wish, not as the end: GitHub sends both, with 7.5 seconds between them.

    Signals reach the main thread alone: elsewhere nothing is watched.
    """
    cancellation = Cancellation()
    if threading.current_thread() is not threading.main_thread():
        yield cancellation
        return

    def note(number: int, frame: object) -> None:
        cancellation.count += 1
        cancellation.name = cancellation.name or signal.Signals(number).name

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancellation
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
