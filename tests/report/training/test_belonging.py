"""What ties runs to the training that made them."""

from __future__ import annotations

from typing import Any, cast

import pytest
from devops_mlops_report.report.mlflow_client.runs import (
    PARENT_TAG,
    REPEAT_TAG,
    REPORT_TAG,
    TRAINING_TAG,
    TrackedRun,
)
from devops_mlops_report.report.mlflow_client.tracking import Tracking
from devops_mlops_report.report.training.finding import Finder, own_runs, tags_of


def test_the_tags_name_commit_branch_workflow_run_and_cause() -> None:
    assert tags_of("o/churn", "c" * 40, "main", "77", 2, "Data") == {
        "mlflow.source.git.commit": "c" * 40,
        "mlflow.source.git.branch": "main",
        "devops_mlops_report.commit_sha": "c" * 40,
        "devops_mlops_report.repository": "o/churn",
        "devops_mlops_report.branch": "main",
        "devops_mlops_report.workflow_run_id": "77",
        "devops_mlops_report.run_attempt": "2",
        "devops_mlops_report.cause": "Data",
    }
    assert set(tags_of("", "c" * 40, "", None, None, "Both")) == {
        "mlflow.source.git.commit",
        "devops_mlops_report.commit_sha",
        "devops_mlops_report.cause",
    }
    assert tags_of("", "c" * 40, "", None, None, "Both", "fraud")[REPORT_TAG] == "fraud"


class _Store:
    """What a tracking store answers about a commit."""

    def __init__(self, runs: list[TrackedRun]) -> None:
        self.runs = runs

    def of_commits(self, commits: list[str], experiment: str | None) -> list[TrackedRun]:
        return self.runs

    def models_of_commits(self, commits: list[str], experiment: str | None) -> list[Any]:
        return []

    def with_models(self, run: TrackedRun, notices: list[str]) -> TrackedRun:
        return run


@pytest.mark.parametrize(("report", "expected"), [("", "untold"), ("fraud", "fraud"), ("churn", "untold")])
def test_what_another_report_trained_and_what_repeats_a_run_is_not_the_commit_s_run(
    report: str, expected: str
) -> None:
    runs = [
        TrackedRun(name, "0", "FINISHED", started_ms=started, metrics={"r2": 1.0}, tags=tags)
        for started, (name, tags) in enumerate(
            {
                "untold": {},
                "fraud": {REPORT_TAG: "fraud"},
                "again": {REPORT_TAG: report, REPEAT_TAG: "fraud"} if report else {REPEAT_TAG: "untold"},
            }.items()
        )
    ]
    found = Finder(cast(Tracking, _Store(runs)), None, "r2", report).of_commits(["c" * 40], [])
    assert found is not None
    assert found.run_id == expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ((), {"tagged", "nested", "parent"}),
        (
            ("2026/11/23 INFO mlflow.projects: === Run (ID 'other') succeeded ===",),
            {"tagged", "nested", "parent", "other"},
        ),
        (("=== Run (ID 'other') failed ===",), {"tagged", "nested", "parent", "other"}),
    ],
)
def test_a_training_s_runs_are_known_by_tag_by_their_children_and_by_what_mlflow_projects_says(
    tail: tuple[str, ...], expected: set[str]
) -> None:
    mine = {TRAINING_TAG: "t"}
    runs = [
        TrackedRun("tagged", "0", "FINISHED", tags=mine),
        TrackedRun("nested", "0", "FINISHED", tags={**mine, PARENT_TAG: "parent"}),
        TrackedRun("parent", "0", "FINISHED"),
        TrackedRun("other", "0", "FINISHED"),
        TrackedRun("of another", "0", "FINISHED", tags={TRAINING_TAG: "u"}),
    ]
    assert {run.run_id for run in own_runs(runs, "t", tail)} == expected
