"""Numbers in the formats of other tools, told by what a file holds: github-action-benchmark, Bencher, pytest-benchmark.

With the numbers comes what their format tells of them: the unit, and which way is better.

- `customSmallerIsBetter`, `customBiggerIsBetter` (github-action-benchmark's README): the list of benchmarks, the same
  as the value of its tool's name, and the data file that the action keeps. Told: the unit; the goal where the tool is.
- BMF (bencher.dev, "Bencher Metric Format"): metrics are `benchmark.measure`. Told: of Bencher's own measures both.
- pytest-benchmark's `--benchmark-json`: metrics are `fullname`, in seconds, of which fewer are better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...history.late_dataclass import dataclass
from ...history.settings import Goal
from .ci_facts import whole_text

_LONGEST_UNIT = 40
_TOOLS: Mapping[str, Goal] = {"customSmallerIsBetter": "minimize", "customBiggerIsBetter": "maximize"}
# Which way is better for what it reads of other tools: github-action-benchmark, `src/write.ts`, `biggerIsBetter`.
_BIGGER = frozenset({"benchmarkjs", "pytest", "customBiggerIsBetter"})
_SMALLER = frozenset(
    {
        *("cargo", "go", "benchmarkluau", "googlecpp", "catch2", "julia", "jmh", "benchmarkdotnet"),
        "customSmallerIsBetter",
    }
)


@dataclass(frozen=True)
class MetricFact:
    """What the data tell of a metric beside its values; empty where they tell nothing."""

    unit: str = ""
    goal: Goal | None = None

    def as_json(self) -> dict[str, str]:
        """As in the column `metric_facts`."""
        told = {"unit": self.unit, "goal": self.goal or ""}
        return {name: text for name, text in told.items() if text}


@dataclass(frozen=True)
class Entry:
    """One number of a file, not checked yet."""

    name: object
    value: object
    fact: MetricFact = MetricFact()


@dataclass(frozen=True)
class StoredRun:
    """One run of benchmarks that github-action-benchmark has kept, not checked yet."""

    suite: str
    commit: Mapping[str, object]
    """As GitHub's event tells a commit: id, message, timestamp, author."""
    date: object
    """Milliseconds since 1970."""
    entries: list[Entry] | None
    """None where it holds no benchmarks."""


# Bencher's own measures, by their slugs: "Benchmark adapters" and "Custom benchmarks" in its documentation.
_MEASURES = {
    "latency": MetricFact("ns", "minimize"),
    "throughput": MetricFact("ops/s", "maximize"),
    "build-time": MetricFact("s", "minimize"),
    "file-size": MetricFact("bytes", "minimize"),
}
_OF_A_MEASURE = {"value", "lower_value", "upper_value"}


def entries_of(document: object) -> list[Entry] | None:
    """The numbers of a file in another tool's format; None where it is in none of them."""
    for read in (_custom, _named_tool, _stored, _pytest_benchmark, _bencher):
        found = read(document)
        if found is not None:
            return found
    return None


def _custom(document: object, goal: Goal | None = None) -> list[Entry] | None:
    """`[{"name": "p50", "unit": "ms", "value": 3.2}]`. Which way is better stands in the action's inputs alone."""
    if not isinstance(document, list) or not any(map(_is_benchmark, document)):
        return None
    return [_benchmark(item, goal) for item in document]


def _named_tool(document: object) -> list[Entry] | None:
    """`{"customSmallerIsBetter": [...]}`: the list with the name that tells which way is better."""
    if not isinstance(document, dict) or not document or not set(document) <= set(_TOOLS):
        return None
    lists = [_custom(items, _TOOLS[tool]) for tool, items in document.items()]
    found = [each for each in lists if each is not None]
    return [entry for each in found for entry in each] if len(found) == len(lists) else None


