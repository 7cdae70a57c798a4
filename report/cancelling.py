"""When a CI cancels the job, or somebody presses Ctrl-C: what takes long is cut short, and the report goes on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class Cancelled(BaseException):
    """The part that was at work when we were told to end. No `except Exception` on the way holds it up."""


@dataclass
class Cancellation:
    """The signals to end that came while somebody watched."""

    count: int = 0
    name: str = ""
    """Of the first one."""
    may_interrupt: bool = False
    """What is at work can be left where it is: the next signal raises `Cancelled` there."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Signals are only counted: what is at work asks for them itself, and ends in order."""
        before, self.may_interrupt = self.may_interrupt, False
        try:
            yield
        finally:
            self.may_interrupt = before

    def note(self, number: int, frame: object) -> None:
        """Take a signal; the handler of both."""
        self.count += 1
        self.name = self.name or signal.Signals(number).name
        if self.may_interrupt:
            self.may_interrupt = False
            raise Cancelled(self.name)


_watching: list[Cancellation] = []
"""The one that takes the signals now, if any."""


@contextmanager
def watched() -> Iterator[Cancellation]:
    """Take SIGINT and SIGTERM as a wish, not as the end: GitHub sends both, with 7.5 seconds between them.

    Within another `watched` it is the same watch. Signals reach the main thread alone: elsewhere nothing is watched.
    """
    if threading.current_thread() is not threading.main_thread():
        yield Cancellation()
        return
    if _watching:
        yield _watching[-1]
        return
    cancellation = Cancellation()
    _watching.append(cancellation)
    before = {number: signal.signal(number, cancellation.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancellation
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _watching.remove(cancellation)
