"""What goes wrong costs what it is about, never the report: a row, a reason, a summary, exit code 0, in time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from report_project import Project
from servers.mlflow_api import MlflowApi
from servers.mlflow_server import ADMIN, PASSWORD, MlflowServer, mlflow_server
from servers.odd_server import Answer, answering, dripping, refusing, relaying, silent

PLAIN = f"project: {{train_script: train.py, python: {json.dumps(sys.executable)}}}\n"
FAILING = """
import os, sys
print("::error::from the training")
print("``` not a fence <b>", os.environ.get("SOME_TOKEN"))
print("GIST" , "GIST_TOKEN" in os.environ, "GITHUB_TOKEN" in os.environ)
sys.exit("it went wrong")
"""


def test_a_failing_training_is_a_row_a_reason_and_the_end_of_its_output(project: Project) -> None:
    project.configure(PLAIN)
    project.repository.commit("first", {"train.py": FAILING})
    answer = project.report(GIST_TOKEN="gist-secret", GITHUB_TOKEN="hub-secret", SOME_TOKEN="very-secret")
    assert answer.code == 0
    assert (answer.row["training"], answer.row["cause"]) == ("failed", "Script")
    assert "The training failed" in answer.summary
    assert "ended with exit code 1" in answer.summary
    assert "it went wrong" in answer.summary
    assert "GIST False False" in answer.summary
    assert "very-secret" not in answer.summary + answer.stderr
    assert answer.row["metrics"] == ""


@pytest.mark.parametrize(
    "kind", ["refusing", "silent", "dripping", "500", "401", "nonsense", "nothing", "null members"]
)
def test_a_server_that_is_no_use_from_the_start_costs_the_training_alone(
    project: Project, kind: str, record_property: Callable[[str, object], None]
) -> None:
    context = {
        "refusing": refusing,
        "silent": silent,
        "dripping": dripping,
        "500": lambda: answering(500, b"oh no"),
        "401": lambda: answering(401, b""),
        "nonsense": lambda: answering(200, b"<html>"),
        "nothing": lambda: answering(200, b"{}"),
        "null members": lambda: answering(200, b'{"experiment": null, "experiments": null, "runs": null}'),
    }[kind]()
    with context as found:
        url = found if isinstance(found, str) else found[0]
        project.configure(
            PLAIN + f"mlflow: {{tracking_uri: '{url}', timeout_seconds: 1, total_seconds: 5}}\n"
        )
        project.repository.commit("first", {"train.py": "open('trained', 'w')"})
        began = time.monotonic()
        answer = project.report(MLFLOW_TRACKING_USERNAME="ada", MLFLOW_TRACKING_PASSWORD="topsecret")
        seconds = time.monotonic() - began
    record_property("figure", f"{seconds:.1f} s until the report (at most 60)")
    assert seconds < 60
    assert answer.code == 0
    assert answer.row["training"] == "failed"
    first, second = answer.summary.split("\n\n")[:2]
    assert first == "## ❌ The training was not started"
    assert second.startswith("Its run could not be prepared: ")
    assert "topsecret" not in answer.summary + answer.stderr + str(answer.row)
    assert not (project.repository.root / "trained").exists()


@pytest.mark.parametrize("uri", ["http://[bad", "databricks", "weird:thing"])
def test_a_uri_that_mlflow_can_t_use_costs_the_training_alone(project: Project, uri: str) -> None:
    project.configure(PLAIN)
    project.repository.commit("first", {"train.py": "open('trained', 'w')"})
    answer = project.report(MLFLOW_TRACKING_URI=uri)
    assert (answer.code, answer.row["training"]) == (0, "failed")
    assert "could not be prepared" in answer.summary
    assert "can&#39;t be" in answer.summary or "can't be" in answer.summary
    assert not (project.repository.root / "trained").exists()
    assert project.repository.git("status", "--porcelain") == ""


def test_a_commit_of_documentation_starts_no_mlflow_and_asks_no_server(
    project: Project, tmp_path: Path
) -> None:
    """Neither with an interpreter of its own, whose every start is noted, nor with ours."""
    started = tmp_path / "started"
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\necho "$1" >> {started}\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    own = f"project: {{train_script: train.py, python: '{wrapper}'}}\n"
    push = {"GITHUB_EVENT_NAME": "push", "GITHUB_ACTIONS": "true"}
    project.configure(own)
    project.repository.commit("first", {"train.py": ""})
    assert project.report(**push).row["training"] == "trained"
    with answering(404, b"{}") as (url, seen):
        full = f"mlflow: {{tracking_uri: '{url}', keep_runs: 1, experiment: x}}\nregistry: {{model_name: churn}}\n"
        for config, training in ((full + own, "skipped"), (full, "none")):
            project.configure(config)
            project.repository.commit("another config")
            project.report(**push)
            seen.clear()
            started.unlink(missing_ok=True)
            project.repository.commit("documentation", {"README.md": config, "docs/a.txt": config})
            answer = project.report(**push)
            assert (answer.code, answer.row["training"]) == (0, training)
            assert not seen
            # The interpreter may be asked for its packages, but not for MLflow.
            assert not started.exists() or "mlflow" not in started.read_text()
        # An event that is no push is a reason to look, for a training that a person started.
        project.configure(full + own)
        project.report(**push | {"GITHUB_EVENT_NAME": "workflow_dispatch"})
        assert seen
        assert "mlflow_client/child/start.py" in started.read_text()


def test_a_server_that_goes_down_during_the_training_costs_its_numbers_and_says_so(
    project: Project, mlflow: MlflowServer
) -> None:
    flag = project.repository.root / "trained"

    def change(answer: Answer) -> Answer:
        return replace(answer, status=503, body=b"") if flag.exists() else answer

    with relaying(mlflow.url, change) as url:
        project.configure(PLAIN + f"mlflow: {{tracking_uri: '{url}'}}\nregistry: {{model_name: churn}}\n")
        project.repository.commit("first", {"train.py": "open('trained', 'w')"})
        answer = project.report()
    assert (answer.code, answer.row["training"]) == (0, "failed")
    assert "ended well, but its run can't be read" in answer.summary
    assert "answered 503" in answer.summary
    assert answer.row["mlflow_run_id"]


def test_with_the_server_down_a_commit_that_trains_nothing_is_reported(project: Project) -> None:
    with refusing() as url:
        project.configure(PLAIN + f"mlflow: {{tracking_uri: '{url}'}}\n")
        project.repository.commit("first", {"train.py": ""})
        project.repository.commit("docs", {"README.md": "x"})
        began = time.monotonic()
        answer = project.report()
        assert time.monotonic() - began < 20
    assert (answer.code, answer.row["training"]) == (0, "skipped")
    assert "MLflow" not in answer.summary
    assert not answer.has_imported("mlflow")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("project: {train_script: gone.py}\n", "gone.py, which is not there"),
        ("project: {train_script: train.py, python: no/python}\n", "no/python, which is not there"),
        ("project: {train_script: train.py, python: no-such-python}\n", "which is not on PATH"),
    ],
)
def test_a_training_that_can_t_be_started_says_why(project: Project, config: str, reason: str) -> None:
    project.configure(config)
    project.repository.commit("first", {"train.py": "", "gone.py": ""})
    project.repository.commit("second", {"train.py": "1", "gone.py": None})
    answer = project.report()
    assert (answer.code, answer.row["training"]) == (0, "failed")
    first, second = answer.summary.replace("&#95;", "_").split("\n\n")[:2]
    assert first == "## ❌ The training was not started"
    assert reason in second


@pytest.mark.parametrize(
    ("arguments", "config", "reason"),
    [
        (("--dry-run",), "", "nothing was trained"),
        (("--no-train",), "", "left to another step"),
        ((), "project: {train: false, train_script: train.py}\n", "left to another step"),
        ((), "project: {data_paths: [train.py]}\n", "says what to start"),
    ],
)
def test_a_training_that_is_not_wanted_is_not_started(
    project: Project, arguments: tuple[str, ...], config: str, reason: str
) -> None:
    project.configure(config or PLAIN)
    project.repository.commit("first", {"train.py": "open('trained', 'w')"})
    answer = project.report(*arguments)
    assert answer.code == 0
    assert reason in answer.summary.split("\n\n")[1]
    assert not (project.repository.root / "trained").exists()


TRACEBACK = """
def fit(rows):
    return {}[rows]
