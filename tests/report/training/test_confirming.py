"""A commit whose highlight metric is suspected worse is trained again, so that the suspicion is settled at once."""

from __future__ import annotations

import json
import sys

import pytest
from csv_samples import csv_bytes, many_rows
from report_project import Project

TRAIN = """
import mlflow, pathlib
done = pathlib.Path("done")
count = len(done.read_text()) if done.exists() else 0
done.write_text("x" * (count + 1))
with mlflow.start_run():
    mlflow.log_metric("r2", {values}[count])
    mlflow.log_metric("other", count)
"""
CONFIG = """
mlflow: {{tracking_uri: ./mlruns}}
project: {{train_script: train.py, python: {python}, confirm_runs: {runs}}}
"""
JENKINS = {"JENKINS_URL": "x", "JOB_NAME": "wine/main", "BRANCH_NAME": "main", "BUILD_NUMBER": "8"}


def begin(project: Project, values: list[float], runs: int) -> str:
    """A commit that trains to these values, one after the other, after twelve that gave .90 and .91."""
    project.configure(CONFIG.format(python=json.dumps(sys.executable), runs=runs))
    files = {"train.py": TRAIN.format(values=values), ".gitignore": "mlruns\ndone\n__pycache__\n"}
    sha = project.repository.commit("first", files)
    rows = many_rows(12)
    for place, row in enumerate(rows):
        row["repository"], row["metrics"] = "", json.dumps({"r2": 0.9 + place % 2 / 100})
    project.history.parent.mkdir(parents=True, exist_ok=True)
    project.history.write_bytes(csv_bytes(rows))
    return sha


@pytest.mark.parametrize(
    ("values", "environment", "verdict", "told"),
    [
        ([0.82, 0.821, 0.5], JENKINS, "confirmed", "trained again, once in"),
        ([0.82, 0.905, 0.9], {}, "withdrawn", "trained again, "),
    ],
    ids=["confirmed in a CI", "withdrawn outside of one"],
)
def test_a_suspicion_is_confirmed_or_withdrawn_at_the_commit_itself(
    values: list[float], environment: dict[str, str], verdict: str, told: str, project: Project
) -> None:
    sha = begin(project, values, runs=2)
    answer = project.report(MLFLOW_ALLOW_FILE_STORE="true", **environment)
    assert answer.code == 0, answer.told
    assert told in answer.summary
    assert f" is {verdict}" in answer.summary
    own = [row for row in project.rows() if row["commit_sha"] == sha]
    assert len(own) == 1
    repeats = json.loads(own[0]["repeats"])
    count = len(repeats["r2"])
    assert repeats["r2"] == values[:count]
    assert repeats["other"] == list(range(count))
    assert json.loads(own[0]["metrics"])["r2"] == sorted(values[:count])[count // 2] if count % 2 else True
    stored = project.repository.root / "mlruns"
    tagged = [file.read_text() for file in stored.glob("*/*/tags/devops_mlops_report.repeat_of")]
    assert tagged == [own[0]["mlflow_run_id"]] * (count - 1)


def test_what_is_not_suspected_is_trained_once(project: Project) -> None:
    begin(project, [0.905], runs=3)
    answer = project.report(MLFLOW_ALLOW_FILE_STORE="true")
    assert (answer.code, answer.row["repeats"]) == (0, "")
    assert "trained again" not in answer.summary
