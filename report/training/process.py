"""Run a training as a process of its own: live output, a time limit, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ...history.late_dataclass import dataclass
from ..cancelling import Cancellation, watched
from ..harmless import HarmlessStream
from ..redaction import Redaction
from .shielding import Orphans, shield, start

TAIL_LINES = 40
TAIL_LINE_LENGTH = 1000
GRACE_SECONDS = 10.0
"""Between asking a training to end and ending it."""
CANCELLED_GRACE_SECONDS = 3.0
"""The same when the job is cancelled: GitHub gives it ten seconds, and the report has to be written yet."""
OUTPUT_SECONDS = 2.0
"""How long what a training left running may keep its output open."""
_CHUNK_BYTES = 65_536
_MOST_AT_ONCE = 1_048_576
_PAUSE_SECONDS = 0.02
_ERROR_LENGTH = 300
# `ValueError: …`, `sklearn.exceptions.NotFittedError: …`, `KeyboardInterrupt`, `Error in f(x) : …`, `ERROR: …`.
_ERROR = re.compile(r"[\w.]*(?:Error|Exception|Interrupt|Exit)\b|(?:error|ERROR|fatal)\b[^a-z]")
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
    is_started: bool = True


def run_process(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    limit_seconds: float,
    redaction: Redaction,
    output: Output,
    is_in_actions: bool,
) -> Ended:
    """Run `command` in `folder`; copy what it prints to `output` as it comes, without secrets.

    In GitHub Actions the output stands between `::stop-commands::` and its token, so that the runner takes no
    command from it; the commands of other CIs are broken up. When the time is over, or we are told to end, the whole
    process group ends; in the second case too this returns, so that what was cancelled is reported.
    """
    began, log, orphans = time.monotonic(), _Log(output), Orphans()
    if not shield(environment) and not os.environ.keys() <= environment.keys():
        log.write(
            "devops-mlops-report: here, a training can read what is withheld from it in our own process.\n"
        )
    try:
        process = start(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        problem = f"could not be started: {command[0]}: {error.strerror or error}"
        return Ended(None, 0.0, (), problem, is_started=False)
    with (
        log.quoted(is_in_actions),
        watched() as cancellation,
        cancellation.held(),
        _Copy(process, log, redaction) as copy,
    ):
        try:
            cut = _follow(process, began + limit_seconds, copy, cancellation)
        finally:
            _end(process, orphans, copy, cancellation)
    seconds = time.monotonic() - began
    if cut:
        over = f"it took longer than {_words(limit_seconds)} (`project.time_limit_minutes`)"
        why = over if cut == _OVER else f"the job was cancelled ({cancellation.name})"
        return Ended(None, seconds, copy.tail, f"was ended, as {why}")
    code = process.returncode
    why = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return Ended(code, seconds, copy.tail, why if code else None)


class Output(Protocol):
    """Where what a process prints is copied to."""

    def write(self, content: bytes, /) -> int: ...

    def flush(self) -> None: ...


class _Log:
    """Our output. When nobody reads it any more, the training goes on all the same."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._is_read = True

    def write(self, text: str) -> None:
        """Write and flush."""
        if not self._is_read:
            return
        try:
            self._output.write(text.encode("utf-8", "replace"))
            self._output.flush()
        except OSError:
            # There is nobody to tell; what matters of the output is in the tail.
            self._is_read = False

    @contextmanager
    def quoted(self, is_in_actions: bool) -> Iterator[None]:
        """Between the two lines the runner takes nothing for a command (GitHub, "Workflow commands")."""
        token = secrets.token_hex(16)
        if is_in_actions:
            self.write(f"::stop-commands::{token}\n")
        try:
            yield
        finally:
            if is_in_actions:
                self.write(f"\n::{token}::\n")


