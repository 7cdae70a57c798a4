"""MLflow's client in a process of its own: it ends in time, whatever a server does, and takes nothing with it.

Importing the client costs about three CPU seconds, so it is started by the first question and lives through the run.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from ...history.late_dataclass import dataclass
from ..redaction import Redaction
from .address import TrackingAddress
from .errors import (
    TrackingConflictError,
    TrackingDeniedError,
    TrackingDownError,
    TrackingError,
    TrackingMissingError,
)
from .interpreters import Interpreter

START_SECONDS = 60.0
"""How long the import of MLflow may take; what it takes is not a server's fault, and counts for itself."""
DEATHS_AT_MOST = 2
"""How often a process that died is followed by another."""
_ANSWER_BYTES_AT_MOST = 200_000_000
_SCRIPT = Path(__file__).parent / "child" / "start.py"
_TEXT_AT_MOST = 300


class _LateError(Exception):
    """No answer in time."""


class _DiedError(Exception):
    """The process ended; the text says how."""


class _Child:
    """One process."""

    def __init__(self, interpreter: Interpreter, folder: Path) -> None:
        answers, told = os.pipe()
        try:
            self.process = subprocess.Popen(
                [*interpreter.command, str(_SCRIPT), str(told)],
                cwd=folder,
                env=interpreter.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(told,),
                start_new_session=True,
            )
        except OSError:
            os.close(answers)
            raise
        finally:
            os.close(told)
        self._answers = answers
        self._printed: deque[bytes] = deque(maxlen=8)
        assert self.process.stdin is not None  # noqa: S101 - both were asked for
        assert self.process.stdout is not None  # noqa: S101
        self._questions, self._output = self.process.stdin, self.process.stdout
        os.set_blocking(self._questions.fileno(), False)
        self.end = weakref.finalize(self, _end, self.process, answers)

    def exchange(self, question: bytes, ends: float, watch: Callable[[], None] | None = None) -> bytes:
        """Send a line and return the line that answers it; `watch` is called twice a second meanwhile.

        Raises `_LateError` and `_DiedError`.
        """
        rest, answer = memoryview(question), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            selector.register(self._output, selectors.EVENT_READ)
            if rest:
                selector.register(self._questions, selectors.EVENT_WRITE)
            while not answer.endswith(b"\n"):
                now = time.monotonic()
                if now >= ends or len(answer) > _ANSWER_BYTES_AT_MOST:
                    raise _LateError
                for key, _ in selector.select(min(ends - now, 0.5)):
                    if key.fileobj is self._questions:
                        rest = rest[self._send(rest) :]
                        if not rest:
                            selector.unregister(self._questions)
                    elif key.fileobj is self._output:
                        self._keep(selector)
                    else:
                        piece = os.read(self._answers, 1 << 20)
                        if not piece:
                            raise _DiedError(self._how_it_ended())
                        answer += piece
                if watch is not None:
                    watch()
        return bytes(answer)

    def _send(self, rest: memoryview) -> int:
        try:
            return os.write(self._questions.fileno(), rest[:65536])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise _DiedError(self._how_it_ended()) from None

    def _keep(self, selector: selectors.BaseSelector) -> None:
        piece = os.read(self._output.fileno(), 4096)
        if piece:
            self._printed.append(piece)
        else:
            selector.unregister(self._output)

    def _how_it_ended(self) -> str:
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "closed its answers"
        os.set_blocking(self._output.fileno(), False)
        while piece := self._rest_of_output():
            self._printed.append(piece)
        lines = [
            line for line in b"".join(self._printed).decode("utf-8", "replace").splitlines() if line.strip()
        ]
        last = f": {lines[-1].strip()}" if lines else ""
        return (f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}") + last

    def _rest_of_output(self) -> bytes:
        try:
            return os.read(self._output.fileno(), 4096)
        except BlockingIOError:
            return b""


