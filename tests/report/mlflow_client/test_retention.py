"""Old runs go when the config says so: ours alone, never a champion's, never one that the history points to."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from report_project import Project
from repositories import GitRepository
from servers.mlflow_api import MlflowApi
from servers.odd_server import Answer, relaying

OURS = "devops_mlops_report.commit_sha"
REPOSITORY = "devops_mlops_report.repository"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")


def runs_of(api: MlflowApi, experiment_id: str, count: int, tags: dict[str, str]) -> list[str]:
    """Finished runs, each newer than the one before."""
    now = time.time_ns() // 1_000_000
    runs = []
    for number in range(count):
        runs.append(api.create_run(experiment_id, started_ms=now - 10_000 + number, tags=tags))
        api.end_run(runs[-1], ended_ms=now)
    return runs


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_old_runs_go_but_not_those_that_something_points_to(
    api: MlflowApi, project: Project, name: str, is_dry_run: bool
) -> None:
    project.configure(f"mlflow: {{tracking_uri: '{api.url}', experiment: {name}, keep_runs: 2}}\n")
    sha = project.repository.commit("first", {"a.txt": ""})
    experiment = api.experiment(name)
    [strangers] = runs_of(api, experiment, 1, {})
    [neighbours] = runs_of(api, experiment, 1, {OURS: "b" * 40, REPOSITORY: "other/repository"})
    runs = runs_of(api, experiment, 5, {OURS: "b" * 40})
    pointed = api.create_run(experiment, started_ms=1, tags={OURS: sha})
    api.log(pointed, params={"a": "1"})
    api.end_run(pointed)
    api.register(name, runs[0])
    api.set_alias(name, "champion", 1)
    answer = project.report(*(["--dry-run"] if is_dry_run else []), GITHUB_REPOSITORY="octo/churn")
    assert answer.code == 0
    others = {strangers, neighbours}
    left = api.active_runs(experiment)
    if is_dry_run:
        assert left == {*runs, pointed, *others}
        assert "would delete 2 MLflow runs" in answer.told
    else:
        assert left == {runs[0], runs[3], runs[4], pointed, *others}
        assert answer.row["mlflow_run_id"] == pointed


@pytest.mark.parametrize("experiment", ["no-such-experiment", None])
def test_where_no_experiment_is_found_nothing_is_deleted(
    api: MlflowApi, project: Project, experiment: str | None
) -> None:
    named = f", experiment: {experiment}" if experiment else ""
    project.configure(f"mlflow: {{tracking_uri: '{api.url}', keep_runs: 1{named}}}\n")
    project.repository.commit("first", {"a.txt": ""})
    runs = runs_of(api, "0", 3, {OURS: "c" * 40})
    answer = project.report()
    assert answer.code == 0
    assert set(runs) <= api.active_runs("0", query=f"tags.`{OURS}` = '{'c' * 40}'")
    reason = "there is no experiment" if experiment else "it needs `mlflow.experiment`"
    assert f"deleted nothing: {reason}" in answer.told


def test_aliases_are_asked_once_a_model_and_what_there_is_no_time_for_goes_later(
    api: MlflowApi, project: Project, name: str
) -> None:
    experiment = api.experiment(name)
    runs = runs_of(api, experiment, 10, {OURS: "d" * 40})
    for run_id in runs[:3]:
        api.register(name, run_id)
    asked: list[str] = []

    def change(answer: Answer) -> Answer:
        asked.append(answer.path.partition("?")[0].rpartition("/mlflow/")[2])
        if answer.path.endswith("runs/delete"):
            time.sleep(1)
        return replace(answer)

    with relaying(api.url, change) as url:
        project.configure(
            f"mlflow: {{tracking_uri: '{url}', experiment: {name}, keep_runs: 1, total_seconds: 8}}\n"
        )
        project.repository.commit("first", {"a.txt": ""})
        answer = project.report()
        assert answer.code == 0
        assert asked.count("registered-models/get") == 1
        assert asked.count("model-versions/search") == 1
        left = len(api.active_runs(experiment))
        assert 1 < left < 10
        assert f"deleted {10 - left} of 9" in answer.told or f"deleted {9 - left} of 9" in answer.told
        while left > 1:
            project.report()
            now = len(api.active_runs(experiment))
            assert now < left
            left = now
    assert api.active_runs(experiment) == {runs[-1]}
