"""What Bencher exports of its results (`bencher perf --format json`), as rows of a history."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ..errors import UsageError
from ..facts.metric_formats import MetricFact, bencher_fact
from ..rendering.quantities import plural
from .importing import Commits, Found, Row, is_hash

SOURCE = "bencher"
BYTES_AT_MOST = 500_000_000
_WANTED = "wanted the JSON of `bencher perf`"


@dataclass
class _Report:
    """One report of Bencher's: what a run measured at a commit, in its iterations."""

    sha: str
    branch: str
    ended_at: datetime
    values: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, MetricFact] = field(default_factory=dict)


def read_export(path: Path, commits: Commits) -> Found:
    """One row for each report and branch, oldest first; of several iterations the median, and all values.

    A metric is called `benchmark.measure`, as in a file of Bencher's that `run --metrics` reads; where there are
    several testbeds, `testbed.benchmark.measure`. Raises `UsageError` where the file is no such export.
    """
    lines = list(_lines(path))
    has_testbeds = len({_name(line.get("testbed")) for line in lines} - {""}) > 1
    reports: dict[tuple[str, str], _Report] = {}
    left_out = 0
    for line in lines:
        name, fact = _metric(line, has_testbeds=has_testbeds)
        branch = _name(line.get("branch"))
        points = line.get("metrics")
        for point in points if isinstance(points, list) else ():
            sha, ended_at, value = _point(point)
            if not is_hash(sha) or ended_at is None or value is None or not name:
                left_out += 1
                continue
            key = str(point.get("report")), branch
            report = reports.setdefault(key, _Report(sha, branch, ended_at))
            report.values.setdefault(name, []).append(value)
            report.facts[name] = fact
    found = Found([_row(*key, each, commits) for key, each in _by_time(reports)])
    if left_out:
        found.notices.append(f"Left out: {plural(left_out, 'value')} without a commit, a time or a number.")
    return found


def _by_time(reports: dict[tuple[str, str], _Report]) -> list[tuple[tuple[str, str], _Report]]:
    return sorted(reports.items(), key=lambda item: (item[1].ended_at, item[0]))


def _row(report_id: str, branch: str, report: _Report, commits: Commits) -> Row:
    several = {name: values for name, values in report.values.items() if len(values) > 1}
    cells = {
        "branch": branch,
        "training": "trained",
        "metrics": {name: statistics.median(values) for name, values in report.values.items()},
        "repeats": several,
        "metric_facts": {name: fact.as_json() for name, fact in report.facts.items() if fact.as_json()},
    }
    record = f"{report_id}:{branch}" if branch else report_id
    return commits.row(commits.full(report.sha), SOURCE, record, report.ended_at, cells)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        document = json.loads(read_regular(path, BYTES_AT_MOST))
    except UnusableFileError as error:
        raise UsageError(f"{path}: {error}, {_WANTED}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is no JSON: {_WANTED}") from error
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise UsageError(f"{path}: holds no list `results`: {_WANTED}")
    yield from (line for line in results if isinstance(line, dict))


def _metric(line: dict[str, Any], *, has_testbeds: bool) -> tuple[str, MetricFact]:
    """The name of a line's metric, and what is known of it."""
    told = line.get("measure")
    measure = told if isinstance(told, dict) else {}
    slug = str(measure.get("slug") or measure.get("name") or "")
    names = [_name(line.get("benchmark")), slug]
    if has_testbeds:
        names.insert(0, _name(line.get("testbed")))
    if not all(names):
        return "", MetricFact()
    return ".".join(names), bencher_fact(slug, measure.get("units"))


def _point(point: object) -> tuple[str, datetime | None, float | None]:
    """A point's commit, when it was measured, and its value."""
    if not isinstance(point, dict):
        return "", None, None
    version, metric = point.get("version"), point.get("metric")
    sha = version.get("hash") if isinstance(version, dict) else None
    if not isinstance(metric, dict):  # what newer servers call it
        entries = point.get("metrics")
        metric = entries.get("value") if isinstance(entries, dict) else None
    value = metric.get("value") if isinstance(metric, dict) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return str(sha or ""), _time(point.get("end_time")), float(value) if is_number else None  # type: ignore[arg-type]


def _time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)


def _name(told: object) -> str:
    return str(told.get("name") or "") if isinstance(told, dict) else ""