def _end(process: subprocess.Popen[bytes], answers: int) -> None:
    """End the process group; nothing is lost, as every answer was waited for."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    os.close(answers)


@dataclass
class Session:
    """Questions to MLflow's client, with one time limit for all of them. Opens nothing before the first."""

    address: TrackingAddress
    interpreters: Sequence[Interpreter]
    """In the order in which they are tried."""
    folder: Path
    """Where MLflow runs: what is relative in its settings starts there."""
    total_seconds: float
    redaction: Redaction
    notices: list[str] = field(default_factory=list)
    """What is to be said of the MLflow that was used."""
    was_asked: bool = False
    """Whether something was asked of MLflow already."""
    _child: _Child | None = None
    _python: str = ""
    _deaths: int = 0
    _spent: float = 0.0
    _problem: str | None = None
    _down: dict[str, str] = field(default_factory=dict)

    @property
    def seconds_left(self) -> float:
        """What is left of the time for all questions."""
        return 0.0 if self._problem else max(self.total_seconds - self._spent, 0.0)

    def ask(self, question: str, uri: str, **details: Any) -> dict[str, Any]:
        """MLflow's answer. Raises a `TrackingError`, whose text names the store and no credentials."""
        if self.address.problem:
            raise TrackingError(self.address.problem)
        if uri in self._down:
            raise TrackingDownError(self._down[uri])
        child = self._started()
        began = time.monotonic()
        ends = began + self.total_seconds - self._spent
        try:
            return self._exchange(child, question, uri, details, ends)
        finally:
            self._spent += time.monotonic() - began

    def ask_long(self, question: str, uri: str, watch: Callable[[], None], **details: Any) -> dict[str, Any]:
        """The same for what has a limit of its own: `watch` is called twice a second, and may raise to end it."""
        return self._exchange(self._started(), question, uri, details, float("inf"), watch)

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _exchange(
        self,
        child: _Child,
        question: str,
        uri: str,
        details: Mapping[str, Any],
        ends: float,
        watch: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        line = json.dumps({"ask": question, "uri": uri, **details}) + "\n"
        is_answered = False
        try:
            text = child.exchange(line.encode(), ends, watch)
            is_answered = True
        except _LateError:
            words = (
                f"took all the time that there is for it ({self.total_seconds:g} s, `mlflow.total_seconds`)"
            )
            self._problem = f"{self.address.shown(uri)} {words}"
            raise TrackingDownError(self._problem) from None
        except _DiedError as error:
            self._deaths += 1
            raise TrackingError(f"MLflow's process {self._clean(str(error))}") from None
        finally:
            if not is_answered:
                self.close()
        return self._judged(uri, _parsed(text))

    def _judged(self, uri: str, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, unless it is an error: that is raised."""
        kind = answer.get("error")
        if kind is None:
            return answer
        place, status, path = self.address.shown(uri), answer.get("status"), answer.get("path") or "it"
        told = self._clean(str(answer.get("text", "")))
        if kind == "down":
            self._down[uri] = f"{place} {answer.get('how')}"
            raise TrackingDownError(self._down[uri])
        if kind == "denied":
            hint = "check DAGSHUB_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            raise TrackingDeniedError(f"{place} answered {status or 'no'} to {path}: {hint}")
        if kind == "endpoint":
            raise TrackingMissingError(f"{place} does not know the endpoint {path} (404)", is_endpoint=True)
        if kind == "missing":
            raise TrackingMissingError(f"{place} has no such thing ({told})", is_endpoint=False)
        if kind == "conflict":
            raise TrackingConflictError(f"{place}: it is already there ({told})")
        if kind in ("lacks", "schema"):
            raise TrackingError(_not_opened(kind, place, self._python, told))
        what = f"answered {status} to {path}" if status else "can't be asked"
        raise TrackingError(f"{place} {what} ({told})")

    def _started(self) -> _Child:
        self.was_asked = True
        if self._problem is not None:
            raise TrackingDownError(self._problem)
        if self._child is not None:
            return self._child
        if self._deaths > DEATHS_AT_MOST:
            self._problem = f"MLflow's process died {self._deaths} times"
            raise TrackingDownError(self._problem)
        for interpreter in self.interpreters:
            child = self._start(interpreter)
            if child is not None:
                self._child, self._python = child, interpreter.python
                return child
        self._problem = (
            "no MLflow could be started: wanted `mlflow-skinny` beside the report, or an interpreter that has an "
            "`mlflow` as `project.python`"
        )
        raise TrackingDownError(self._problem)

    def _start(self, interpreter: Interpreter) -> _Child | None:
        """A process that has imported MLflow's client; None where that interpreter has none that can be used."""
        child: _Child | None = None
        told: dict[str, Any] = {}
        try:
            child = _Child(interpreter, self.folder)
            told = _parsed(child.exchange(b"", time.monotonic() + START_SECONDS))
        except OSError as error:
            told = {"kind": "broken", "text": error.strerror or str(error)}
        except _LateError:
            told = {"kind": "broken", "text": f"its import took longer than {START_SECONDS:.0f} s"}
        except _DiedError as error:
            told = {"kind": "broken", "text": f"its process {error}"}
        finally:
            if child is not None and told.get("ready") is not True:
                child.end()
        if told.get("ready") is True:
            return child
        self._note_unusable(interpreter, str(told.get("kind")), str(told.get("text", "")))
        return None

    def _note_unusable(self, interpreter: Interpreter, kind: str, text: str) -> None:
        if kind == "none":
            return  # which is as it may be: not every interpreter has an MLflow
        why = (
            f"is of version {text}, older than 2" if kind == "old" else f"can't be used: {self._clean(text)}"
        )
        notice = f"The MLflow of `{interpreter.python}` {why}."
        if notice not in self.notices:
            self.notices.append(notice)

    def _clean(self, text: str) -> str:
        """One line of text from outside. Secrets go before it is cut, so that none is left in part."""
        line = " ".join(self.redaction.text(text).split())
        return line if len(line) <= _TEXT_AT_MOST else f"{line[: _TEXT_AT_MOST - 1]}…"


def _not_opened(kind: str, place: str, python: str, told: str) -> str:
    if kind == "schema":
        return f"{place} can't be opened by the MLflow of {python}: {told}; name its interpreter in `project.python`"
    return (
        f"{place} can't be opened by the MLflow of {python}, which lacks {told}: install the full `mlflow` there, or "
        "name an interpreter that has it in `project.python`"
    )


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        raise TrackingError("MLflow's process answered with something that is not JSON") from None
    if not isinstance(answer, dict):
        raise TrackingError("MLflow's process answered with something that is no JSON object")
    return answer
