"""How long the questions to a history may take in all: what goes beyond is ended, and so it is by a signal.

The database works in a thread of its own meanwhile: the thread that takes signals, such as Ctrl-C, waits in Python, not
in the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import duckdb

from .errors import QueryError

_SLICE_SECONDS = 0.2
_ENDING_SECONDS = 0.05
"""Between one request to the database to end, which it may miss, and the next."""

T = TypeVar("T")


class Limits:
    """What is left of the time for the questions to one connection; without a limit they are asked as they come."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._seconds: float | None = None
        self._seconds_left = 0.0

    def set(self, seconds: float | None) -> None:
        """From now on all questions together take so many seconds at most."""
        self._seconds, self._seconds_left = seconds, seconds or 0

    def keep(self, step: Callable[[], T]) -> T:
        """What `step` gives, which asks the database. Raises `QueryError` when the time is over."""
        if self._seconds is None:
            return step()
        begun = time.monotonic()
        work = _Work(step)
        try:
            work.start()
            # In slices, as a signal may have come to another thread than the one that waits.
            while (left := begun + self._seconds_left - time.monotonic()) > 0:
                if work.is_done.wait(min(left, _SLICE_SECONDS)):
                    return work.result()
        finally:
            # Also when a signal raised, were it while the thread started: nothing goes on behind the back of who asked.
            if work.is_left_running():
                while not work.is_done.wait(_ENDING_SECONDS):
                    self._connection.interrupt()
            self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - begun))
        raise QueryError(f"what was asked of the history took longer than {self._seconds:g} s in all")


class _Work(Generic[T]):
    """Something that is done in a thread of its own."""

    def __init__(self, step: Callable[[], T]) -> None:
        self.is_done = threading.Event()
        self._step = step
        self._values: list[T] = []
        self._error: BaseException | None = None
        self._turn = threading.Lock()
        self._has_begun = False
        self._is_left = False

    def start(self) -> None:
        """Begin; a signal may end this before the thread is there, or after."""
        threading.Thread(target=self._run, name="asking the history", daemon=True).start()

    def is_left_running(self) -> bool:
        """Nobody waits for it any more: what has not begun never will. Whether it has, and has not ended."""
        with self._turn:
            self._is_left = True
            return self._has_begun and not self.is_done.is_set()

    def result(self) -> T:
        """What the step gave; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._values[0]

    def _run(self) -> None:
        with self._turn:
            if self._is_left:
                return
            self._has_begun = True
        try:
            self._values.append(self._step())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
        finally:
            self.is_done.set()
