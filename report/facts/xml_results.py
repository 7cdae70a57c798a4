"""Test results (JUnit) and coverage (Cobertura) from XML files, whoever wrote them."""

from __future__ import annotations

import glob
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat  # the handlers below refuse every entity

from ...history.errors import UnusableFileError
from ...history.regular_files import open_regular
from ..errors import ReportError
from .ci_facts import whole_text

SIZE_LIMIT_BYTES = 50_000_000
_CHUNK_BYTES = 1 << 20


class UnreadableXmlError(ReportError):
    """A file is missing, too large, not XML, or declares entities; the text is one line naming the file."""


def read_xml(
    path: Path,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
) -> None:
    """Call `start(tag, attributes)` and `end(tag)` for the elements of `path` in order, tags unprefixed.

    A document type that only names an external DTD is let through (Cobertura's own writers add one; expat
    never fetches it); an internal subset or an entity declaration is refused, as those are what entity bombs
    and external entities are made of. Raises `UnreadableXmlError`, maybe after a part was handed on.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    parser.StartDoctypeDeclHandler = lambda _name, _system, _public, subset: _refuse_subset(
        path, bool(subset)
    )
    parser.EntityDeclHandler = lambda *_declaration: _refuse_subset(path, True)
    try:
        _feed(parser, path)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset + 1}"
        raise UnreadableXmlError(
            f"{path}: not valid XML at {where} ({expat.ErrorString(error.code)})"
        ) from error
    except UnusableFileError as error:
        raise UnreadableXmlError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableXmlError(f"{path}: can't be read ({error.strerror})") from error
    except (ValueError, LookupError) as error:  # an encoding that expat or Python does not have
        raise UnreadableXmlError(f"{path}: not XML that can be decoded ({error})") from error


def _feed(parser: expat.XMLParserType, path: Path) -> None:
    size = 0
    with open_regular(path) as file:
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > SIZE_LIMIT_BYTES:
                raise UnreadableXmlError(f"{path}: is larger than {SIZE_LIMIT_BYTES:,} bytes")
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse_subset(path: Path, is_declared: bool) -> None:
    if is_declared:
        raise UnreadableXmlError(f"{path}: its DOCTYPE declares entities or elements, which is refused")


FAILED_AT_MOST = 200
"""Names of failed tests that are kept: more tell no more."""
_LONGEST_NAME = 300


@dataclass(frozen=True)
class JunitResults:
    """What the files that could be read add up to; every number is None where none could."""

    tests_total: int | None = None
    tests_failed: int | None = None
    tests_errored: int | None = None
    tests_skipped: int | None = None
    tests_seconds: float | None = None
    """What the outermost element that has a `time` says, in seconds; None where no element has one."""
    failed_tests: tuple[str, ...] = ()
    """Names of those that failed or errored, each once, `FAILED_AT_MOST` at most."""
    notices: tuple[str, ...] = ()


def read_junit(patterns: Sequence[str], root: Path) -> JunitResults:
    """Return the counts over the files that match `patterns` (relative to `root`; `**` crosses folders).

    Test cases are counted, not the suites' attributes, so nested suites count once; a case that both failed
    and errored counts as failed. A file that can't be read leaves a notice; the others count without it.
    """
    notices: list[str] = []
    counters: list[_Counter] = []
    for path in _matching(patterns, root, notices):
        counter = _Counter(path)
        try:
            read_xml(path, counter.start, counter.end)
        except UnreadableXmlError as error:
            notices.append(f"Test results left out: {error}.")
        else:
            counters.append(counter)
    if not counters:
        return JunitResults(notices=tuple(notices))
    failed = dict.fromkeys(name for counter in counters for name in counter.failed)
    if len(failed) > FAILED_AT_MOST:
        notices.append(f"Of {len(failed)} failed tests the names of the first {FAILED_AT_MOST} are kept.")
    seconds = [counter.seconds for counter in counters if counter.seconds is not None]
    return JunitResults(
        tests_total=sum(counter.total for counter in counters),
        tests_failed=sum(counter.outcomes["failure"] for counter in counters),
        tests_errored=sum(counter.outcomes["error"] for counter in counters),
        tests_skipped=sum(counter.outcomes["skipped"] for counter in counters),
        tests_seconds=math.fsum(seconds) if seconds else None,
        failed_tests=tuple(failed)[:FAILED_AT_MOST],
        notices=tuple(notices),
    )


def _matching(patterns: Sequence[str], root: Path, notices: list[str]) -> list[Path]:
    """The files, each once, sorted, so that the same files give the same numbers."""
    found: dict[Path, Path] = {}
    for pattern in patterns:
        names = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 - takes absolute patterns too
        # What else is no file is refused when it is opened, by its name.
        files = [root / name for name in names if not (root / name).is_dir()]
        if not files:
            notices.append(f"No test results: no file matches {pattern!r}.")
        found |= {path.resolve(): path for path in files}
    return [found[resolved] for resolved in sorted(found)]


class _Counter:
    """Counts one file's cases while it streams by."""

    def __init__(self, path: Path) -> None:
        self.total = 0
        self.outcomes = {"failure": 0, "error": 0, "skipped": 0}
        self._path = path
        self._open: list[str] = []
        self._outcomes_of_case: set[str] = set()
        self.failed: dict[str, None] = {}
        self._name = ""
        # For each open element: its own time, and the sum of what its children said.
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
            self._outcomes_of_case = set()
            self._name = _name_of(attributes)
        elif self._open and self._open[-1] == "testcase" and tag in self.outcomes:
            self._outcomes_of_case.add(tag)
        self._open.append(tag)
        is_timed = tag in ("testsuites", "testsuite", "testcase")
        self._times.append((_seconds(attributes.get("time")) if is_timed else None, []))

    def end(self, tag: str) -> None:
        self._open.pop()
        own, inside = self._times.pop()
        if own is not None:
            self._times[-1][1].append(own)
        elif inside:
            self._times[-1][1].append(math.fsum(inside))
        if tag == "testcase":
            self.total += 1
            worst = next((outcome for outcome in self.outcomes if outcome in self._outcomes_of_case), None)
            if worst is not None:
                self.outcomes[worst] += 1
            if worst in ("failure", "error") and self._name:
                self.failed[self._name] = None


