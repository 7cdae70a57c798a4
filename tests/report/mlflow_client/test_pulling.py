"""A model is brought back whole, with where it came from, or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from commands import Answer as Ended
from commands import run_command
from devops_mlops_report.report.redaction import HIDDEN
from servers.mlflow_api import MlflowApi
from servers.mlflow_server import ADMIN, PASSWORD, mlflow_server
from servers.odd_server import Answer, relaying

FILES = {"MLmodel": b"flavors: {}\n", "data/weights.bin": bytes(range(256)) * 4000, "empty": b""}


TAG = "devops_mlops_report."
PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class Registered:
    """Version 1 of a model, with three files, of a run with a metric."""

    name: str
    run_id: str


@pytest.fixture
def model(api: MlflowApi, name: str) -> Registered:
    return make_model(api, name)


def make_model(api: MlflowApi, name: str) -> Registered:
    run_id = api.create_run()
    api.log(run_id, metrics={"r2": 0.5}, params={"data": "postgres://ada:hunter22@host/wine"})
    folder = api.artifact_uri(run_id).removeprefix("mlflow-artifacts:")
    for path, content in FILES.items():
        api.put(f"{folder}/model/{path}", content)
    api.register(name, run_id, {TAG + "commit_sha": "c" * 40})
    api.set_alias(name, "champion", 1)
    return Registered(name, run_id)


def config_of(url: str, name: str) -> str:
    return (
        "version: 3\nreport: {highlight_metric: r2}\n"
        f"mlflow: {{tracking_uri: '{url}', timeout_seconds: 5}}\nregistry: {{model_name: {name}}}\n"
    )


def pull(url: str, name: str, target: Path, folder: Path, **environment: str) -> Ended:
    """`model pull` of the champion, from a folder of its own."""
    (folder / "config.yml").write_text(config_of(url, name))
    options = ("--config", folder / "config.yml", "--output", target, "--history", folder / "history.csv")
    return run_command("model", "pull", *options, cwd=folder, environment=environment)


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the command runs, apart from where the model goes."""
    return tmp_path_factory.mktemp("place")


def assert_whole(target: Path) -> None:
    """What is there is the model, and its provenance can be checked with `sha256sum` alone."""
    told = json.loads((target / PROVENANCE).read_text(encoding="utf-8"))
    assert "value: 0.5" in (target / "README.md").read_text(encoding="utf-8")
    assert set(told["files"]) == set(FILES)
    assert told["params"] == {"data": f"postgres://{HIDDEN}@host/wine"}
    for path, content in FILES.items():
        assert (target / path).read_bytes() == content
    lines = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(FILES.items())
    )
    assert told["digest"] == f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_model_comes_with_its_commit_run_metrics_version_and_digest(
    api: MlflowApi, model: Registered, tmp_path: Path, folder: Path
) -> None:
    target = tmp_path / "deep" / "model"
    answer = pull(api.url, model.name, target, folder)
    assert answer.code == 0, answer.stderr
    assert_whole(target)
    told = json.loads((target / PROVENANCE).read_text(encoding="utf-8"))
    assert told["digest"] in answer.stderr
    assert (told["commit_sha"], told["mlflow_run_id"]) == ("c" * 40, model.run_id)
    assert (told["model_version"], told["aliases"], told["metrics"]) == ("1", ["champion"], {"r2": 0.5})


def cut(answer: Answer) -> Answer:
    return replace(answer, is_cut="weights.bin" in answer.path)


def lost(answer: Answer) -> Answer:
    return replace(answer, status=404, body=b"{}") if "weights.bin" in answer.path else answer


@pytest.mark.parametrize(("change", "was_pulled"), [(cut, False), (lost, True)])
def test_a_model_of_which_a_part_does_not_come_is_not_brought_at_all(
    api: MlflowApi,
    model: Registered,
    tmp_path: Path,
    folder: Path,
    change: Callable[[Answer], Answer],
    was_pulled: bool,
) -> None:
    target = tmp_path / "model"
    if was_pulled:
        assert pull(api.url, model.name, target, folder).code == 0
    with relaying(api.url, change) as url:
        answer = pull(url, model.name, target, folder)
    assert (answer.code, answer.is_one_line()) == (1, True), answer.stderr
    assert "could not be downloaded" in answer.stderr
    if was_pulled:
        assert_whole(target)
    else:
        assert list(tmp_path.iterdir()) == []


def test_a_version_without_a_model_is_not_brought(
    api: MlflowApi, name: str, tmp_path: Path, folder: Path
) -> None:
    api.register(name, api.create_run())
    api.set_alias(name, "champion", 1)
    answer = pull(api.url, name, tmp_path / "model", folder)
    assert (answer.code, answer.is_one_line()) == (1, True), answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_not_replaced(
    api: MlflowApi, model: Registered, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    answer = pull(api.url, model.name, tmp_path / "mine", folder)
    assert "was not made by a pull" in answer.stderr
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
    api: MlflowApi, model: Registered, tmp_path: Path, folder: Path
) -> None:
    target = tmp_path / "there" / "model"
    with waiting(api.url) as (url, asked):
        (tmp_path / "config.yml").write_text(config_of(url, model.name))
        options = ("--config", str(tmp_path / "config.yml"), "--output", str(target))
        command = [sys.executable, "-I", "-m", "devops_mlops_report", "model", "pull", *options]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
            assert asked.wait(60)
            process.kill()
    assert not target.exists()
    [left] = target.parent.iterdir()
    assert left.name.startswith(f".model.{process.pid}-")
    assert pull(api.url, model.name, target, folder).code == 0
    assert_whole(target)


def test_a_server_with_basic_authentication_gives_a_model_to_who_may_have_it(
    name: str, tmp_path: Path, folder: Path
) -> None:
    url = mlflow_server(with_authentication=True).url
    pair = base64.b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()
    make_model(MlflowApi(url, {"Authorization": f"Basic {pair}"}), name)
    right = {"DAGSHUB_TOKEN": PASSWORD, "MLFLOW_TRACKING_USERNAME": ADMIN}
    answer = pull(url, name, tmp_path / "model", folder, **right)
    assert answer.code == 0, answer.stderr
    assert_whole(tmp_path / "model")
    wrong = pull(url, name, tmp_path / "another", folder, **right | {"DAGSHUB_TOKEN": "wrong-token"})
    assert (wrong.code, wrong.is_one_line()) == (1, True)
    assert "answered 401" in wrong.stderr
    assert "wrong-token" not in wrong.stderr
    assert not (tmp_path / "another").exists()
