"""Old runs go when the config says so: listed first, never a champion's, never one that the history points to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from devops_mlops_report.report.registry.versions import Registry
from devops_mlops_report.report.tracking.runs import LoggedModel
from devops_mlops_report.report.tracking.server import TrackingServer
from report_project import Project
from repositories import GitRepository


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_old_runs_go_but_not_those_that_something_points_to(
    server: TrackingServer, registry: Registry, name: str, tmp_path: Path, is_dry_run: bool
) -> None:
    project = Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")
    project.configure(f"mlflow: {{tracking_uri: '{server.rest.url}', experiment: {name}, keep_runs: 2}}\n")
    sha = project.repository.commit("first", {"a.txt": ""})
    experiment = server.experiment_id(name)
    now = time.time_ns() // 1_000_000
    runs = [server.create(experiment, str(n), now - 10_000 + n, {}).run_id for n in range(5)]
    pointed = server.create(experiment, "pointed", now - 20_000, {"mlflow.source.git.commit": sha}).run_id
    server.log_params(pointed, {"a": "1"})
    for run_id in (*runs, pointed):
        server.end(run_id, "FINISHED", now)
    registry.create_model(name)
    source = LoggedModel(f"{server.run(runs[0]).artifact_uri}/model")
    registry.create_version(name, source, runs[0], {})
    registry.set_alias(name, "champion", 1)
    answer = project.report(*(["--dry-run"] if is_dry_run else []))
    assert answer.code == 0
    left = {run.run_id for run in server.search("", [experiment])}
    if is_dry_run:
        assert left == {*runs, pointed}
        assert "would delete 2 MLflow runs" in answer.summary.replace("&#95;", "_")
    else:
        assert left == {runs[0], runs[3], runs[4], pointed}
        assert answer.row["mlflow_run_id"] == pointed