def stored_runs(document: object) -> list[StoredRun] | None:
    """Every run that github-action-benchmark has kept, in the file's order; None for another document.

    Of several suites the metrics are `suite.name`.
    """
    suites = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(suites, dict) or not all(isinstance(runs, list) for runs in suites.values()):
        return None
    found = []
    for suite, runs in suites.items():
        for run in runs:
            run = run if isinstance(run, dict) else {}
            commit = run.get("commit")
            entries = _custom(run.get("benches"), _goal_of(str(run.get("tool"))))
            found.append(
                StoredRun(
                    str(suite),
                    commit if isinstance(commit, dict) else {},
                    run.get("date"),
                    entries if entries is None or len(suites) == 1 else _in_suite(str(suite), entries),
                )
            )
    return found


def _goal_of(tool: str) -> Goal | None:
    return "maximize" if tool in _BIGGER else "minimize" if tool in _SMALLER else None


def _in_suite(suite: str, entries: list[Entry]) -> list[Entry]:
    return [
        replace(entry, name=f"{suite}.{entry.name}") if isinstance(entry.name, str) else entry
        for entry in entries
    ]


def _stored(document: object) -> list[Entry] | None:
    """What the action keeps: `{"entries": {"suite": [{"tool": "…", "benches": [...]}]}}`; the newest of each suite."""
    suites = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(suites, dict) or not all(isinstance(runs, list) and runs for runs in suites.values()):
        return None
    newest = {suite: runs[-1] for suite, runs in suites.items()}
    if not newest or not all(isinstance(run, dict) for run in newest.values()):
        return None
    found = {
        suite: _custom(run.get("benches"), _TOOLS.get(str(run.get("tool")))) for suite, run in newest.items()
    }
    if any(entries is None for entries in found.values()):
        return None
    is_one = len(found) == 1
    return [
        entry if is_one or not isinstance(entry.name, str) else replace(entry, name=f"{suite}.{entry.name}")
        for suite, entries in found.items()
        for entry in entries or ()
    ]


def _pytest_benchmark(document: object) -> list[Entry] | None:
    """The medians: one slow round of many is noise, and moves no median."""
    benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
    if not isinstance(benchmarks, list) or not benchmarks or not all(map(_has_stats, benchmarks)):
        return None
    seconds = MetricFact("s", "minimize")
    return [
        Entry(benchmark.get("fullname") or benchmark.get("name"), benchmark["stats"].get("median"), seconds)
        for benchmark in benchmarks
    ]


def _bencher(document: object) -> list[Entry] | None:
    """`{"benchmark": {"latency": {"value": 88.0, "lower_value": 87.4, "upper_value": 88.9}}}`."""
    if not isinstance(document, dict) or not document:
        return None
    if not all(isinstance(measures, dict) and measures for measures in document.values()):
        return None
    found = [(name, *measure) for name, measures in document.items() for measure in measures.items()]
    if not all(
        isinstance(metric, dict) and {"value"} <= set(metric) <= _OF_A_MEASURE for *_, metric in found
    ):
        return None
    return [
        Entry(f"{name}.{measure}", metric["value"], _MEASURES.get(_slug(measure), MetricFact()))
        for name, measure, metric in found
    ]


def bencher_fact(measure: str, unit: object = None) -> MetricFact:
    """What is known of one of Bencher's measures by its name; a unit that is told goes first."""
    known = _MEASURES.get(_slug(measure), MetricFact())
    return (
        MetricFact(whole_text(unit)[:_LONGEST_UNIT], known.goal) if isinstance(unit, str) and unit else known
    )


def _is_benchmark(item: object) -> bool:
    return isinstance(item, dict) and "name" in item and "value" in item


def _benchmark(item: object, goal: Goal | None) -> Entry:
    if not isinstance(item, dict):
        return Entry(None, item)
    unit = item.get("unit")
    told = MetricFact(whole_text(unit)[:_LONGEST_UNIT] if type(unit) is str else "", goal)
    return Entry(item.get("name"), item.get("value"), told)


def _has_stats(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("stats"), dict)


def _slug(measure: str) -> str:
    return "-".join(measure.lower().split())
