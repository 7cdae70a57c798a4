"""JUnit XML as the frameworks write it: pytest, Surefire, Jest, Go and others."""

from __future__ import annotations

import math
import re
from pathlib import Path

from .ci_facts import whole_text
from .tested_cases import Outcome, Tally, TestedCase, case_name, first_line, line_number
from .xml_files import UnreadableXmlError, read_xml

_OUTCOMES: dict[str, Outcome] = {"failure": "failed", "error": "errored", "skipped": "skipped"}
_PASSED_AT_LAST = ("flakyFailure", "flakyError")
"""Surefire's words for a case that passed when it was run again."""
_TEXT_AT_MOST = 20_000
# `tests/test_fit.py:12: AssertionError`, as pytest ends the account of each frame; its first frame is the test's own.
_PLACE = re.compile(r"^(?P<file>[\w][\w./\\ -]*\.\w+):(?P<line>\d{1,9}):", re.MULTILINE)


def read_junit(path: Path, keeps: Tally) -> None:
    """Add the cases of a file to `keeps`, and what its outermost elements that have a `time` say.

    Test cases are counted, not the suites' attributes, so nested suites count once; a case that both failed and errored
    counts as failed. Raises `UnreadableXmlError` before anything was added.
    """
    reader = _Reader(path)
    read_xml(path, reader.start, reader.end, reader.text)
    for case in reader.cases:
        keeps.add(case)
    if reader.seconds is not None:
        keeps.seconds.append(reader.seconds)


class _Reader:
    """Makes one file's cases while it streams by."""

    def __init__(self, path: Path) -> None:
        self.cases: list[TestedCase] = []
        self._path = path
        self._open: list[str] = []
        self._case: dict[str, str] = {}
        self._suite_files: list[str] = []
        self._outcomes: dict[str, tuple[str, str]] = {}
        """Of the open case: the element that tells an outcome -> its message, its type."""
        self._text: list[str] = []
        self._text_size = 0
        # For each open element: its own time, and what its children said.
        self._times: list[tuple[float | None, list[float]]] = [(None, [])]

    @property
    def seconds(self) -> float | None:
        """The file's seconds, once it is read."""
        _, inside = self._times[0]
        return math.fsum(inside) if inside else None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open and tag not in ("testsuites", "testsuite"):
            raise UnreadableXmlError(
                f"{self._path}: its root is <{tag[:60]}>, wanted JUnit's <testsuites> or <testsuite>"
            )
        if tag == "testcase":
            self._case, self._outcomes, self._text, self._text_size = attributes, {}, [], 0
        elif self._open and self._open[-1] == "testcase" and (tag in _OUTCOMES or tag in _PASSED_AT_LAST):
            self._outcomes.setdefault(tag, (attributes.get("message", ""), attributes.get("type", "")))
        if tag == "testsuite":
            self._suite_files.append(attributes.get("file", ""))
        self._open.append(tag)
        is_timed = tag in ("testsuites", "testsuite", "testcase")
        self._times.append((_seconds(attributes.get("time")) if is_timed else None, []))

    def text(self, text: str) -> None:
        if self._open and self._open[-1] in ("failure", "error") and self._text_size < _TEXT_AT_MOST:
            self._text.append(text)
            self._text_size += len(text)

    def end(self, tag: str) -> None:
        self._open.pop()
        own, inside = self._times.pop()
        if own is not None:
            self._times[-1][1].append(own)
        elif inside:
            self._times[-1][1].append(math.fsum(inside))
        if tag == "testcase":
            self.cases.append(self._made(own))
        elif tag == "testsuite":
            self._suite_files.pop()

    def _made(self, seconds: float | None) -> TestedCase:
        worst = next((tag for tag in _OUTCOMES if tag in self._outcomes), None)
        outcome: Outcome = _OUTCOMES[worst] if worst else "passed"
        name = case_name(self._case.get("classname", ""), self._case.get("name", ""))
        is_flaky = worst is None and any(tag in self._outcomes for tag in _PASSED_AT_LAST)
        if worst is None or outcome == "skipped":
            return TestedCase(name, outcome, seconds, is_flaky=is_flaky)
        text = "".join(self._text)
        message, kind = self._outcomes[worst]
        file, line = self._place(text)
        return TestedCase(
            name, outcome, seconds, first_line(message) or first_line(text) or first_line(kind), file, line
        )

    def _place(self, text: str) -> tuple[str, int | None]:
        """The file and the line that the attributes name, else those of the first frame in the text."""
        file = self._case.get("file") or next((each for each in reversed(self._suite_files) if each), "")
        line = line_number(self._case.get("line"))
        found = None if file and line else _PLACE.search(text)
        if found and (not file or found["file"].endswith(file)):
            file, line = found["file"], line_number(found["line"])
        return whole_text(file)[:1000], line


def _seconds(text: str | None) -> float | None:
    """`12.5`, or `1,234.5` as Surefire writes it; None where the text is no duration."""
    try:
        seconds = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
