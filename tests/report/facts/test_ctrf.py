from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from devops_mlops_report.report.facts.ctrf import ctrf_document
from devops_mlops_report.report.facts.result_files import read_results
from devops_mlops_report.report.facts.tested_cases import TestedCase, TestResults

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas/ctrf-schema-0.0.json").read_text())
TESTS: list[dict[str, Any]] = [
    {"name": "logs in", "status": "passed", "duration": 800, "suite": ["web", "login"]},
    {
        "name": "logs out",
        "status": "failed",
        "duration": 1500,
        "message": "expected 1\nto be 2",
        "filePath": "web/login.spec.ts",
        "line": 12,
    },
    {"name": "waits", "status": "pending", "duration": 0},
    {"name": "is slow at first", "status": "passed", "duration": 10, "flaky": True},
]
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def document(tests: list[Any]) -> dict[str, Any]:
    summary = {"tests": 4, "passed": 2, "failed": 1, "skipped": 0, "pending": 1, "other": 0}
    results = {"tool": {"name": "x"}, "summary": summary | {"start": 1, "stop": 2}, "tests": tests}
    return {"reportFormat": "CTRF", "specVersion": "0.0.0", "results": results}


def read(tmp_path: Path, content: Any, **options: Any) -> TestResults:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "ctrf.json").write_text(text, encoding="utf-8")
    return read_results(["*.json"], tmp_path, **options)


def test_a_document_of_the_published_schema_is_read(tmp_path: Path) -> None:
    jsonschema.validate(document(TESTS), SCHEMA)
    results = read(tmp_path, document(TESTS))
    assert (results.tests_total, results.tests_failed, results.tests_errored, results.tests_skipped) == (
        4,
        1,
        0,
        1,
    )
    assert results.tests_seconds == 2.31
    assert results.failing == (TestedCase("logs out", "failed", 1.5, "expected 1", "web/login.spec.ts", 12),)
    assert (results.flaky, results.notices) == (("is slow at first",), ())
    assert [case.name for case in results.slowest] == ["logs out", "web.login.logs in", "is slow at first"]


def test_results_of_both_formats_add_up(tmp_path: Path) -> None:
    (tmp_path / "junit.json").write_text('<testsuite><testcase name="a" time="1"/></testsuite>')
    results = read(tmp_path, document(TESTS))
    assert (results.tests_total, results.tests_seconds) == (5, 3.31)


ODD = [
    None,
    5,
    {},
    {"name": 5, "status": "passed"},
    {"name": "a", "status": "unheard"},
    {"name": " ", "status": "passed"},
]


def test_an_odd_test_costs_itself(tmp_path: Path) -> None:
    results = read(tmp_path, document([*ODD, TESTS[0] | {"duration": "long", "suite": 5, "line": -1}]))
    assert (results.tests_total, results.tests_seconds) == (1, None)
    path = tmp_path / "ctrf.json"
    assert results.notices == (
        f"6 of the tests in {path} were left out, as they have no name or no status of CTRF's.",
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "is no list of CTRF's results.tests"),
        ('{"results": {"tests": 5}}', "is no list of CTRF's results.tests"),
        ('{"results": ', "is not valid JSON at line 1"),
        ('{"a":' * 100_000, "is no JSON that can be read"),
        ('{"a":' + "9" * 5000 + "}", "is no "),
    ],
)
def test_a_file_that_is_none_is_one_notice(tmp_path: Path, content: str, told: str) -> None:
    results = read(tmp_path, content)
    [notice] = results.notices
    assert results.tests_total is None
    assert notice.startswith(f"Test results left out: {tmp_path / 'ctrf.json'}: ")
    assert told in notice


CASES = [
    TestedCase("a.one", "passed", 0.25, is_flaky=True),
    TestedCase("a.two", "failed", 1.0, "no", "tests/a.py", 3),
    TestedCase("", "errored", None, "down"),
    TestedCase("a.three", "skipped"),
]
ROW = {
    "repository": "acme/wine",
    "commit_sha": "a" * 40,
    "branch": "main",
    "workflow": None,
    "run_attempt": 2,
}


def test_what_is_written_is_of_the_published_schema_and_reads_back(tmp_path: Path) -> None:
    text = ctrf_document(CASES, ROW, NOW)
    written = json.loads(text)
    jsonschema.validate(written, SCHEMA, format_checker=jsonschema.FormatChecker())
    summary = written["results"]["summary"]
    assert {name: summary[name] for name in ("tests", "passed", "failed", "skipped", "flaky")} == {
        **{"tests": 4, "passed": 1, "failed": 2, "skipped": 1, "flaky": 1}
    }
    assert summary["stop"] - summary["start"] == 1250
    results = read(tmp_path, text, keeps_all=True)
    assert [case.name for case in results.cases] == ["a.one", "a.two", "(without a name)", "a.three"]
    assert results.failing[0] == CASES[1]


def test_a_run_without_tests_is_of_the_schema_too() -> None:
    jsonschema.validate(json.loads(ctrf_document([], {}, NOW)), SCHEMA)
