from __future__ import annotations

import json

import pytest
from devops_mlops_report.report.errors import UsageError
from devops_mlops_report.report.facts.ci_facts import CiFacts
from devops_mlops_report.report.facts.jobs import Job, read_jobs, workflow_status


@pytest.mark.parametrize(
    ("conclusions", "status"),
    [
        ([], "unknown"),
        (["success"], "success"),
        (["success", "skipped", "neutral"], "success"),
        (["success", "failure", "cancelled"], "failure"),
        (["success", "timed_out"], "failure"),
        (["startup_failure"], "failure"),
        (["success", "cancelled", "skipped"], "cancelled"),
        (["skipped", "skipped"], "skipped"),
        (["neutral"], "unknown"),
        (["success", "stale"], "unknown"),
        (["success", "something new"], "unknown"),
    ],
)
def test_the_worst_conclusion_gives_the_status(conclusions: list[str], status: str) -> None:
    assert workflow_status(conclusions) == status


def test_needs_alone_give_the_jobs_and_the_status() -> None:
    needs = {
        "build": {"result": "success", "outputs": {"a": "b"}},
        "train": {"result": "skipped", "outputs": {}},
    }
    facts = read_jobs({"NEEDS_JSON": json.dumps(needs)}, CiFacts())
    assert facts.jobs == (Job("build", "success"), Job("train", "skipped"))
    assert (facts.workflow_status, facts.notices) == ("success", ())


@pytest.mark.parametrize("text", ["", "{}", "  "])
def test_no_needs_and_no_ci_is_unknown_and_says_what_to_pass(text: str) -> None:
    facts = read_jobs({"NEEDS_JSON": text}, CiFacts())
    assert (facts.jobs, facts.workflow_status) == ((), "unknown")
    assert "--status" in facts.notices[0]


@pytest.mark.parametrize("text", ["{", "[]", '"success"', "[" * 100_000])
def test_needs_that_are_no_object_leave_a_notice(text: str) -> None:
    facts = read_jobs({"NEEDS_JSON": text}, CiFacts())
    assert facts.workflow_status == "unknown"
    assert "NEEDS_JSON is not a JSON object" in facts.notices[0]


def test_a_need_without_a_result_is_left_out_and_named() -> None:
    needs = {"build": {"result": "success"}, "odd": "success", "empty": {}}
    facts = read_jobs({"NEEDS_JSON": json.dumps(needs)}, CiFacts())
    assert facts.jobs == (Job("build", "success"),)
    assert ["'odd'" in facts.notices[0], "'empty'" in facts.notices[1]] == [True, True]


def test_the_user_s_status_wins_over_the_needs() -> None:
    facts = read_jobs({"NEEDS_JSON": '{"build": {"result": "failure"}}'}, CiFacts(), status="success")
    assert facts.workflow_status == "success"


def test_a_status_that_does_not_exist_is_refused_with_the_ones_that_do() -> None:
    with pytest.raises(UsageError, match="--status: found 'green', wanted one of success, failure"):
        read_jobs({}, CiFacts(), status="green")


@pytest.mark.parametrize(
    ("conclusion", "status"),
    [("success", "success"), ("timed_out", "failure"), ("action_required", "unknown")],
)
def test_the_triggering_run_s_conclusion_is_the_status(conclusion: str, status: str) -> None:
    assert read_jobs({}, CiFacts(conclusion=conclusion)).workflow_status == status
