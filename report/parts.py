"""The parts of a run: each fails alone, and the report names it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from ..history.errors import HistoryError
from .cancelling import Cancellation, Cancelled
from .errors import ReportError, shortened

_PACKAGE = Path(__file__).resolve().parent.parent

T = TypeVar("T")
Other = TypeVar("Other")


class Parts:
    """What became of the parts of one run."""

    def __init__(self, cancellation: Cancellation | None = None) -> None:
        self.cancellation = cancellation or Cancellation()
        self.problems: list[str] = []
        """Sentences about what failed, for the top of the report."""
        self.notices: list[str] = []
        """Sentences about what is absent, and why."""
        self.has_failed = False
        """Something failed without which the report is not what it should be: exit code 1."""

    def attempt(
        self,
        part: str,
        step: Callable[[], T],
        otherwise: Other,
        *,
        is_essential: bool = True,
        may_take_long: bool = False,
    ) -> T | Other:
        """What `step` gives; where it raises anything at all, `otherwise`, and the report says so.

        `part` names it within a sentence ("the chart"). What is not essential (a picture, a badge) is named all
        the same, and leaves the exit code as it is. A signal to end cuts short what `may_take_long`; what is quick
        is done in whole.
        """
        # A library may panic with what is no `Exception` (Rust's do), or ask the interpreter to exit.
        try:
            with self.cancellation.interruptible() if may_take_long else nullcontext():
                return step()
        except BaseException as error:  # noqa: BLE001 - the one place where all that nobody foresaw ends
            self.fail(f"{part[:1].upper()}{part[1:]} {_what_happened(error)}", is_essential=is_essential)
            return otherwise

    def fail(self, problem: str, *, is_essential: bool = True) -> None:
        """Name what failed at the top of the report."""
        self.problems.append(problem)
        self.has_failed = self.has_failed or is_essential


def _what_happened(error: BaseException) -> str:
    """The rest of a sentence that begins with the part's name."""
    if isinstance(error, Cancelled):
        return f"was cut short, as the job was cancelled ({error})."
    if isinstance(error, ReportError | HistoryError):
        return f"failed: {str(error).rstrip('.')}."
    words = shortened(error)
    return (
        f"failed: unexpected {type(error).__name__} {_place(error)}{f': {words}' if words else ''}. "
        "This is a fault of the program (DEVOPS_MLOPS_REPORT_DEBUG=1 shows where)."
    )


def _place(error: BaseException) -> str:
    """`in report/run.py, line 7 (make_report)`: the innermost of our own lines on the way."""
    frames = [(Path(frame.filename), frame) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [
        (path.relative_to(_PACKAGE), frame)
        for path, frame in frames
        if path.is_relative_to(_PACKAGE) and path != Path(__file__)
    ]
    if not ours:
        return "outside of the report's own code"
    path, frame = ours[-1]
    return f"in {path.as_posix()}, line {frame.lineno} ({frame.name})"
