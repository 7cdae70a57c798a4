"""Metrics in the formats of other tools; `formats/` holds files that those tools wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from devops_mlops_report.report.facts.measurement_files import Measurements, read_metrics

CUSTOM = [
    {"name": "p50", "unit": "ms", "value": 3.25, "range": "3", "extra": "a"},
    {"name": "throughput", "unit": "ops/s", "value": 1200},
]
PYTEST = {
    "machine_info": {"node": "runner"},
    "commit_info": {"id": "abc"},
    "benchmarks": [
        {
            "group": None,
            "name": "test_fit[8]",
            "fullname": "tests/test_speed.py::test_fit[8]",
            "stats": {"min": 0.001, "max": 0.2, "mean": 0.04, "median": 0.002, "ops": 25.0, "rounds": 50},
        },
        {"name": "test_load", "fullname": None, "stats": {"median": 0.5}},
    ],
    "datetime": "2026-11-24T00:00:00",
    "version": "5.1.0",
}


def _read(tmp_path: Path, document: Any, **options: Any) -> Measurements[float]:
    path = tmp_path / "metrics.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_metrics(path, **options)


def _facts(read: Measurements[float]) -> dict[str, dict[str, str]]:
    return {name: fact.as_json() for name, fact in read.facts.items()}


SMALLER, BIGGER = {"goal": "minimize"}, {"goal": "maximize"}
FORMATS = {
    "the list alone tells no goal": (
        CUSTOM,
        {"p50": 3.25, "throughput": 1200.0},
        {"p50": {"unit": "ms"}, "throughput": {"unit": "ops/s"}},
    ),
    "the tool's name tells the goal": (
        {"customSmallerIsBetter": CUSTOM[:1], "customBiggerIsBetter": CUSTOM[1:]},
        {"p50": 3.25, "throughput": 1200.0},
        {"p50": {"unit": "ms"} | SMALLER, "throughput": {"unit": "ops/s"} | BIGGER},
    ),
    "of the action's data file the newest run counts": (
        {
            "lastUpdate": 1,
            "entries": {
                "Speed": [
                    {"tool": "customSmallerIsBetter", "benches": [{"name": "old", "value": 1, "unit": "s"}]},
                    {"tool": "customSmallerIsBetter", "benches": CUSTOM[:1]},
                ]
            },
        },
        {"p50": 3.25},
        {"p50": {"unit": "ms"} | SMALLER},
    ),
    "two suites of the data file are told apart": (
        {
            "entries": {
                "a": [{"tool": "customBiggerIsBetter", "benches": CUSTOM[:1]}],
                "b": [{"tool": "cargo", "benches": CUSTOM[:1]}],
            }
        },
        {"a.p50": 3.25, "b.p50": 3.25},
        {"a.p50": {"unit": "ms"} | BIGGER, "b.p50": {"unit": "ms"}},
    ),
    "Bencher's measures tell unit and goal, others neither": (
        {
            "fit": {
                "latency": {"value": 88.0, "lower_value": 87.4, "upper_value": 88.9},
                "Build Time": {"value": 9},
            },
            "my model": {"throughput": {"value": 5}, "accuracy": {"value": 0.9}},
        },
        {"fit.latency": 88.0, "fit.Build Time": 9.0, "my model.throughput": 5.0, "my model.accuracy": 0.9},
        {
            "fit.latency": {"unit": "ns"} | SMALLER,
            "fit.Build Time": {"unit": "s"} | SMALLER,
            "my model.throughput": {"unit": "ops/s"} | BIGGER,
        },
    ),
    "of pytest-benchmark the median counts": (
        PYTEST,
        {"tests/test_speed.py::test_fit[8]": 0.002, "test_load": 0.5},
        dict.fromkeys(("tests/test_speed.py::test_fit[8]", "test_load"), {"unit": "s"} | SMALLER),
    ),
}


@pytest.mark.parametrize(("document", "values", "facts"), FORMATS.values(), ids=FORMATS.keys())
def test_other_tools_formats_are_told_by_what_a_file_holds(
    tmp_path: Path, document: Any, values: dict[str, float], facts: dict[str, Any]
) -> None:
    read = _read(tmp_path, document)
    assert (read.values, _facts(read), read.notices) == (values, facts, ())
    assert (read.is_usable, read.is_empty) == (True, False)


def test_an_option_tells_the_goal_where_the_file_does_not(tmp_path: Path) -> None:
    read = _read(tmp_path, {"customBiggerIsBetter": CUSTOM[:1]}, goal="minimize")
    assert _facts(read) == {"p50": {"unit": "ms"} | BIGGER}
    assert _facts(_read(tmp_path, CUSTOM[:1], goal="minimize")) == {"p50": {"unit": "ms"} | SMALLER}
    assert _facts(_read(tmp_path, {"a": {"b": 1}}, goal="maximize")) == {"a.b": BIGGER}


def test_an_object_of_numbers_is_none_of_them(tmp_path: Path) -> None:
    nested = {"val": {"loss": 1, "value": 2}, "benchmarks": 3, "entries": 4, "customSmallerIsBetter": 5}
    read = _read(tmp_path, nested)
    assert read.values == {
        **{"val.loss": 1.0, "val.value": 2.0},
        **{"benchmarks": 3.0, "entries": 4.0, "customSmallerIsBetter": 5.0},
    }
    assert read.facts == {}


ODD_ENTRIES = {
    "no number": ({"name": "x", "value": "fast"}, "'x' is the string 'fast', wanted a number"),
    "no name": ({"value": 1}, "an entry has no name"),
    "a number for a name": ({"name": 5, "value": 1}, "an entry has no name"),
    "no benchmark": (7, "an entry has no name"),
    "no value": ({"name": "x", "unit": "s"}, "'x' is null, wanted a number"),
    "a list for a value": ({"name": "x", "value": [1]}, "'x' is a list, wanted a number"),
    "a name twice": ({"name": "p50", "value": 4}, "'p50' is there twice"),
}


@pytest.mark.parametrize(("entry", "told"), ODD_ENTRIES.values(), ids=ODD_ENTRIES.keys())
def test_an_odd_entry_costs_itself(tmp_path: Path, entry: Any, told: str) -> None:
    read = _read(tmp_path, [*CUSTOM, entry])
    assert set(read.values) == {"p50", "throughput"} - ({"p50"} if "twice" in told else set())
    assert set(read.facts) == set(read.values)
    [notice] = read.notices
    assert told in notice


def test_a_unit_is_one_short_line_and_an_odd_one_none(tmp_path: Path) -> None:
    units = ["m\ns\x1b[31m", "x" * 100_000, 5, None, ["ms"], "\ud800"]
    read = _read(tmp_path, [{"name": f"m{at}", "value": at, "unit": unit} for at, unit in enumerate(units)])
    assert read.notices == ()
    assert len(read.values) == len(units)
    told = {name: fact.unit for name, fact in read.facts.items()}
    assert told == {"m0": "m s\ufffd[31m", "m1": "x" * 40, "m5": "\ufffd"}


NO_FORMATS = [
    "[]",
    "[1, 2]",
    '[{"value": 1}]',
    '{"customSmallerIsBetter": [1]}',
    '{"benchmarks": [{"stats": 1}]}',
]


@pytest.mark.parametrize("text", NO_FORMATS)
def test_what_is_in_no_format_is_one_notice(tmp_path: Path, text: str) -> None:
    read = _read(tmp_path, text)
    assert (read.values, read.facts, len(read.notices)) == ({}, {}, 1)
