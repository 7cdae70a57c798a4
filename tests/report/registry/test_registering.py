"""A run's model becomes a version once; a registry that is no use costs the version alone."""

from __future__ import annotations

from dataclasses import replace

from devops_mlops_report.report.registry.registering import register
from devops_mlops_report.report.registry.versions import Registry
from devops_mlops_report.report.tracking.rest import Rest
from devops_mlops_report.report.tracking.runs import LoggedModel, TrackedRun
from devops_mlops_report.report.tracking.server import TrackingServer
from servers.odd_server import Answer, answering, relaying

HISTORY = '[{"artifact_path": "old"}, {"artifact_path": "model"}]'


def run_of(server: TrackingServer, history: str = HISTORY) -> TrackedRun:
    tags = {"mlflow.log-model.history": history} if history else {}
    return server.create("0", "test", 1, tags)


def test_the_last_model_of_a_run_is_registered_with_tags(
    server: TrackingServer, registry: Registry, name: str
) -> None:
    run = run_of(server)
    made = register(server, registry, name, run, {"commit_sha": "abc", "branch": ""})
    assert made.version is not None
    assert made.version.source == f"{run.artifact_uri}/model"
    assert (made.version.tag("commit_sha"), "devops_mlops_report.branch" in made.version.tags) == (
        "abc",
        False,
    )
    assert "logged 2 models; the last, `model`" in made.notices[0]


def test_a_version_of_the_run_is_found_not_doubled_and_keeps_its_tags(
    server: TrackingServer, registry: Registry, name: str
) -> None:
    run = run_of(server)
    registry.create_model(name)
    registry.create_version(name, LoggedModel(f"{run.artifact_uri}/model"), run.run_id, {})
    for commit in ("abc", "def"):
        made = register(server, registry, name, run, {"commit_sha": commit})
        assert made.version is not None
        assert (made.version.version, made.version.tag("commit_sha")) == (1, "abc")
    assert len(registry.versions(name)) == 1


def test_a_run_without_a_model_leaves_no_empty_registered_model(
    server: TrackingServer, registry: Registry, name: str
) -> None:
    made = register(server, registry, name, run_of(server, ""), {})
    assert (made.version, "logged no model" in made.notices[0]) == (None, True)
    assert registry.aliases(name) is None


def test_a_version_that_is_refused_takes_the_new_registered_model_with_it(
    server: TrackingServer, registry: Registry, name: str
) -> None:
    run = run_of(server, '[{"artifact_path": "../../elsewhere"}]')
    made = register(server, registry, name, run, {})
    assert (made.version, "was not registered" in made.notices[0]) == (None, True)
    assert registry.aliases(name) is None


def test_a_server_without_a_registry_degrades_to_a_notice(server: TrackingServer) -> None:
    run = run_of(server)
    with answering(404, b"<html>Not Found</html>") as (url, _):
        made = register(server, Registry(Rest(url, None)), "churn", run, {})
    assert (made.version, "has no model registry" in made.notices[0]) == (None, True)


def test_a_registry_that_may_not_be_written_degrades_to_a_notice(server: TrackingServer) -> None:
    run = run_of(server)
    with answering(403, b"{}") as (url, _):
        made = register(server, Registry(Rest(url, "Basic c2VjcmV0")), "churn", run, {})
    assert (made.version, "answered 403" in made.notices[0]) == (None, True)
    assert "c2VjcmV0" not in made.notices[0]


def test_a_registry_that_may_only_be_read_degrades_and_leaves_nothing(
    server: TrackingServer, registry: Registry, name: str
) -> None:
    def change(answer: Answer) -> Answer:
        return replace(answer, status=403, body=b"{}") if answer.path.endswith("/create") else answer

    run = run_of(server)
    registry.create_model(name)
    with relaying(server.rest.url, change) as url:
        made = register(server, Registry(Rest(url, None)), name, run, {})
    assert (made.version, "answered 403 to registered-models/create" in made.notices[0]) == (None, True)
    assert registry.versions(name) == []
