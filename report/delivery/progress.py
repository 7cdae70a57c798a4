"""What takes longer than a second says how far it is: on stderr, where a person looks, and gone when it is done."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, TextIO

from ..rendering.quantities import duration
from .printing import OF_CIS, tell

PATIENCE_SECONDS = 1.0
_BAR_CELLS = 24


def is_watched(stream: TextIO) -> bool:
    """Whether a person looks at it: a terminal, outside of a CI."""
    return stream.isatty() and not any(os.environ.get(name) for name in OF_CIS)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """A bar for work in `total` steps, or how long it goes on; gives what is to be called after each step."""
    with StatusLine(sys.stderr, what, total) as line:
        yield line.step


@contextmanager
def told_progress(what: str) -> Iterator[Callable[[str], None]]:
    """How long the work goes on; gives what takes its messages: parts of the line, or messages where nobody looks."""
    with StatusLine(sys.stderr, what) as line:
        yield line.tell if is_watched(sys.stderr) else tell


class StatusLine:
    """A stream with a line below what is written that says how long the work goes on: `training … (1 min 12 s)`.

    The line is there while the work is silent, at the beginning of a line alone: a bar of the work's own stays.
    """

    def __init__(self, stream: TextIO, what: str, total: int | None = None) -> None:
        self._text = stream
        self._is_watched = is_watched(stream)
        self._what = what
        self._total = total
        self._done = 0
        self._told = ""
        self._lock = threading.Lock()
        self._is_at_start = True
        self._is_shown = False
        self._began = self._spoke = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="status line", daemon=True)

    def __enter__(self) -> StatusLine:
        if self._is_watched:
            self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        with suppress(OSError):  # nobody reads it any more
            self._hide()

    def step(self) -> None:
        """One more of the steps is done."""
        self._done += 1

    def tell(self, words: str) -> None:
        """What the line says of the work from now on, such as how much of it is there."""
        self._told = f" {words}"

    def write(self, content: bytes, /) -> int:
        """Write what the work says."""
        with self._lock:
            self._hide()
            written = self._stream.write(content)
            self._spoke = time.monotonic()
            if content:
                self._is_at_start = content.endswith(b"\n")
        return written

    def flush(self) -> None:
        """As a stream's."""
        self._stream.flush()

    def _tick(self) -> None:
        with suppress(OSError):
            self._show_now_and_then()

    def _show_now_and_then(self) -> None:
        while not self._ended.wait(PATIENCE_SECONDS):
            with self._lock:
                if self._is_at_start and time.monotonic() - self._spoke >= PATIENCE_SECONDS:
                    self._hide()
                    self._stream.write(self._line().encode())
                    self._stream.flush()
                    self._is_shown = True

    def _line(self) -> str:
        """`training … (1 min 12 s)`, `merging … ━━━━━━────── 2 of 4 (12 s)`."""
        bar = ""
        if self._total:
            filled = min(_BAR_CELLS, _BAR_CELLS * self._done // self._total)
            bar = f" {'━' * filled}{'─' * (_BAR_CELLS - filled)} {self._done} of {self._total}"
        return f"{self._what} …{bar}{self._told} ({duration(int(time.monotonic() - self._began))})"

    @property
    def _stream(self) -> BinaryIO:
        return self._text.buffer

    def _hide(self) -> None:
        if self._is_shown:
            self._stream.write(b"\r\x1b[2K")
            self._stream.flush()
            self._is_shown = False