print("epoch 1\\tloss  0.5")
try:
    fit("`x` <b>")
except KeyError as error:
    raise ValueError("could not convert `x` to <b>number</b>") from error
"""


def test_the_last_error_of_a_failed_training_is_above_the_fold_and_its_output_is_as_it_was(
    project: Project,
) -> None:
    project.configure(PLAIN)
    project.repository.commit("first", {"train.py": TRACEBACK})
    answer = project.report()
    first, second = answer.summary.split("\n\n")[:2]
    assert first == "## ❌ The training failed"
    assert second == (
        "`train.py` ended with exit code 1: <code>ValueError: could not convert 'x' to "
        "&#60;b&#62;number&#60;/b&#62;</code>."
    )
    assert '\n    fit("`x` <b>")\n' in answer.summary
    assert "\nepoch 1 loss  0.5\n" in answer.summary
    assert "```text" in answer.summary


def test_an_interpreter_that_can_t_be_started_started_nothing(project: Project) -> None:
    project.repository.put("python", "#!/no/such/interpreter\n")
    (project.repository.root / "python").chmod(0o755)
    project.configure("project: {train_script: train.py, python: ./python}\n")
    project.repository.commit("first", {"train.py": ""})
    first, second = project.report().summary.split("\n\n")[:2]
    assert first == "## ❌ The training was not started"
    assert "could not be started: " in second


@pytest.mark.parametrize(("on_failure", "code"), [("report", 0), ("fail", 1)])
@pytest.mark.parametrize("script", ["train.py", "gone.py"])
def test_a_failed_training_ends_the_run_with_1_where_the_config_says_so(
    project: Project, script: str, on_failure: str, code: int
) -> None:
    section = f"train_script: {script}, data_paths: [train.py], on_failure: {on_failure}"
    project.configure(f"project: {{{section}, python: {json.dumps(sys.executable)}}}\n")
    project.repository.commit("first", {"train.py": "raise ValueError('no rows')"})
    answer = project.report()
    assert (answer.code, answer.row["training"]) == (code, "failed")
    why = "ValueError: no rows" if script == "train.py" else "gone.py, which is not there"
    told = [line for line in answer.stderr.splitlines() if "`project.on_failure` is `fail`" in line]
    assert [why in line for line in told] == [True] * code
    assert len(project.rows()) == 1
    # Told once: below the headline, or as the problem.
    plain = answer.summary.replace("&#58;", ":").replace("&#95;", "_").partition("<details>")[0]
    assert plain.count(why) == 1
    assert not (project.output / "pending").exists()


def test_a_training_that_did_not_fail_ends_nothing(project: Project) -> None:
    project.configure(PLAIN.replace("train_script", "on_failure: fail, train_script"))
    project.repository.commit("first", {"train.py": ""})
    assert project.report().code == 0
    project.repository.commit("second", {"README.md": ""})
    assert project.report().code == 0
    project.repository.commit("third", {"train.py": "1"})
    answer = project.report("--no-train")
    assert (answer.code, answer.row["training"]) == (0, "skipped")


SCRIPT_ALONE = "name: churn\nentry_points: {main: {command: python fit.py}}\n"


def test_without_declared_data_a_report_claims_nothing_about_data_and_names_the_file_that_changed(
    project: Project,
) -> None:
    project.configure("project: {}\n")
    code = "rows = open('rows.csv').read()\n"
    project.repository.commit("first", {"MLproject": SCRIPT_ALONE, "fit.py": code, "rows.csv": "1"})
    given = project.history.parent / "metrics.json"
    given.parent.mkdir(parents=True)
    given.write_text('{"r2": 0.5}')
    assert project.report("--metrics", str(given)).row["training"] == "trained"
    project.repository.commit("second", {"README.md": "x"})
    first, second = project.report().summary.split("\n\n")[:2]
    assert first == "## ✅ CI succeeded, no training: no script of the model changed: `r2` stays 0.5"
    assert "*second* by Ada Lovelace" in second
    project.repository.commit("third", {"rows.csv": "2"})
    answer = project.report()
    first, second = answer.summary.split("\n\n")[:2]
    assert (answer.row["training"], answer.row["cause"]) == ("skipped", "")
    assert first == "## ✅ CI succeeded, no training: no script of the model changed: `r2` stays 0.5"
    assert second == (
        "`rows.csv` changed, and `fit.py` names it, but nothing declares it: add it to `project.data_paths`, so that "
        "such a change is a reason to train."
    )
    assert "a change of data alone is no reason to train" in answer.summary.replace("&#58;", ":")
    assert "nothing that the model depends on changed" not in answer.summary
    assert "othing to train" not in answer.summary


def test_a_fork_s_commit_is_not_trained(project: Project, tmp_path: Path) -> None:
    project.configure(PLAIN)
    project.repository.commit("first", {"train.py": ""})
    project.repository.git("switch", "--quiet", "--create", "topic")
    sha = project.repository.commit("second", {"train.py": "open('trained', 'w')"})
    head = {"sha": sha, "ref": "topic", "repo": {"full_name": "stranger/churn"}}
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 1, "head": head, "base": {"ref": "main"}}}))
    answer = project.report(
        GITHUB_ACTIONS="true", GITHUB_EVENT_PATH=str(event), GITHUB_REPOSITORY="ada/churn", GITHUB_SHA=sha
    )
    assert (answer.code, answer.row["training"], answer.row["cause"]) == (0, "skipped", "Script")
    assert "comes from a fork" in answer.summary
    assert not (project.repository.root / "trained").exists()


def test_a_failed_run_of_another_step_that_can_t_be_read_is_said(project: Project) -> None:
    project.repository.commit("first", {"a.txt": ""})
    answer = project.report("--mlflow-run", "abc")
    assert (answer.code, answer.row["training"], answer.row["mlflow_run_id"]) == (0, "failed", "abc")
    assert "no such run in the local store" in answer.summary


@pytest.mark.parametrize("given", [False, True])
def test_a_run_that_failed_is_no_model_unless_its_numbers_are_given(
    project: Project, api: MlflowApi, tmp_path: Path, given: bool
) -> None:
    run_id = api.create_run()
    api.log(run_id, params={"alpha": "1"})
    api.end_run(run_id, "FAILED")
    project.configure(f"mlflow: {{tracking_uri: '{api.url}'}}\n")
    project.repository.commit("first", {"a.txt": ""})
    (tmp_path / "metrics.json").write_text('{"r2": 0.5}')
    files = ["--metrics", str(tmp_path / "metrics.json")] if given else []
    answer = project.report("--mlflow-run", run_id, *files)
    assert (answer.code, answer.row["training"]) == (0, "trained" if given else "failed")
    assert answer.json("metrics") == ({"r2": 0.5} if given else None)
    assert answer.json("params") == {"alpha": "1"}
    assert "ended as FAILED" in answer.summary


def test_the_numbers_of_files_go_over_a_run_s_own(project: Project, api: MlflowApi, tmp_path: Path) -> None:
    run_id = api.create_run()
    api.log(run_id, params={"alpha": "1", "beta": "2"}, metrics={"r2": 0.1, "loss": 0.3})
    api.end_run(run_id, "FINISHED")
    project.configure(f"mlflow: {{tracking_uri: '{api.url}'}}\n")
    project.repository.commit("first", {"a.txt": ""})
    (tmp_path / "metrics.json").write_text('{"r2": 0.5}')
    (tmp_path / "params.json").write_text('{"alpha": 3}')
    files = ("--metrics", str(tmp_path / "metrics.json"), "--params", str(tmp_path / "params.json"))
    answer = project.report("--mlflow-run", run_id, *files)
    assert (answer.row["training"], answer.row["mlflow_run_id"]) == ("trained", run_id)
    assert answer.json("metrics") == {"r2": 0.5, "loss": 0.3}
    assert answer.json("params") == {"alpha": "3", "beta": "2"}


def test_basic_authentication_opens_and_its_absence_closes(project: Project) -> None:
    server = mlflow_server(with_authentication=True)
    project.configure(PLAIN + f"mlflow: {{tracking_uri: '{server.url}'}}\n")
    code = "import os\nassert os.environ['MLFLOW_RUN_ID'] and os.environ['MLFLOW_TRACKING_PASSWORD']\n"
    project.repository.commit("first", {"train.py": code + "assert 'DAGSHUB_TOKEN' not in os.environ\n"})
    denied = project.report(DAGSHUB_TOKEN="wrong-token")
    assert denied.row["training"] == "failed"
    assert "answered 401" in denied.summary
    opened = project.report(DAGSHUB_TOKEN=PASSWORD, MLFLOW_TRACKING_USERNAME=ADMIN)
    assert opened.row["training"] == "trained"
    assert f"{server.url}/#/experiments/0/runs/{opened.row['mlflow_run_id']}" in opened.summary
    assert "logged nothing to MLflow" in opened.summary
    for secret in ("wrong-token", PASSWORD):
        assert secret not in denied.summary + denied.stderr + opened.summary + opened.stderr
