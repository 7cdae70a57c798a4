"""What is read from a real server, and from one of an older version."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from devops_mlops_report.report.registry.promotion import Gate
from devops_mlops_report.report.registry.registering import register
from devops_mlops_report.report.registry.versions import Registry
from devops_mlops_report.report.tracking.errors import TrackingMissingError
from devops_mlops_report.report.tracking.rest import Rest
from devops_mlops_report.report.tracking.runs import OWN_COMMIT_TAG, Dataset, LoggedModel, TrackedRun
from devops_mlops_report.report.tracking.server import TrackingServer
from servers.odd_server import Answer, relaying

HISTORY = {"mlflow.log-model.history": '[{"artifact_path": "model"}]'}


def older(answer: Answer) -> Answer:
    """As MLflow 2.2 answers: no logged models, no inputs and outputs of a run, no aliases."""
    path = answer.path.partition("?")[0].removeprefix("/api/2.0/mlflow/")
    if path.startswith("logged-models") or path in ("registered-models/alias", "runs/log-inputs"):
        return replace(answer, status=404, body=b"<!doctype html><title>404 Not Found</title>")
    content = json.loads(answer.body)
    for run in [content.get("run") or {}, *content.get("runs", ())]:
        run.pop("inputs", None)
        run.pop("outputs", None)
    (content.get("registered_model") or {}).pop("aliases", None)
    return replace(answer, body=json.dumps(content).encode())


@pytest.fixture
def old(server: TrackingServer) -> Iterator[TrackingServer]:
    with relaying(server.rest.url, older) as url:
        yield TrackingServer(Rest(url, None))


def log(server: TrackingServer, run: TrackedRun, **metrics: float | str) -> None:
    for key, value in metrics.items():
        body = {"run_id": run.run_id, "key": key, "value": value, "timestamp": 1}
        server.rest.call("POST", "runs/log-metric", body)


def log_dataset(server: TrackingServer, run: TrackedRun) -> None:
    dataset = {"name": "rows", "digest": "abc", "source_type": "local", "source": "{}"}
    tags = [{"key": "mlflow.data.context", "value": "train"}]
    body = {"run_id": run.run_id, "datasets": [{"dataset": dataset, "tags": tags}]}
    server.rest.call("POST", "runs/log-inputs", body)


def log_model(server: TrackingServer, run: TrackedRun, name: str) -> str:
    body = {"experiment_id": run.experiment_id, "name": name, "source_run_id": run.run_id}
    model_id = str(server.rest.call("POST", "logged-models", body)["model"]["info"]["model_id"])
    server.rest.call(
        "POST", "runs/outputs", {"run_id": run.run_id, "models": [{"model_id": model_id, "step": 0}]}
    )
    return model_id


def test_a_run_is_read_with_everything_that_it_logged(server: TrackingServer) -> None:
    made = server.create("0", "train.py", 1000, {"mine": "yes"})
    server.log_params(made.run_id, {f"p{number:03}": str(number) for number in range(150)})
    log(server, made, r2=0.5, nan="NaN", up="Infinity", down="-Infinity")
    log(server, made, r2=0.75)
    log_dataset(server, made)
    first, second = (log_model(server, made, name) for name in ("first", "second"))
    server.end(made.run_id, "FINISHED", 3500)
    run = server.run(made.run_id)
    assert (run.status, run.seconds, run.experiment_id, run.tags["mine"]) == ("FINISHED", 2.5, "0", "yes")
    assert len(run.params) == 150
    assert math.isnan(run.metrics["nan"])
    assert (run.metrics["r2"], run.metrics["up"], run.metrics["down"]) == (0.75, math.inf, -math.inf)
    assert run.datasets == (Dataset("rows", "abc", "train"),)
    assert server.models(run) == [
        LoggedModel(f"models:/{first}", first, "first"),
        LoggedModel(f"models:/{second}", second, "second"),
    ]


def test_runs_are_found_by_a_tag_and_by_no_part_of_a_query(server: TrackingServer) -> None:
    value = uuid.uuid4().hex
    made = server.create("0", "x", 1, {OWN_COMMIT_TAG: value})
    assert [run.run_id for run in server.find(OWN_COMMIT_TAG, value)] == [made.run_id]
    assert server.find(OWN_COMMIT_TAG, "0" * 40) == server.find(OWN_COMMIT_TAG, "' or tags.x != '") == []


def test_an_experiment_is_made_once(server: TrackingServer) -> None:
    name = f"experiment {uuid.uuid4().hex}"
    assert server.experiment_id(name) == server.experiment_id(name)
    assert server.experiments()[server.experiment_id(name)] == name


def test_a_run_of_an_older_server_is_read_without_what_that_does_not_know(
    server: TrackingServer, old: TrackingServer
) -> None:
    made = server.create("0", "train.py", 1000, HISTORY)
    log(server, made, r2=0.5)
    log_dataset(server, made)
    run = old.run(made.run_id)
    assert (run.metrics, run.datasets, run.model_ids) == ({"r2": 0.5}, (), ())
    assert old.models(run) == [LoggedModel(f"{run.artifact_uri}/model", None, "model")]


def test_an_older_server_s_registry_gets_versions_and_its_missing_aliases_are_said(
    server: TrackingServer, old: TrackingServer
) -> None:
    name = f"model-{uuid.uuid4().hex}"
    run = old.run(server.create("0", "train.py", 1000, HISTORY).run_id)
    made = register(old, Registry(old.rest), name, run, {"commit_sha": "abc"})
    assert made.version is not None
    assert (made.version.version, made.version.tag("commit_sha"), made.notices) == (1, "abc", ())
    outcome = Gate(Registry(old.rest), name, "champion", "always").judge(made.version, None)
    assert not outcome.is_promoted
    assert "does not know the endpoint registered-models/alias" in outcome.sentence
    with pytest.raises(TrackingMissingError):
        old.rest.get("logged-models/m-1")
