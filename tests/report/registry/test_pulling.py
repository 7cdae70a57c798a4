"""A model is brought back whole, with where it came from, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.registry.answers import RegistryAnswers
from devops_mlops_report.report.registry.pulling import PROVENANCE, PullError
from devops_mlops_report.report.registry.versions import TAG, ModelVersion, Registry
from devops_mlops_report.report.tracking.address import find_address
from devops_mlops_report.report.tracking.errors import TrackingDeniedError
from devops_mlops_report.report.tracking.rest import Rest
from devops_mlops_report.report.tracking.runs import LoggedModel
from devops_mlops_report.report.tracking.server import TrackingServer
from servers.mlflow_server import ADMIN, PASSWORD, MlflowServer, mlflow_server
from servers.odd_server import Answer, relaying

# MLflow's own warnings are none of ours.
pytestmark = pytest.mark.filterwarnings("ignore")

FILES = {"MLmodel": b"flavors: {}\n", "data/weights.bin": bytes(range(256)) * 4000, "empty": b""}


@pytest.fixture
def model(server: TrackingServer, name: str) -> ModelVersion:
    """A version with three files, of a run with a metric."""
    return make_model(server, name)


def make_model(server: TrackingServer, name: str, authorization: str | None = None) -> ModelVersion:
    registry, headers = Registry(server.rest), {"Authorization": authorization} if authorization else {}
    run = server.create("0", "test", 1, {})
    server.rest.call(
        "POST", "runs/log-metric", {"run_id": run.run_id, "key": "r2", "value": 0.5, "timestamp": 1}
    )
    folder = run.artifact_uri.removeprefix("mlflow-artifacts:")
    for path, content in FILES.items():
        address = f"{server.rest.url}/api/2.0/mlflow-artifacts/artifacts{folder}/model/{path}"
        with urllib.request.urlopen(
            urllib.request.Request(address, content, headers, method="PUT"), timeout=20
        ):
            pass
    registry.create_model(name)
    made = registry.create_version(
        name, LoggedModel(f"{run.artifact_uri}/model"), run.run_id, {TAG + "commit_sha": "c" * 40}
    )
    registry.set_alias(name, "champion", made.version)
    return made


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pull tells MLflow by the environment ends with the test."""
    monkeypatch.setattr(os, "environ", dict(os.environ))


def config_of(url: str, name: str) -> str:
    return (
        "version: 3\nreport: {highlight_metric: r2}\n"
        f"mlflow: {{tracking_uri: '{url}', timeout_seconds: 5}}\nregistry: {{model_name: {name}}}\n"
    )


def answers(url: str, name: str) -> RegistryAnswers:
    return RegistryAnswers.of(parse_config(config_of(url, name)), {}, Path())


def assert_whole(target: Path) -> None:
    """What is there is the model, and its provenance can be checked with `sha256sum` alone."""
    told = json.loads((target / PROVENANCE).read_text(encoding="utf-8"))
    assert set(told["files"]) == set(FILES)
    for path, content in FILES.items():
        assert (target / path).read_bytes() == content
    lines = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(FILES.items())
    )
    assert told["digest"] == f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_model_comes_with_its_commit_run_metrics_version_and_digest(
    model: ModelVersion, mlflow: MlflowServer, tmp_path: Path
) -> None:
    target = tmp_path / "deep" / "model"
    told = answers(mlflow.url, model.name).pull(model.version, target)
    assert_whole(target)
    assert json.loads((target / PROVENANCE).read_text(encoding="utf-8")) == told
    assert (told["commit_sha"], told["mlflow_run_id"]) == ("c" * 40, model.run_id)
    assert (told["model_version"], told["aliases"], told["metrics"]) == ("1", ["champion"], {"r2": 0.5})


def cut(answer: Answer) -> Answer:
    return replace(answer, is_cut="weights.bin" in answer.path)


def lost(answer: Answer) -> Answer:
    return replace(answer, status=404, body=b"{}") if "weights.bin" in answer.path else answer


@pytest.mark.parametrize("change", [cut, lost])
@pytest.mark.parametrize("was_pulled", [False, True])
def test_a_model_of_which_a_part_does_not_come_is_not_brought_at_all(
    model: ModelVersion,
    mlflow: MlflowServer,
    tmp_path: Path,
    change: Callable[[Answer], Answer],
    was_pulled: bool,
) -> None:
    target = tmp_path / "model"
    if was_pulled:
        answers(mlflow.url, model.name).pull(model.version, target)
    with (
        relaying(mlflow.url, change) as url,
        pytest.raises(PullError, match="could not be downloaded") as caught,
    ):
        answers(url, model.name).pull(model.version, target)
    assert "\n" not in str(caught.value)
    if was_pulled:
        assert_whole(target)
    else:
        assert list(tmp_path.iterdir()) == []


def test_a_version_without_a_model_is_not_brought(
    server: TrackingServer, registry: Registry, mlflow: MlflowServer, name: str, tmp_path: Path
) -> None:
    run = server.create("0", "test", 1, {})
    registry.create_model(name)
    made = registry.create_version(name, LoggedModel(f"{run.artifact_uri}/model"), run.run_id, {})
    with pytest.raises(PullError):
        answers(mlflow.url, name).pull(made.version, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_not_replaced(
    model: ModelVersion, mlflow: MlflowServer, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with pytest.raises(PullError, match="was not made by a pull"):
        answers(mlflow.url, model.name).pull(model.version, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]


@contextmanager
def waiting(target: str) -> Iterator[tuple[str, threading.Event]]:
    """A server whose last file never comes; and the event that it was asked for."""
    asked, released = threading.Event(), threading.Event()

    def change(answer: Answer) -> Answer:
        if "weights.bin" in answer.path:
            asked.set()
            released.wait(60)
        return answer

    with relaying(target, change) as url:
        try:
            yield url, asked
        finally:
            released.set()


def test_a_pull_that_is_killed_leaves_no_model_and_the_next_one_clears_up(
    model: ModelVersion, mlflow: MlflowServer, tmp_path: Path
) -> None:
    target = tmp_path / "there" / "model"
    with waiting(mlflow.url) as (url, asked):
        (tmp_path / "config.yml").write_text(config_of(url, model.name))
        options = ("--config", str(tmp_path / "config.yml"), "--output", str(target))
        command = [sys.executable, "-I", "-m", "devops_mlops_report", "model", "pull", *options]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
            assert asked.wait(60)
            process.kill()
    assert not target.exists()
    [left] = target.parent.iterdir()
    assert left.name.startswith(f".model.{process.pid}-")
    answers(mlflow.url, model.name).pull(model.version, target)
    assert_whole(target)


def test_a_server_with_basic_authentication_gives_a_model_to_who_may_have_it(
    name: str, tmp_path: Path
) -> None:
    url = mlflow_server(with_authentication=True).url
    right = {"DAGSHUB_TOKEN": PASSWORD, "MLFLOW_TRACKING_USERNAME": ADMIN}
    config = parse_config(config_of(url, name))
    authorization = find_address(config, right, Path()).credentials.header
    version = make_model(TrackingServer(Rest(url, authorization)), name, authorization).version
    RegistryAnswers.of(config, right, Path()).pull(version, tmp_path / "model")
    assert_whole(tmp_path / "model")
    wrong = RegistryAnswers.of(config, {**right, "DAGSHUB_TOKEN": "wrong-token"}, Path())
    with pytest.raises(TrackingDeniedError) as caught:
        wrong.pull(version, tmp_path / "another")
    assert "wrong-token" not in str(caught.value)
    assert not (tmp_path / "another").exists()
