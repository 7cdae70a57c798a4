"""Run a training as a process of its own: live output, a time limit, nothing left behind."""

from __future__ import annotations

import os
import queue
import secrets
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..cancelling import Cancellation, watched

TAIL_LINES = 40
TAIL_LINE_LENGTH = 300
GRACE_SECONDS = 10.0
"""Between asking a training to end and ending it."""
CANCELLED_GRACE_SECONDS = 3.0
"""The same when the job is cancelled: GitHub gives it ten seconds, and the report has to be written yet."""
OUTPUT_SECONDS = 2.0
"""How long what a training left running may keep its output open."""
_LONGEST_PIECE = 8192
_OVER, _CANCELLED = "over", "cancelled"


@dataclass(frozen=True)
class Ended:
    """How a training ended."""

    exit_code: int | None
    """None when it could not be started, or was ended for its time."""
    seconds: float
    tail: tuple[str, ...]
    """The last lines of its output, secrets taken out."""
    problem: str | None = None
    """What went wrong, as a sentence's end; None for a success."""


def run_process(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    limit_seconds: float,
    hidden: Sequence[str],
    output: BinaryIO,
    is_in_actions: bool,
) -> Ended:
    """Run `command` in `folder`; copy what it prints to `output` as it comes, without the `hidden` values.

    In GitHub Actions the output stands between `::stop-commands::` and its token, so that the runner takes no
    command from it. When the time is over, or we are told to end, the whole process group ends; in the second case
    too this returns, so that what was cancelled is reported.
    """
    began = time.monotonic()
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Ended(None, 0.0, (), f"could not be started: {command[0]}: {error.strerror or error}")

    def show(piece: bytes) -> None:
        text = piece.decode("utf-8", "replace")
        for value in hidden:
            text = text.replace(value, "***")
        output.write(text.encode())
        output.flush()
        if text.strip():
            tail.append(text.strip("\r\n")[:TAIL_LINE_LENGTH])

    with _quoted(output, is_in_actions), watched() as cancellation, cancellation.held():
        try:
            cut = _copy(process, began + limit_seconds, show, cancellation)
        finally:
            _end(process, cancellation)
    seconds = time.monotonic() - began
    if cut:
        over = f"it took longer than {_words(limit_seconds)} (`project.time_limit_minutes`)"
        why = over if cut == _OVER else f"the job was cancelled ({cancellation.name})"
        return Ended(None, seconds, tuple(tail), f"was ended, as {why}")
    code = process.returncode
    why = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return Ended(code, seconds, tuple(tail), why if code else None)


def _copy(
    process: subprocess.Popen[bytes], ends: float, show: Callable[[bytes], None], cancellation: Cancellation
) -> str:
    """Show pieces until the process has ended; returns what cut it short, '' when nothing did."""
    pieces: queue.Queue[bytes | None] = queue.Queue(maxsize=1000)
    assert process.stdout is not None  # noqa: S101 - it was asked for
    threading.Thread(target=_read, args=(process.stdout, pieces), daemon=True).start()
    exited_at: float | None = None
    is_read = False
    while True:
        now = time.monotonic()
        if process.poll() is not None and exited_at is None:
            exited_at = now
        # What it left running may hold its output open: then the end of the process is the end.
        if exited_at is not None and (is_read or now >= exited_at + OUTPUT_SECONDS):
            return ""
        if exited_at is None and (cancellation.count or now >= ends):
            return _CANCELLED if cancellation.count else _OVER
        if is_read:
            time.sleep(0.05)
            continue
        try:
            piece = pieces.get(timeout=0.1)
        except queue.Empty:
            continue
        if piece is None:
            is_read = True
        else:
            show(piece)


def _read(stream: BinaryIO, pieces: queue.Queue[bytes | None]) -> None:
    """Lines, progress bars' carriage returns among their ends; of a line without an end, pieces."""
    with stream:
        rest = b""
        while chunk := os.read(stream.fileno(), 65536):
            rest += chunk
            while rest:
                cut = min((at for at in (rest.find(b"\n"), rest.find(b"\r")) if at >= 0), default=-1)
                if cut < 0 and len(rest) < _LONGEST_PIECE:
                    break
                cut = cut if 0 <= cut < _LONGEST_PIECE else _LONGEST_PIECE - 1
                pieces.put(rest[: cut + 1])
                rest = rest[cut + 1 :]
        if rest:
            pieces.put(rest)
        pieces.put(None)


def _end(process: subprocess.Popen[bytes], cancellation: Cancellation) -> None:
    """End the process group: asked first, then without asking. Its children end even where it ended itself."""
    patience = CANCELLED_GRACE_SECONDS if cancellation.count else GRACE_SECONDS
    asked = cancellation.count
    for name in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, name)
        except (ProcessLookupError, PermissionError):
            break
        ends = time.monotonic() + (patience if process.poll() is None else 0.5)
        # Told once more while it waits, it waits no longer.
        while time.monotonic() < ends and _is_alive(process) and cancellation.count == asked:
            time.sleep(0.05)
    process.wait()


def _is_alive(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextmanager
def _quoted(output: BinaryIO, is_in_actions: bool) -> Iterator[None]:
    """Between the two lines the runner takes nothing for a command (GitHub, "Workflow commands")."""
    token = secrets.token_hex(16)
    if is_in_actions:
        output.write(f"::stop-commands::{token}\n".encode())
        output.flush()
    try:
        yield
    finally:
        if is_in_actions:
            output.write(f"\n::{token}::\n".encode())
            output.flush()


def _words(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
