"""When a CI cancels the job, or somebody presses Ctrl-C: what takes long is cut short, and the report goes on."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..history.late_dataclass import dataclass

PATIENCE_SECONDS = 4.0
"""From the first signal on, for all that takes long and begins later: GitHub kills 10 seconds after its first."""
LEAST_SECONDS = 1.0
"""For each of them, however late it begins: a history on the own disk is written within that."""


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
    began: float = 0.0
    """When the first one came (`time.monotonic`)."""

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """What takes long, and is cut short by the next signal; after an earlier one it has a few seconds only."""
        try:
            # A signal between these two lines raises here, one before them starts the clock: none is overlooked.
            self.may_interrupt = True
            self._wind()
            yield
        finally:
            self.may_interrupt = False
            self._unwind()

    def _wind(self) -> None:
        """Have SIGALRM come when the patience is over, where a signal came before and the system has alarms."""
        if self.count and self._has_alarms:
            seconds = self.began + PATIENCE_SECONDS - time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, max(LEAST_SECONDS, seconds))

    def _unwind(self) -> None:
        if self.count and self._has_alarms:
            signal.setitimer(signal.ITIMER_REAL, 0)

    @property
    def _has_alarms(self) -> bool:
        return bool(_ALARMS) and any(each is self for each in _watching)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Signals are only counted: what is at work asks for them itself, and ends in order."""
        before, self.may_interrupt = self.may_interrupt, False
        try:
            yield
        finally:
            self.may_interrupt = before
            if before:
                self._wind()

    def note(self, number: int, frame: object) -> None:
        """Take a signal; the handler of all."""
        if number in _ENDING:
            self.began = self.began or time.monotonic()
            self.count += 1
            self.name = self.name or signal.Signals(number).name
        if self.may_interrupt:
            self.may_interrupt = False
            raise Cancelled(self.name)


_ENDING = (signal.SIGINT, signal.SIGTERM)
_ALARMS = (signal.SIGALRM,) if hasattr(signal, "SIGALRM") else ()
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
    before = {number: signal.signal(number, cancellation.note) for number in (*_ENDING, *_ALARMS)}
    try:
        yield cancellation
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _watching.remove(cancellation)
