"""What ran, from files and GitHub's API to the summary: failing jobs and tests first, with their links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from checkouts import Checkout
from commands import Answer, run_here
from devops_mlops_report.report.facts.artifacts import read_artifacts
from devops_mlops_report.report.facts.ci_facts import CiFacts
from devops_mlops_report.report.facts.jobs import fetch_jobs
from servers.github_api import SILENCE, GitHubApi, github_api

RUN = "https://github.com/acme/wine/actions/runs/77"
JUNIT = """<testsuite><testcase classname="tests.test_fit" name="test_converges" time="4.5">
<failure message="AssertionError: loss is nan&#10;more">
tests/test_fit.py:2: AssertionError</failure></testcase>
<testcase name="test_load" time="0.2"/></testsuite>"""
SCHEMA = json.loads((Path(__file__).resolve().parents[1] / "schemas/ctrf-schema-0.0.json").read_text())


@pytest.fixture
def api() -> Iterator[GitHubApi]:
    with github_api() as made:
        yield made


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit(
        "Begin", {"tests/test_fit.py": "def test_converges():\n    assert False\n", "junit.xml": JUNIT}
    )
    return made


def _run(checkout: Checkout, api: GitHubApi, *options: str, **changes: str) -> Answer:
    environment = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/wine",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_WORKFLOW": "ci",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_API_URL": api.url,
        "GITHUB_TOKEN": "ghs_s3cret",
        "NO_PROXY": "127.0.0.1",
    }
    return run_here("run", *options, cwd=checkout.root, environment=environment | changes)


def _summary(checkout: Checkout) -> str:
    return (checkout.root / ".devops-mlops-report/summary.md").read_text(encoding="utf-8")


def test_failing_jobs_steps_and_tests_stand_first_with_their_links(
    checkout: Checkout, api: GitHubApi
) -> None:
    steps = [
        {"name": "Check out", "status": "completed", "conclusion": "success", "number": 1},
        {"name": "Run the tests", "status": "completed", "conclusion": "failure", "number": 4},
    ]
    for step in steps:
        step |= {"started_at": None, "completed_at": None}
    api.add_job("build")
    api.add_job("test (3.11)", "failure", steps=steps)
    api.add_artifact("wheel", 1_234_567)
    api.add_artifact("gone", 1, expired=True)
    answer = _run(checkout, api, "--junit", "junit.xml", "--write-ctrf", "out.txt")
    assert (answer.code, api.asked) == (0, ["jobs", "artifacts"])
    summary = _summary(checkout)
    ran = summary[summary.index("### What ran") :]
    sha = checkout.git("rev-parse", "HEAD")
    assert f"- ❌ [`test (3.11)`]({RUN}/job/2) at [`Run the tests`]({RUN}/job/2#step:4:1)" in ran
    place = f"[`tests/test_fit.py:2`](https://github.com/acme/wine/blob/{sha}/tests/test_fit.py#L2)"
    assert f"| `tests.test_fit.test_converges` | ❌ | `AssertionError: loss is nan` | {place} |" in ran
    assert ran.index("test_converges") < ran.index("`build`")
    assert "Slowest tests: `tests.test_fit.test_converges` 4.5 s." in ran
    assert f"Artifacts: [`wheel`]({RUN}/artifacts/1) 1.2 MB." in ran
    written = json.loads((checkout.root / "out.txt").read_text(encoding="utf-8"))
    jsonschema.validate(written, SCHEMA)
    assert written["results"]["environment"]["commit"] == sha
    assert [test["status"] for test in written["results"]["tests"]] == ["failed", "passed"]


def test_the_first_failure_says_how_many_runs_succeeded_before(checkout: Checkout, api: GitHubApi) -> None:
    ends = ["failure", "success", "success", "success", "failure", "failure"]
    told = []
    for number, status in enumerate(ends):
        checkout.commit("Go on")
        _run(checkout, api, "--status", status, GITHUB_RUN_ID=str(number + 1))
        told.append(_summary(checkout))
    assert ["First failure after 3 successes." in summary for summary in told] == [
        *[False] * 4,
        True,
        False,
    ]


@pytest.mark.parametrize("fault", [401, 403, 404, 422, 429, 500, SILENCE])
@pytest.mark.parametrize("operation", ["jobs", "artifacts"])
def test_a_fault_of_a_list_is_a_sentence(operation: str, fault: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devops_mlops_report.report.facts.github_api.REQUEST_SECONDS_AT_MOST", 0.3)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ci = CiFacts(provider="github", repository="acme/wine", workflow_run_id="77", run_attempt=1)
    notices: list[str] = []
    with github_api() as api:
        api.faults[operation] = fault
        environment = {"GITHUB_API_URL": api.url, "GITHUB_TOKEN": "ghs_s3cret"}
        read = fetch_jobs if operation == "jobs" else read_artifacts
        assert read(environment, ci, notices) == ()
    assert len(notices) == 1
    assert "ghs_s3cret" not in notices[0]


@pytest.mark.parametrize("fault", [403, SILENCE])
def test_a_fault_of_the_artifacts_list_costs_the_list(
    checkout: Checkout, api: GitHubApi, fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devops_mlops_report.report.facts.github_api.REQUEST_SECONDS_AT_MOST", 0.5)
    api.add_job("build")
    api.faults["artifacts"] = fault
    answer = _run(checkout, api)
    assert answer.code == 0
    assert "The list of artifacts is absent: GitHub&#39;s API" in answer.stdout.replace("'", "&#39;")
    assert "ghs_s3cret" not in answer.stdout + answer.stderr
    assert "✅ [`build`]" in _summary(checkout)


def test_what_a_test_says_holds_no_secret_and_nothing_live(checkout: Checkout, api: GitHubApi) -> None:
    hostile = "&lt;img src=x&gt; @acme/team | [x](http://evil.example) ghs_s3cret"
    (checkout.root / "junit.xml").write_text(
        '<testsuite><testcase name="a" file="../../etc/passwd" line="1">'
        f'<failure message="{hostile}"/></testcase></testsuite>'
    )
    answer = _run(checkout, api, "--junit", "junit.xml", "--write-ctrf", "ctrf.json")
    assert "ghs_s3cret" not in answer.stdout + (checkout.root / "ctrf.json").read_text()
    summary = _summary(checkout)
    assert "ghs_s3cret" not in summary
    assert "<img" not in summary
    assert "](http://evil" not in summary
    assert "blob/" not in summary  # a place outside of the checkout is no link


def test_the_test_results_never_take_the_place_of_the_history(checkout: Checkout, api: GitHubApi) -> None:
    answer = _run(checkout, api, "--history", "h.csv", "--write-ctrf", "h.csv")
    assert (answer.code, "--write-ctrf h.csv: is the history itself" in answer.stderr) == (2, True)