class _Copy:
    """What a process prints, on its way to our output, and the last lines of it."""

    def __init__(self, process: subprocess.Popen[bytes], log: _Log, redaction: Redaction) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        self._pipe = process.stdout
        self._log = log
        self._stream = redaction.stream()
        self._harmless = HarmlessStream()
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._line = ""
        """The one that has not ended yet."""
        self._selector = selectors.DefaultSelector()
        self.is_at_end = False

    def __enter__(self) -> _Copy:
        os.set_blocking(self._pipe.fileno(), False)
        self._selector.register(self._pipe, selectors.EVENT_READ)
        return self

    def __exit__(self, *error: object) -> None:
        with self._pipe, self._selector:
            self._show(self._harmless.feed(self._stream.finish()) + self._harmless.finish())
            self._keep([self._line])

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines that are not empty, each as it was to be seen in the end, cut at its right."""
        return tuple(self._lines)

    def wait(self, seconds: float) -> None:
        """Copy what comes within so many seconds; returns when something came."""
        if self.is_at_end:
            time.sleep(seconds)
            return
        if not self._selector.select(seconds):
            return
        # What is printed byte by byte is not taken byte by byte.
        time.sleep(_PAUSE_SECONDS)
        content = bytearray()
        while len(content) < _MOST_AT_ONCE:
            try:
                chunk = os.read(self._pipe.fileno(), _CHUNK_BYTES)
            except BlockingIOError:
                break
            if not chunk:
                self.is_at_end = True
                break
            content += chunk
            if len(chunk) < _CHUNK_BYTES:
                break
        self._show(self._harmless.feed(self._stream.feed(bytes(content))))

    def _show(self, text: str) -> None:
        if not text:
            return
        self._log.write(text)
        *ended, rest = text.split("\n")
        if ended:
            ended[0], self._line = self._line + ended[0], ""
        self._keep(ended)
        self._line = _as_seen(self._line + rest)

    def _keep(self, lines: Iterable[str]) -> None:
        for line in filter(None, lines):
            seen = _as_seen(line).rstrip()
            if seen:
                self._lines.append(
                    seen if len(seen) <= TAIL_LINE_LENGTH else f"{seen[: TAIL_LINE_LENGTH - 1]}…"
                )


def _as_seen(line: str) -> str:
    """What a progress bar wrote last over what it had written, as far as it can matter."""
    last = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    ends_in_return = "\r" if line.endswith("\r") else ""
    return last[: TAIL_LINE_LENGTH + 1] + ends_in_return


def _follow(process: subprocess.Popen[bytes], ends: float, copy: _Copy, cancellation: Cancellation) -> str:
    """Copy until the process has ended; returns what cut it short, '' when nothing did."""
    exited_at: float | None = None
    while True:
        now = time.monotonic()
        if process.poll() is not None and exited_at is None:
            exited_at = now
        # What it left running may hold its output open: then the end of the process is the end.
        if exited_at is not None and (copy.is_at_end or now >= exited_at + OUTPUT_SECONDS):
            return ""
        if exited_at is None and (cancellation.count or now >= ends):
            return _CANCELLED if cancellation.count else _OVER
        copy.wait(0.05 if copy.is_at_end else 0.1)


def _end(process: subprocess.Popen[bytes], orphans: Orphans, copy: _Copy, cancellation: Cancellation) -> None:
    """End all that was started: asked first, then without asking. Its children end even where it ended itself."""
    patience = CANCELLED_GRACE_SECONDS if cancellation.count else GRACE_SECONDS
    asked = cancellation.count
    for name in (signal.SIGTERM, signal.SIGKILL):
        told: set[int] = set()
        ends = time.monotonic() + (patience if process.poll() is None else 0.5)
        while alive := _alive(process, orphans):
            for target in alive - told:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(target, name)
            told |= alive
            # Told once more while it waits, it waits no longer.
            if time.monotonic() >= ends or cancellation.count != asked:
                break
            copy.wait(0.05)
    process.wait()
    copy.wait(0)


def _alive(process: subprocess.Popen[bytes], orphans: Orphans) -> set[int]:
    """What `kill` would reach: the process group, and what has left it."""
    process.poll()
    found = set(orphans.find(process.pid))
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return found
    return found | {-process.pid}


def last_error(tail: Sequence[str]) -> str:
    """The last line that tells an error, as Python, R and shells write them; else the last that says something."""
    lines = [line.strip() for line in tail if line.strip()]
    told = next((line for line in reversed(lines) if _ERROR.match(line)), lines[-1] if lines else "")
    return told.replace("`", "'")[:_ERROR_LENGTH]


def _words(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