def _name_of(attributes: dict[str, str]) -> str:
    """`tests.test_train.test_fit`: the class and the case, where the name does not begin with the class already."""
    group, name = (whole_text(attributes.get(key, "")) for key in ("classname", "name"))
    both = name if not group or name.startswith(group) else f"{group}.{name}"
    return both if len(both) <= _LONGEST_NAME else f"{both[: _LONGEST_NAME - 1]}…"


def _seconds(text: str | None) -> float | None:
    """`12.5`, or `1,234.5` as Surefire writes it; None where the text is no duration."""
    try:
        seconds = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


@dataclass(frozen=True)
class CoverageFacts:
    """How much of the code the tests ran."""

    coverage_percent: float | None = None
    """Covered lines of all lines, 0 to 100, rounded to 4 digits; branches are not counted in."""
    notices: tuple[str, ...] = ()


def read_coverage(path: Path) -> CoverageFacts:
    """Return the totals of the file's root element: `lines-covered` of `lines-valid`, else `line-rate`.

    Source: Cobertura's coverage-04.dtd. A file that can't be read leaves a notice and None.
    """
    roots: list[tuple[str, dict[str, str]]] = []

    def keep_root(tag: str, attributes: dict[str, str]) -> None:
        if not roots:
            roots.append((tag, attributes))

    try:
        read_xml(path, keep_root)
    except UnreadableXmlError as error:
        return CoverageFacts(notices=(f"Coverage left out: {error}.",))
    tag, attributes = roots[0]
    covered, valid = _number(attributes.get("lines-covered")), _number(attributes.get("lines-valid"))
    rate = _number(attributes.get("line-rate"))
    if tag == "coverage" and covered is not None and valid:
        rate = covered / valid
    elif tag == "coverage" and valid == 0:
        return CoverageFacts(notices=(f"Coverage left out: {path}: no line was measured.",))
    if tag != "coverage" or rate is None or not 0 <= rate <= 1:
        found = f"<{tag[:60]}> with line-rate {attributes.get('line-rate', 'absent')[:40]!r}"
        wanted = "Cobertura's <coverage> with a line-rate from 0 to 1"
        return CoverageFacts(notices=(f"Coverage left out: {path}: its root is {found}, wanted {wanted}.",))
    return CoverageFacts(coverage_percent=round(rate * 100, 4))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
