"""What is read from a real server, and from one of an older version."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from devops_mlops_report.report.mlflow_client.errors import TrackingError, TrackingMissingError
from devops_mlops_report.report.mlflow_client.promotion import PromotionGate
from devops_mlops_report.report.mlflow_client.registry import Registry, register
from devops_mlops_report.report.mlflow_client.runs import COMMIT_TAG, OWN_COMMIT_TAG, Dataset, LoggedModel
from devops_mlops_report.report.mlflow_client.tracking import Tracking, models_of
from servers.mlflow_api import MlflowApi
from servers.mlflow_server import MlflowServer
from servers.odd_server import Answer, relaying
from tracking_here import asking

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


@pytest.fixture(scope="module")
def old(mlflow: MlflowServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracking]:
    with relaying(mlflow.url, older) as url, asking(url, tmp_path_factory.mktemp("old")) as tracking:
        yield tracking


def sha() -> str:
    return uuid.uuid4().hex


def test_a_run_is_read_with_everything_that_it_logged(api: MlflowApi, tracking: Tracking) -> None:
    made = tracking.create("0", "train.py", 1000, {"mine": "yes"})
    tracking.log_params(made, {f"p{number:03}": str(number) for number in range(150)})
    api.log(made.run_id, {"r2": 0.5, "nan": "NaN", "up": "Infinity", "down": "-Infinity"})
    api.log(made.run_id, {"r2": 0.75})
    api.log_dataset(made.run_id)
    first, second = (api.log_model(made.run_id, name) for name in ("first", "second"))
    tracking.end(made, "FINISHED", 3500)
    notices: list[str] = []
    run = tracking.with_models(tracking.run(made.run_id), notices)
    assert (run.status, run.seconds, run.experiment_id, run.tags["mine"]) == ("FINISHED", 2.5, "0", "yes")
    assert len(run.params) == 150
    assert math.isnan(run.metrics["nan"])
    assert (run.metrics["r2"], run.metrics["up"], run.metrics["down"]) == (0.75, math.inf, -math.inf)
    assert run.datasets == (Dataset("rows", "abc", "train"),)
    assert [(model.uri, model.model_id, model.name) for model in models_of(run)] == [
        (f"models:/{first}", first, "first"),
        (f"models:/{second}", second, "second"),
    ]
    assert notices == []


def test_the_highest_step_is_a_metric_s_final_value(api: MlflowApi, tracking: Tracking) -> None:
    run_id = api.create_run()
    for step, value in ((2, 0.9), (3, 0.7), (1, 0.8)):
        api.post("runs/log-metric", run_id=run_id, key="r2", value=value, timestamp=10 - step, step=step)
    assert tracking.run(run_id).metrics == {"r2": 0.7}


def test_runs_are_found_by_a_tag_and_by_no_part_of_a_query(api: MlflowApi, tracking: Tracking) -> None:
    value = sha()
    made = api.create_run(tags={OWN_COMMIT_TAG: value})
    other = api.create_run(tags={COMMIT_TAG: value})
    assert {run.run_id for run in tracking.of_commits([value])} == {made, other}
    assert tracking.of_commits(["0" * 40]) == tracking.of_commits(["' or tags.x != '"]) == []


def test_of_more_runs_than_are_looked_at_it_is_the_newest(api: MlflowApi, tracking: Tracking) -> None:
    value = sha()
    made = [api.create_run(started_ms=moment, tags={COMMIT_TAG: value}) for moment in (2000, 3000, 1000)]
    details = {"tags": [(COMMIT_TAG, value)], "experiment": None, "at_most": 2}
    found = tracking.session.ask("find_runs", tracking.uri, **details)["runs"]
    assert [run["run_id"] for run in found] == [made[1], made[0]]


def test_a_run_that_was_deleted_is_never_read(api: MlflowApi, tracking: Tracking) -> None:
    value = sha()
    run_id = api.finished_run({COMMIT_TAG: value}, {"r2": 0.5})
    api.post("runs/delete", run_id=run_id)
    assert tracking.of_commits([value]) == []
    with pytest.raises(TrackingMissingError, match="the run was deleted"):
        tracking.run(run_id)


@pytest.mark.parametrize("run_id", ["../../etc", "' or 1=1", "", "a b"])
def test_what_is_no_id_is_not_asked_for(tracking: Tracking, run_id: str) -> None:
    with pytest.raises(TrackingError, match="no id of a run"):
        tracking.run(run_id)


def test_of_a_nested_run_the_parent_is_found_which_has_no_tag_itself(
    api: MlflowApi, tracking: Tracking
) -> None:
    value = sha()
    parent = api.finished_run({}, {"r2": 0.5})
    child = api.finished_run({COMMIT_TAG: value, "mlflow.parentRunId": parent}, {"r2": 0.9})
    assert {run.run_id for run in tracking.of_commits([value])} == {child, parent}


def test_an_experiment_beyond_the_first_thousand_is_looked_into(
    api: MlflowApi, mlflow: MlflowServer, tmp_path: Path
) -> None:
    """A server that has more of them before, page by page."""
    value, name = sha(), f"experiment {sha()}"
    experiment = api.experiment(name)
    run_id = api.finished_run({COMMIT_TAG: value}, {"r2": 0.5}, experiment)
    asked = []

    def change(answer: Answer) -> Answer:
        path = answer.path.partition("?")[0]
        if not path.endswith("experiments/search"):
            return answer
        asked.append(answer)
        page = len(asked)
        ids = [str(each) for each in range(10_000_000 + 200 * page, 10_000_200 + 200 * page)]
        many = [
            {"experiment_id": each, "name": each, "lifecycle_stage": "active"}
            for each in (ids if page < 7 else [experiment])
        ]
        body = {"experiments": many} | ({"next_page_token": f"page-{page}"} if page < 7 else {})
        return replace(answer, status=200, body=json.dumps(body).encode())

    with relaying(mlflow.url, change) as url, asking(url, tmp_path) as tracking:
        assert [run.run_id for run in tracking.of_commits([value])] == [run_id]
        assert [run.run_id for run in tracking.of_commits([value], name)] == [run_id]
        assert tracking.of_commits([value], "another") == []


def test_an_experiment_is_made_once(api: MlflowApi, tracking: Tracking) -> None:
    name = f"experiment {sha()}"
    assert tracking.find_experiment(name, tracking.uri) is None
    made = tracking.experiment_id(name)
    assert tracking.experiment_id(name) == made == tracking.find_experiment(name, tracking.uri)
    api.post("experiments/delete", experiment_id=made)
    assert tracking.find_experiment(name, tracking.uri) is None
    with pytest.raises(TrackingError, match="was deleted"):
        tracking.experiment_id(name)


def test_a_logged_model_that_is_tied_to_a_commit_is_found_with_its_numbers(
    api: MlflowApi, tracking: Tracking
) -> None:
    value = sha()
    evaluation = api.create_run()
    model_id = api.log_model(None, "agent", tags={COMMIT_TAG: value})
    for step, number in enumerate((0.5, 0.75)):
        api.log_model_metric(evaluation, model_id, "relevance", number, step)
    [model] = tracking.models_of_commits([value])
    assert (model.model_id, model.metrics) == (model_id, {"relevance": 0.75})
    assert tracking.models_of_commits(["0" * 40]) == []


def test_a_model_s_evaluation_elsewhere_completes_its_run_s_metrics(
    api: MlflowApi, tracking: Tracking
) -> None:
    run_id = api.finished_run({}, {"r2": 0.5})
    model_id = api.log_model(run_id, "model")
    evaluation = api.create_run()
    for key, number in (("r2", 0.1), ("bias", 0.25)):
        api.log_model_metric(evaluation, model_id, key, number)
    run = tracking.with_models(tracking.run(run_id), [])
    assert run.metrics == {"r2": 0.5, "bias": 0.25}


def test_a_run_of_an_older_server_is_read_without_what_that_does_not_know(
    api: MlflowApi, old: Tracking
) -> None:
    run_id = api.create_run(tags=HISTORY)
    api.log(run_id, {"r2": 0.5})
    api.log_dataset(run_id)
    run = old.run(run_id)
    assert (run.metrics, run.datasets, run.model_ids) == ({"r2": 0.5}, (), ())
    assert models_of(run) == [LoggedModel(f"{run.artifact_uri}/model", None, "model")]
    assert old.models_of_commits(["a" * 40]) == []


def test_an_older_server_s_registry_gets_versions_and_its_missing_aliases_are_said(
    api: MlflowApi, old: Tracking
) -> None:
    name = f"model-{sha()}"
    run = old.run(api.create_run(tags=HISTORY))
    registry = Registry(old.session, old.uri)
    made = register(registry, name, run, {"commit_sha": "abc"})
    assert made.version is not None, made
    assert (made.version.version, made.version.tag("commit_sha"), made.notices) == (1, "abc", ())
    outcome = PromotionGate(registry, name, "champion", "always").judge(made.version, None)
    assert not outcome.is_promoted
    assert "does not know the endpoint registered-models/alias" in outcome.sentence
