"""CTRF, the Common Test Report Format: test results as JSON, read and written. Source: ctrf.io, its JSON Schema 0.0."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .ci_facts import whole_text
from .tested_cases import Outcome, Tally, TestedCase, case_name, first_line, line_number

_OUTCOMES: dict[str, Outcome] = {
    "passed": "passed",
    "failed": "failed",
    "skipped": "skipped",
    "pending": "skipped",
    "other": "skipped",
}
_STATUSES = {"passed": "passed", "failed": "failed", "errored": "failed", "skipped": "skipped"}
_LONGEST_SECONDS = 1e9


class UnreadableCtrfError(Exception):
    """A document is no CTRF; the text goes on after the file's name."""


def read_ctrf(document: object, keeps: Tally) -> int:
    """Add the document's tests to `keeps`; returns how many were left out, as they have no name or no known status.

    What neither passed nor failed (`pending`, `other`) counts as skipped. Raises `UnreadableCtrfError`.
    """
    results = document.get("results") if isinstance(document, dict) else None
    tests = results.get("tests") if isinstance(results, dict) else None
    if not isinstance(tests, list):
        raise UnreadableCtrfError("is no list of CTRF's results.tests, wanted JUnit XML or CTRF JSON")
    cases = [case for case in map(_case, tests) if case is not None]
    for case in cases:
        keeps.add(case)
    seconds = [case.seconds for case in cases if case.seconds is not None]
    if seconds:
        keeps.seconds.append(math.fsum(seconds))
    return len(tests) - len(cases)


def _case(test: object) -> TestedCase | None:
    name, status = (test.get("name"), test.get("status")) if isinstance(test, dict) else (None, None)
    if (
        not isinstance(test, dict)
        or not isinstance(name, str)
        or not name.strip()
        or not isinstance(status, str)
    ):
        return None
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        return None
    file = _text(test.get("filePath"))
    is_failed = outcome == "failed"
    return TestedCase(
        name=case_name(_suite(test.get("suite")), name),
        outcome=outcome,
        seconds=_seconds(test.get("duration")),
        message=first_line(_text(test.get("message"))) or first_line(_text(test.get("trace")))
        if is_failed
        else "",
        file=whole_text(file)[:1000] if is_failed else "",
        line=line_number(test.get("line")) if is_failed else None,
        is_flaky=test.get("flaky") is True and not is_failed,
    )


def _suite(suite: object) -> str:
    """A list of names today, a text in documents of before."""
    return ".".join(map(_text, suite)) if isinstance(suite, list) else _text(suite)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seconds(milliseconds: object) -> float | None:
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    return milliseconds / 1000 if 0 <= milliseconds <= _LONGEST_SECONDS * 1000 else None


def ctrf_document(cases: Sequence[TestedCase], row: Mapping[str, Any], now: datetime) -> str:
    """The tests of a run as a CTRF document, with the commit that the row is of. `now` is aware.

    What the files do not tell, when the tests ran, is set so that they ended now.
    """
    seconds = math.fsum(case.seconds or 0 for case in cases)
    stop = int(now.timestamp() * 1000)
    statuses = [_STATUSES[case.outcome] for case in cases]
    document = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "timestamp": now.isoformat(),
        "generatedBy": "devops-mlops-report",
        "results": {
            "tool": {"name": "devops-mlops-report"},
            "summary": {
                "tests": len(cases),
                **{name: statuses.count(name) for name in ("passed", "failed", "skipped")},
                **{"pending": 0, "other": 0},
                "flaky": sum(case.is_flaky for case in cases),
                "start": stop - int(seconds * 1000),
                "stop": stop,
                "duration": int(seconds * 1000),
            },
            "tests": [_test(case) for case in cases],
            "environment": _environment(row),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _test(case: TestedCase) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": case.name or "(without a name)",
        "status": _STATUSES[case.outcome],
        "duration": round((case.seconds or 0) * 1000),
        "rawStatus": case.outcome,
    }
    told = {"message": case.message, "filePath": case.file, "line": case.line, "flaky": case.is_flaky}
    return test | {name: value for name, value in told.items() if value}


def _environment(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "repositoryName": row.get("repository"),
        "commit": row.get("commit_sha"),
        "branchName": row.get("branch"),
        "buildName": row.get("workflow"),
        "buildId": row.get("workflow_run_id"),
    }
    number = {"buildNumber": row["run_attempt"]} if row.get("run_attempt") else {}
    return {name: str(value) for name, value in told.items() if value} | number
