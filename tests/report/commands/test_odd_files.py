"""Files that are not what they should be, given to `run`: each costs what it tells, never the report or the row."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_command, run_here

CONFIG = "version: 3\nreport: {highlight_metric: auc}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit("Begin", {"report-config.yml": CONFIG})
    return made


def report(checkout: Checkout, *arguments: str, **environment: str) -> tuple[Answer, dict[str, str]]:
    """What the command answered, and the one row that it recorded."""
    answer = run_here("run", *arguments, cwd=checkout.root, environment=environment)
    with (checkout.root / ".devops-mlops-report/commitHistory.csv").open(encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert row["commit_sha"] == checkout.git("rev-parse", "HEAD")
    assert not (checkout.root / ".devops-mlops-report/pending").exists()
    return answer, row


@pytest.mark.parametrize("odd", ["null", "[1, 2]", '"high"', "true", "1e999"])
def test_an_odd_metric_costs_itself_and_is_named(checkout: Checkout, odd: str) -> None:
    (checkout.root / "m.json").write_text(f'{{"auc": {odd}, "loss": 0.3}}')
    answer, row = report(checkout, "--metrics", "m.json")
    assert (answer.code, answer.stderr) == (0, "")
    assert (row["training"], json.loads(row["metrics"])) == ("trained", {"loss": 0.3})
    told = "A metric of m.json is left out: 'auc' is "
    assert answer.stdout.replace("\\", "").replace("&#39;", "'").count(told) == 1


def test_an_odd_param_costs_itself(checkout: Checkout) -> None:
    (checkout.root / "p.json").write_text('{"layers": [64, 32], "rate": 0.1}')
    answer, row = report(checkout, "--params", "p.json")
    assert answer.code == 0
    assert (row["training"], json.loads(row["params"])) == ("trained", {"rate": "0.1"})


NO_METRICS = {
    "a list": "[]",
    "cut": '{"auc": 0.',
    "empty": "",
    "HTML": "<html>",
    "absent": None,
    "a folder": ".",
    "a pipe": "|",
}


@pytest.mark.parametrize("content", NO_METRICS.values(), ids=NO_METRICS.keys())
def test_metrics_that_are_no_object_mean_that_the_training_failed(
    checkout: Checkout, content: str | None
) -> None:
    path = checkout.root / "m.json"
    if content == "|":
        os.mkfifo(path)
    elif content == ".":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    (checkout.root / "p.json").write_text('{"rate": 0.1}')
    answer, row = report(checkout, "--metrics", "m.json", "--params", "p.json")
    assert (answer.code, answer.stderr) == (0, "")
    assert (row["training"], row["metrics"], json.loads(row["params"])) == ("failed", "", {"rate": "0.1"})
    assert "numbers can" in answer.stdout.splitlines()[0]
    assert "All metrics of m.json are left out" in answer.stdout.replace("\\", "")


def test_params_that_are_no_object_cost_the_params_alone(checkout: Checkout) -> None:
    (checkout.root / "m.json").write_text('{"auc": 0.9}')
    _, row = report(checkout, "--metrics", "m.json", "--params", "absent.json")
    assert (row["training"], json.loads(row["metrics"]), row["params"]) == ("trained", {"auc": 0.9}, "")


def test_an_object_without_a_number_is_no_training(checkout: Checkout) -> None:
    (checkout.root / "m.json").write_text("{}")
    _, row = report(checkout, "--metrics", "m.json")
    assert row["training"] == "none"


PIPES = {
    "test results": (("--junit", "pipe"), "Test results left out: "),
    "coverage": (("--coverage", "pipe"), "Coverage left out: "),
    "payload": ((), "The file of the event's payload is a named pipe"),
}


@pytest.mark.parametrize(("arguments", "told"), PIPES.values(), ids=PIPES.keys())
def test_a_pipe_in_the_place_of_a_file_is_never_waited_for(
    checkout: Checkout, arguments: tuple[str, ...], told: str
) -> None:
    pipe = checkout.root / "pipe"
    os.mkfifo(pipe)
    answer, _ = report(checkout, *arguments, GITHUB_ACTIONS="true", GITHUB_EVENT_PATH=str(pipe))
    assert answer.code == 0
    assert told in answer.stdout.replace("\\", "").replace("&#39;", "'")


@pytest.mark.parametrize("name", ["MLproject", "arg2pipeline/pipeline.json"])
def test_a_pipe_in_the_place_of_a_project_is_never_waited_for(checkout: Checkout, name: str) -> None:
    (checkout.root / name).parent.mkdir(exist_ok=True)
    os.mkfifo(checkout.root / name)
    answer, _ = report(checkout)
    assert answer.code == 0
    assert "can't be read, so it tells no inputs" in answer.stdout.replace("\\", "").replace("&#39;", "'")


def test_a_pipe_in_the_place_of_the_script_is_never_waited_for(checkout: Checkout) -> None:
    os.mkfifo(checkout.root / "train.py")
    config = checkout.root / "report-config.yml"
    config.write_text(CONFIG + "project: {train_script: train.py, train: false}\n")
    answer, _ = report(checkout)
    assert answer.code == 0


@pytest.mark.parametrize("command", [("run",), ("sql", "select 1"), ("cause",), ("accept", "HEAD")])
def test_a_pipe_in_the_place_of_the_config_is_one_line(checkout: Checkout, command: tuple[str, ...]) -> None:
    (checkout.root / "report-config.yml").unlink()
    os.mkfifo(checkout.root / "report-config.yml")
    answer = run_command(*command, cwd=checkout.root)
    assert (answer.code, answer.is_one_line()) == (2, True), answer.stderr
    assert "report-config.yml: is a named pipe, no file; wanted a config in YAML" in answer.stderr


ENDLESS = {
    "a stage within itself": {
        "dvc.lock": "stages: {train@a: {deps: [{path: data.csv, md5: X}]}}\n",
        "dvc.yaml": "stages: {train: &a {do: *a}}\n",
    },
    "a bomb for DVC": {
        "data.csv.dvc": "outs:\n- path: &a [X, X]\n" + "".join(f"  m{n}: &a [*a, *a]\n" for n in range(60)),
    },
    "a bomb for MLflow": {
        "MLproject": "entry_points: {main: {parameters: {p: {default: &a [X, X]}"
        + "".join(f", p{n}: {{default: &a [*a, *a]}}" for n in range(60))
        + "}, command: python x.py}}\n",
    },
    "a deep pipeline": {"arg2pipeline/pipeline.json": '{"a":' * 900 + '"X"' + "}" * 900},
}


@pytest.mark.parametrize("files", ENDLESS.values(), ids=ENDLESS.keys())
def test_files_that_stand_for_more_than_can_be_read_are_given_up(
    checkout: Checkout, files: dict[str, str]
) -> None:
    config = CONFIG + "project: {data_paths: data.csv, train: false}\n"
    checkout.commit("Before", {"report-config.yml": config, **files})
    checkout.commit("After", {name: text.replace("X", "Y") for name, text in files.items()})
    answer, _ = report(checkout)
    assert (answer.code, answer.stderr) == (0, "")
