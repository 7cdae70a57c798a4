"""The report's check at a commit, from the command to GitHub's API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from devops_mlops_report.report.delivery.check import Check, CheckResult
from devops_mlops_report.report.facts.ci_facts import CiFacts
from github_runs import TOKEN, PullRequest
from servers.github_api import SILENCE, github_api

FAULTS = [401, 403, 404, 422, 429, 500, SILENCE]
RUN = "https://github.com/acme/wine/actions/runs"
CI = CiFacts(provider="github", repository="acme/wine", run_url=f"{RUN}/77")
CASE = """<testcase classname="tests.test_fit" name="test_{number}">
<failure message="loss is nan, hunter22hunter22">tests/test_fit.py:{number}: E</failure></testcase>"""


@pytest.fixture
def pull_request(tmp_path: Path) -> Iterator[PullRequest]:
    with github_api() as api:
        made = PullRequest(tmp_path, api)
        made.configure("comment: never, check: true")
        yield made


@pytest.mark.parametrize(
    ("key", "asked"),
    [("true", ["jobs", "artifacts", "check"]), ("in_progress", ["jobs", "check", "checked"])],
)
def test_the_check_says_how_it_is_from_the_beginning_where_that_is_wanted_in_three_requests(
    pull_request: PullRequest, key: str, asked: list[str]
) -> None:
    api = pull_request.api
    pull_request.configure(f"comment: never, check: {key}")
    assert pull_request.report(score=0.9).code == 0
    assert api.asked == asked
    [check] = api.checks
    assert ("started_at" in check) == (key == "in_progress")
    head = pull_request.checkout.git("rev-parse", "HEAD")
    assert (check["name"], check["head_sha"], check["details_url"]) == (
        "devops-mlops-report",
        head,
        f"{RUN}/77/attempts/1",
    )
    assert (check["status"], check["conclusion"]) == ("completed", "success")
    assert "score 0.9" in check["output"]["title"]
    assert not set(check["output"]["title"]) & set("#`*&")
    summary = pull_request.page.read_text(encoding="utf-8")
    assert check["output"]["summary"].splitlines()[0] == summary.splitlines()[0]
    assert api.tokens == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("options", "status", "conclusion", "code"),
    [((), "failure", "neutral", 0), (("--history", "bad.csv"), "success", "failure", 1)],
)
def test_its_conclusion_follows_the_exit_code(
    pull_request: PullRequest, options: tuple[str, ...], status: str, conclusion: str, code: int
) -> None:
    (pull_request.checkout.root / "bad.csv").write_text("a,b\n1,2\n")
    answer = pull_request.report(*options, status=status)
    assert (answer.code, pull_request.api.checks[0]["conclusion"]) == (code, conclusion)


def test_failing_tests_with_a_place_in_the_checkout_are_annotated_ten_at_most(
    pull_request: PullRequest,
) -> None:
    root = pull_request.checkout.root
    (root / "tests").mkdir()
    (root / "tests/test_fit.py").write_text("x\n" * 30)
    cases = "".join(CASE.format(number=number) for number in range(1, 13))
    elsewhere = '<testcase name="other" file="/etc/passwd" line="1"><failure message="m"/></testcase>'
    (root / "junit.xml").write_text(f"<testsuite>{elsewhere}{cases}</testsuite>")
    pull_request.report("--junit", "junit.xml", status="failure", MY_PASSWORD="hunter22hunter22")
    annotations = pull_request.api.checks[0]["output"]["annotations"]
    assert len(annotations) == 10
    assert annotations[0] == {
        "path": "tests/test_fit.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "failure",
        "title": "tests.test_fit.test_1",
        "message": "loss is nan, (hidden)",
    }


def test_where_checks_are_refused_the_commit_gets_a_status(pull_request: PullRequest) -> None:
    api = pull_request.api
    api.faults["check"] = 403
    pull_request.configure("comment: never, check: in_progress")
    assert pull_request.report(score=0.9).code == 0
    assert api.asked == ["jobs", "check", "status", "status"]
    assert [status["state"] for status in api.statuses] == ["pending", "success"]
    assert {status["context"] for status in api.statuses} == {"devops-mlops-report"}
    assert "score 0.9" in api.statuses[1]["description"]
    assert api.statuses[1]["target_url"] == f"{RUN}/77/attempts/1"
    api.faults["status"] = 403
    answer = pull_request.report(score=0.9)
    assert answer.code == 0
    assert (
        "neither a check (`checks: write`) nor a status of this run: GitHub's API answered 403"
        in answer.stderr
    )
    assert "needs `permissions: statuses: write`" in answer.stderr


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["check", "checked", "status"])
def test_a_fault_is_a_sentence_and_a_refusal_a_status(
    operation: str, fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devops_mlops_report.report.facts.github_api.REQUEST_SECONDS_AT_MOST", 0.3)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with github_api() as api:
        api.faults = {operation: fault, **({"check": 404} if operation == "status" else {})}
        check = Check({"GITHUB_API_URL": api.url, "GITHUB_TOKEN": TOKEN}, CI, "a" * 40)
        check.begin()
        told = check.complete(CheckResult("success", "All is well", "text"))
    is_refused = operation != "status" and fault in (403, 404)
    states = ["success"] if operation == "checked" else ["pending", "success"]
    assert [status["state"] for status in api.statuses] == states * is_refused
    assert len(told) == (not is_refused)
    assert TOKEN not in "".join(told)


@pytest.mark.parametrize(("operation", "fault"), [("check", 500), ("checked", SILENCE), ("status", 422)])
def test_neither_report_nor_row_nor_exit_code_suffer(
    pull_request: PullRequest, operation: str, fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull_request.configure("comment: never, check: in_progress")
    monkeypatch.setattr("devops_mlops_report.report.facts.github_api.REQUEST_SECONDS_AT_MOST", 0.5)
    pull_request.api.faults = {operation: fault, **({"check": 404} if operation == "status" else {})}
    answer = pull_request.report(score=0.9)
    page = pull_request.page.read_text(encoding="utf-8")
    assert (answer.code, page.startswith("## "), len(pull_request.rows)) == (0, True, 1)
    assert "The commit has n" in answer.stderr
    assert "The commit has n" in page
    assert TOKEN not in page + answer.stdout + answer.stderr


def test_a_check_that_could_not_begin_is_made_in_the_end(pull_request: PullRequest) -> None:
    api = pull_request.api
    api.faults["check"] = 500
    check = Check({"GITHUB_API_URL": api.url, "GITHUB_TOKEN": TOKEN}, CI, "a" * 40)
    check.begin()
    api.faults.clear()
    assert check.complete(CheckResult("success", "All is well", "text")) == []
    assert api.asked == ["check", "check"]
    assert [each["status"] for each in api.checks] == ["completed"]


def test_without_the_key_for_a_fork_and_in_a_dry_run_there_is_none(pull_request: PullRequest) -> None:
    pull_request.report("--dry-run", score=0.9)
    pull_request.head_repository = "stranger/wine"
    pull_request.report(score=0.9)
    pull_request.head_repository = "acme/wine"
    pull_request.configure("comment: never")
    pull_request.report(score=0.9)
    assert pull_request.api.checks == pull_request.api.statuses == []
