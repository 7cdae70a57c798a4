"""A table of measurements that somebody kept, one line a commit, as rows of a history: columns mapped by name."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ..errors import UsageError
from .importing import Commits, Found, is_hash

SOURCE = "csv"
BYTES_AT_MOST = 500_000_000
NAMED_AT_MOST = 5
"""Lines that are left out and named one by one."""


@dataclass(frozen=True)
class Mapped:
    """Which column holds what; each metric and param by the name that it gets."""

    commit: str
    time: str | None
    branch: str | None
    metrics: Mapping[str, str]
    """Name → column. Empty: every column of numbers."""
    params: Mapping[str, str]


class _OddLineError(Exception):
    """A line can't be taken in; the text says why."""


def read_table(path: Path, mapped: Mapped, commits: Commits, delimiter: str = ",") -> Found:
    """The rows of a CSV file with a header. Lines that can't be used are left out and named.

    Raises `UsageError` for a file that is none, and for a column that it does not have.
    """
    header, lines = _lines(path, delimiter)
    used = [mapped.commit, mapped.time, mapped.branch, *mapped.metrics.values(), *mapped.params.values()]
    for column in filter(None, used):
        if column not in header:
            raise UsageError(f"{path}: has no column {column!r} (it has: {', '.join(header)})")
    metrics = mapped.metrics or _numeric(header, lines, {each for each in used if each})
    if not metrics:
        raise UsageError(f"{path}: has no column of numbers, wanted --metric COLUMN")
    found = Found()
    if not mapped.metrics:
        found.notices.append(f"Taken for metrics: {', '.join(metrics)}.")
    odd: list[str] = []
    seen: dict[str, int] = {}
    for number, line in lines:
        try:
            found.rows.append(_row(line, mapped, metrics, commits, seen))
        except _OddLineError as error:
            odd.append(f"Line {number} is left out: {error}.")
    more = len(odd) - NAMED_AT_MOST
    found.notices += [*odd[:NAMED_AT_MOST], *([f"{more} more lines are left out."] if more > 0 else [])]
    return found


def _lines(path: Path, delimiter: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    try:
        text = read_regular(path, BYTES_AT_MOST).decode("utf-8-sig")
        table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = next(table, [])
        lines = [(table.line_num, dict(zip(header, cells, strict=False))) for cells in table if any(cells)]
    except UnusableFileError as error:
        raise UsageError(f"{path}: {error}, wanted a CSV file with a header") from error
    except (UnicodeDecodeError, csv.Error, TypeError) as error:
        raise UsageError(f"{path}: can't be read as CSV in UTF-8: {error}") from error
    return header, lines


def _numeric(
    header: Sequence[str], lines: Sequence[tuple[int, Mapping[str, str]]], used: set[str]
) -> dict[str, str]:
    """The columns that hold numbers and nothing else, but for empty cells."""
    found = {}
    for column in header:
        cells = [line[column] for _, line in lines if line.get(column)]
        if column and column not in used and cells and all(_number(cell) is not None for cell in cells):
            found[column] = column
    return found


def _row(
    line: Mapping[str, str],
    mapped: Mapped,
    metrics: Mapping[str, str],
    commits: Commits,
    seen: dict[str, int],
) -> Mapping[str, object]:
    sha = line.get(mapped.commit, "").strip()
    if not is_hash(sha):
        raise _OddLineError(f"{mapped.commit} is {sha[:60]!r}, wanted a commit's hash")
    when = _time(line.get(mapped.time, "")) if mapped.time else None
    values = {name: _checked(name, line.get(column, "")) for name, column in metrics.items()}
    sha = commits.full(sha)
    record = when.isoformat() if when else ""
    key = f"{sha} {record}"
    seen[key] = seen.get(key, 0) + 1
    # A commit that was measured several times has a row for each, in the file's order.
    record = record if seen[key] == 1 else f"{record}#{seen[key]}"
    cells = {
        "branch": line.get(mapped.branch, "") if mapped.branch else "",
        "training": "trained",
        "metrics": {name: value for name, value in values.items() if value is not None},
        "params": {name: line[column] for name, column in mapped.params.items() if line.get(column)},
    }
    row = commits.row(sha, SOURCE, record, when, cells)
    if row["recorded_at"] is None:
        raise _OddLineError(
            f"commit {sha[:12]} is not in the checkout, so its time is unknown: wanted --time COLUMN"
        )
    return row


def _checked(name: str, cell: str) -> float | None:
    if not cell.strip():
        return None
    value = _number(cell)
    if value is None:
        raise _OddLineError(f"{name} is {cell[:60]!r}, wanted a number")
    return value


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def _time(cell: str) -> datetime:
    try:
        if cell.strip().replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(cell), UTC)
        moment = datetime.fromisoformat(cell.strip())
    except (ValueError, OverflowError, OSError):
        raise _OddLineError(f"the time is {cell[:60]!r}, wanted ISO 8601 or seconds since 1970") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
