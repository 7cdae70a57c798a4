"""What tests did, whatever wrote it down: the cases of a run, counted, the failing and the slowest ones kept."""

from __future__ import annotations

import heapq
import math
from dataclasses import field
from typing import Literal

from ...history.late_dataclass import dataclass
from .ci_facts import whole_text

Outcome = Literal["passed", "failed", "errored", "skipped"]

FAILED_AT_MOST = 200
"""Failing tests that are kept: more tell no more."""
SLOWEST_AT_MOST = 5
_LONGEST_NAME = 300
_LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class TestedCase:
    """One test of a run."""

    __test__ = False  # it is no test of ours, whatever its name begins with

    name: str
    """One line; empty where it has none."""
    outcome: Outcome
    seconds: float | None = None
    message: str = ""
    """The first line of what a failing one says."""
    file: str = ""
    """As its source has it: most often relative to the repository."""
    line: int | None = None
    is_flaky: bool = False
    """It failed first, and passed when it was tried again."""

    @property
    def has_failed(self) -> bool:
        """It failed, or could not be run."""
        return self.outcome in ("failed", "errored")


@dataclass(frozen=True)
class TestResults:
    """What the files that could be read add up to; every number is None where none could."""

    __test__ = False

    tests_total: int | None = None
    tests_failed: int | None = None
    tests_errored: int | None = None
    tests_skipped: int | None = None
    tests_seconds: float | None = None
    """What the files say of all tests together, in seconds; None where they say nothing."""
    failing: tuple[TestedCase, ...] = ()
    """Each name once, in the order of the files, `FAILED_AT_MOST` at most."""
    flaky: tuple[str, ...] = ()
    """Names of those that failed first and then passed; as many at most."""
    slowest: tuple[TestedCase, ...] = ()
    """`SLOWEST_AT_MOST`, the slowest first."""
    cases: tuple[TestedCase, ...] = field(default=(), repr=False)
    """All of them, where they were asked for."""
    notices: tuple[str, ...] = ()

    @property
    def failed_tests(self) -> tuple[str, ...]:
        """Names of the failing ones."""
        return tuple(case.name for case in self.failing)


class Tally:
    """Counts cases as they come."""

    def __init__(self, *, keeps_all: bool = False) -> None:
        self.counts: dict[Outcome, int] = {"passed": 0, "failed": 0, "errored": 0, "skipped": 0}
        self.seconds: list[float] = []
        """What files say of all their tests together."""
        self._keeps_all = keeps_all
        self._cases: list[TestedCase] = []
        self._failing: dict[str, TestedCase] = {}
        self._flaky: dict[str, None] = {}
        self._slowest: list[tuple[float, int, TestedCase]] = []
        self._order = 0

    def add(self, case: TestedCase) -> None:
        """Take in one case."""
        self.counts[case.outcome] += 1
        if case.has_failed and case.name:
            self._failing.setdefault(case.name, case)
        if case.is_flaky and case.name:
            self._flaky[case.name] = None
        if case.seconds and case.name:
            self._order -= 1  # of two that are equally slow, the first
            heapq.heappush(self._slowest, (case.seconds, self._order, case))
            if len(self._slowest) > SLOWEST_AT_MOST:
                heapq.heappop(self._slowest)
        if self._keeps_all:
            self._cases.append(case)

    def results(self, notices: list[str]) -> TestResults:
        """What the cases add up to."""
        if len(self._failing) > FAILED_AT_MOST:
            notices.append(
                f"Of {len(self._failing)} failed tests the names of the first {FAILED_AT_MOST} are kept."
            )
        return TestResults(
            tests_total=sum(self.counts.values()),
            tests_failed=self.counts["failed"],
            tests_errored=self.counts["errored"],
            tests_skipped=self.counts["skipped"],
            tests_seconds=math.fsum(self.seconds) if self.seconds else None,
            failing=tuple(self._failing.values())[:FAILED_AT_MOST],
            flaky=tuple(self._flaky)[:FAILED_AT_MOST],
            slowest=tuple(case for *_, case in sorted(self._slowest, reverse=True)),
            cases=tuple(self._cases),
            notices=tuple(notices),
        )


def case_name(group: str, name: str) -> str:
    """`tests.test_train.test_fit`: the group and the case, where the name does not begin with the group already."""
    group, name = whole_text(group), whole_text(name)
    return _short(name if not group or name.startswith(group) else f"{group}.{name}", _LONGEST_NAME)


def first_line(text: str) -> str:
    """The first line that says anything, of a bounded length."""
    return _short(next((line for line in map(whole_text, text.splitlines()) if line), ""), _LONGEST_MESSAGE)


def line_number(value: object) -> int | None:
    """A line of a file: 1 and more."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    is_line = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9
    return value if is_line and isinstance(value, int) else None


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
