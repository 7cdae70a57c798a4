"""A run's model becomes a version once; a registry that is no use costs the version alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from devops_mlops_report.report.mlflow_client.registry import Registry, register
from devops_mlops_report.report.mlflow_client.runs import TrackedRun
from devops_mlops_report.report.mlflow_client.tracking import Tracking
from report_project import Project
from repositories import GitRepository
from servers.mlflow_api import MlflowApi
from servers.odd_server import Answer, answering, relaying
from tracking_here import asking

HISTORY = '[{"artifact_path": "old"}, {"artifact_path": "model"}]'


@pytest.fixture
def run(api: MlflowApi, tracking: Tracking) -> TrackedRun:
    """A run with two models."""
    return tracking.run(api.create_run(tags={"mlflow.log-model.history": HISTORY}))


def test_the_last_model_of_a_run_is_registered_with_tags(
    registry: Registry, run: TrackedRun, name: str
) -> None:
    made = register(registry, name, run, {"commit_sha": "abc", "branch": ""})
    assert made.version is not None
    assert made.version.source == f"{run.artifact_uri}/model"
    assert (made.version.tag("commit_sha"), "devops_mlops_report.branch" in made.version.tags) == (
        "abc",
        False,
    )
    assert "logged 2 models; the last, `model`" in made.notices[0]


def test_a_version_of_the_run_is_found_not_doubled_and_keeps_its_tags(
    api: MlflowApi, registry: Registry, run: TrackedRun, name: str
) -> None:
    api.register(name, run.run_id)
    for commit in ("abc", "def"):
        made = register(registry, name, run, {"commit_sha": commit})
        assert made.version is not None
        assert (made.version.version, made.version.tag("commit_sha")) == (1, "abc")
    assert set(api.versions(name)) == {1}


def test_a_logged_model_without_a_run_is_the_commit_s_and_becomes_a_version_of_its_own(
    api: MlflowApi, run: TrackedRun, name: str, tmp_path: Path
) -> None:
    project = Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")
    project.configure(f"mlflow: {{tracking_uri: '{api.url}'}}\nregistry: {{model_name: {name}}}\n")
    sha = project.repository.commit("first", {"agent.py": ""})
    api.register(name, run.run_id)
    model_id = api.log_model(None, "agent", tags={"mlflow.source.git.commit": sha})
    api.log_model_metric(run.run_id, model_id, "r2", 0.75)
    for _ in range(2):
        answer = project.report()
        assert (answer.row["training"], answer.row["mlflow_run_id"]) == ("trained", ""), answer.told
        assert answer.json("metrics") == {"r2": 0.75}
        assert "the logged model `agent` is, and is read" in answer.summary
        assert answer.row["model_version"] == "2", answer.summary
    versions = api.versions(name)
    assert versions[2]["source"] == f"models:/{model_id}"
    assert versions[2]["tags"]["devops_mlops_report.commit_sha"] == sha
    assert versions[1]["tags"] == {}


def test_a_run_without_a_model_leaves_no_empty_registered_model(
    api: MlflowApi, tracking: Tracking, registry: Registry, name: str
) -> None:
    made = register(registry, name, tracking.run(api.create_run()), {})
    assert (made.version, "logged no model" in made.notices[0]) == (None, True)
    assert not api.has_model(name)


def test_a_version_that_is_refused_takes_the_new_registered_model_with_it(
    api: MlflowApi, tracking: Tracking, registry: Registry, name: str
) -> None:
    tags = {"mlflow.log-model.history": '[{"artifact_path": "../../elsewhere"}]'}
    made = register(registry, name, tracking.run(api.create_run(tags=tags)), {})
    assert (made.version, "was not registered" in made.notices[0]) == (None, True)
    assert not api.has_model(name)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, b"<html>Not Found</html>", "has no model registry"),
        (403, b"{}", "answered 403"),
    ],
)
def test_a_registry_that_is_not_there_or_not_for_us_degrades_to_a_notice(
    run: TrackedRun, tmp_path: Path, status: int, body: bytes, words: str
) -> None:
    variables = {"MLFLOW_TRACKING_TOKEN": "dontprintthis123"}
    with answering(status, body) as (url, seen), asking(url, tmp_path, environment=variables) as tracking:
        made = register(Registry(tracking.session, url), "churn", run, {})
    assert (made.version, words in made.notices[0]) == (None, True), made
    assert "dontprintthis123" not in made.notices[0]
    assert seen[0][1] == "Bearer dontprintthis123"


def test_a_registry_that_may_only_be_read_degrades_and_leaves_nothing(
    api: MlflowApi, run: TrackedRun, name: str, tmp_path: Path
) -> None:
    def change(answer: Answer) -> Answer:
        return replace(answer, status=403, body=b"{}") if answer.path.endswith("/create") else answer

    with relaying(api.url, change) as url, asking(url, tmp_path) as tracking:
        made = register(Registry(tracking.session, url), name, run, {})
    assert (made.version, "answered 403 to registered-models/create" in made.notices[0]) == (None, True), made


def test_a_version_whose_answer_got_lost_is_not_made_twice_and_not_taken_back(
    api: MlflowApi, run: TrackedRun, name: str, tmp_path: Path
) -> None:
    """The server made it and then broke off the connection."""

    def change(answer: Answer) -> Answer:
        return (
            replace(answer, is_cut=True, body=b" " * 10) if "model-versions/create" in answer.path else answer
        )

    with relaying(api.url, change) as url, asking(url, tmp_path) as tracking:
        made = register(Registry(tracking.session, url), name, run, {})
    assert made.version is None
    assert set(api.versions(name)) == {1}
