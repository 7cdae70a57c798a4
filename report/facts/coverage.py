"""How much of the code the tests ran: Cobertura's XML, LCOV, coverage.py's JSON, told by what a file holds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from .result_files import begins_with, matching_files, read_json
from .xml_files import SIZE_LIMIT_BYTES, UnreadableXmlError, read_xml

Lines = dict[str, dict[int, bool]]
"""Source file -> line -> whether it was run."""


@dataclass(frozen=True)
class CoverageFacts:
    """How much of the code the tests ran."""

    coverage_percent: float | None = None
    """Covered lines of all lines, 0 to 100, rounded to 4 digits; branches are not counted in."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Coverage:
    """What one file tells."""

    share: float
    """0 to 1: by its own totals."""
    lines: Lines = field(default_factory=dict)
    """Where the file tells them: lines of several files are counted once."""


class _OddCoverageError(Exception):
    """A file tells no coverage; the text goes on after `Coverage left out: `."""


def read_coverage(patterns: Sequence[str], root: Path) -> CoverageFacts:
    """The coverage of the files that match `patterns`.

    One file is taken by its totals. In several files, as parallel jobs write them, a line counts as run where any of
    them ran it. A file that can't be read leaves a notice, and the others count without it.
    """
    notices: list[str] = []
    found: dict[Path, _Coverage] = {}
    for path in matching_files(patterns, root, notices, "coverage"):
        try:
            found[path] = _read(path)
        except (_OddCoverageError, UnreadableXmlError) as error:
            notices.append(f"Coverage left out: {error}.")
        except UnusableFileError as error:
            notices.append(f"Coverage left out: {path}: {error}.")
    if len(found) > 1:
        for path in [path for path, coverage in found.items() if not coverage.lines]:
            notices.append(
                f"Coverage left out: {path}: it names no lines, so it can't be joined with other files."
            )
            del found[path]
    shares = [coverage.share for coverage in found.values()]
    share = shares[0] if len(shares) == 1 else _joined(coverage.lines for coverage in found.values())
    percent = None if share is None else round(share * 100, 4)
    return CoverageFacts(percent, tuple(notices))


def _joined(files: Iterable[Lines]) -> float | None:
    whole: defaultdict[str, dict[int, bool]] = defaultdict(dict)
    for lines in files:
        for source, runs in lines.items():
            for line, was_run in runs.items():
                whole[source][line] = was_run or whole[source].get(line, False)
    return _share(whole)


def _share(lines: Mapping[str, Mapping[int, bool]]) -> float | None:
    count = sum(map(len, lines.values()))
    return sum(sum(runs.values()) for runs in lines.values()) / count if count else None


def _read(path: Path) -> _Coverage:
    """Raises `_OddCoverageError`, `UnreadableXmlError` or `UnusableFileError`."""
    first = begins_with(path)
    if first == b"{":
        return _read_coverage_py(path, read_json(path))
    if first and first != b"<":
        return _read_lcov(path)
    return _read_cobertura(path)


def _read_cobertura(path: Path) -> _Coverage:
    """The root's `lines-covered` of `lines-valid`, else its `line-rate`. Source: Cobertura's coverage-04.dtd."""
    roots: list[tuple[str, dict[str, str]]] = []
    lines: defaultdict[str, dict[int, bool]] = defaultdict(dict)
    source = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal source
        if not roots:
            roots.append((tag, attributes))
        elif tag == "class":
            source = attributes.get("filename", "")
        elif tag == "line" and source:
            number, hits = _count(attributes.get("number")), _count(attributes.get("hits"))
            if number and hits is not None:
                lines[source][number] = hits > 0 or lines[source].get(number, False)

    read_xml(path, start)
    tag, attributes = roots[0]
    covered, valid = _number(attributes.get("lines-covered")), _number(attributes.get("lines-valid"))
    rate = _number(attributes.get("line-rate"))
    if tag == "coverage" and covered is not None and valid:
        rate = covered / valid
    elif tag == "coverage" and valid == 0:
        raise _OddCoverageError(f"{path}: no line was measured")
    if tag != "coverage" or rate is None or not 0 <= rate <= 1:
        found = f"<{tag[:60]}> with line-rate {attributes.get('line-rate', 'absent')[:40]!r}"
        wanted = "Cobertura's <coverage> with a line-rate from 0 to 1"
        raise _OddCoverageError(f"{path}: its root is {found}, wanted {wanted}")
    return _Coverage(rate, dict(lines))


def _read_lcov(path: Path) -> _Coverage:
    """The lines of `DA:line,hits` below `SF:file`. Source: geninfo(1), "tracefile format"."""
    lines: defaultdict[str, dict[int, bool]] = defaultdict(dict)
    source = ""
    for record in read_regular(path, SIZE_LIMIT_BYTES).decode("utf-8-sig", "replace").splitlines():
        kind, _, rest = record.strip().partition(":")
        if kind == "SF":
            source = rest
        elif kind == "DA" and source:
            number, hits = (_count(part) for part in [*rest.split(","), ""][:2])
            if number and hits is not None:
                lines[source][number] = hits > 0 or lines[source].get(number, False)
    share = _share(lines)
    if share is None:
        raise _OddCoverageError(
            f"{path}: no line was measured, wanted Cobertura's XML, LCOV or coverage.py's JSON"
        )
    return _Coverage(share, dict(lines))


def _read_coverage_py(path: Path, document: object) -> _Coverage:
    """`coverage json`: its totals, and the lines of each file."""
    totals, files = (
        document.get(name) if isinstance(document, dict) else None for name in ("totals", "files")
    )
    if not isinstance(totals, dict):
        raise _OddCoverageError(f"{path}: has no `totals`, wanted the JSON of coverage.py")
    covered, count = (_number(str(totals.get(name))) for name in ("covered_lines", "num_statements"))
    if count == 0:
        raise _OddCoverageError(f"{path}: no line was measured")
    if covered is None or count is None or not 0 <= covered <= count:
        raise _OddCoverageError(f"{path}: its totals have no covered_lines of num_statements")
    named = files.items() if isinstance(files, dict) else ()
    return _Coverage(
        covered / count, {source: _lines(file) for source, file in named if isinstance(file, dict)}
    )


def _lines(file: Mapping[str, object]) -> dict[int, bool]:
    found: dict[int, bool] = {}
    for name, was_run in (("missing_lines", False), ("executed_lines", True)):
        numbers = file.get(name)
        found |= (
            {number: was_run for number in numbers if type(number) is int}
            if isinstance(numbers, list)
            else {}
        )
    return found


def _count(text: str | None) -> int | None:
    """A whole number, 0 and more, as tools write it."""
    number = _number(text)
    return int(number) if number is not None and number >= 0 else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
