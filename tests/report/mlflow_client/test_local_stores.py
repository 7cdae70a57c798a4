"""MLflow's local stores, as MLflow itself wrote them, found by the commit and left as they are."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from devops_mlops_report.report.mlflow_client.errors import TrackingError
from devops_mlops_report.report.mlflow_client.runs import COMMIT_TAG
from report_project import Project
from repositories import GitRepository
from servers.mlflow_server import MlflowServer
from tracking_here import asking

SCRIPT = """
import os, mlflow, pandas
from mlflow.data.pandas_dataset import from_pandas
with mlflow.start_run():
    mlflow.log_params({"alpha": 0.5, "group/beta": "a; b=c"})
    for step, value in enumerate([3.0, 1.0, 2.0]):
        mlflow.log_metric("r2", value, step=step)
    mlflow.log_metric("nan", float("nan"))
    mlflow.log_metric("inf", float("-inf"))
    mlflow.log_input(from_pandas(pandas.DataFrame({"a": [1]}), name="rows"), context="train")
    model_id = mlflow.initialize_logged_model("model").model_id
    output = mlflow.entities.LoggedModelOutput(model_id, 0)
    mlflow.MlflowClient().log_outputs(mlflow.active_run().info.run_id, [output])
    mlflow.set_tag("model", model_id)
    deleted = mlflow.active_run().info.run_id
with mlflow.start_run() as gone:
    mlflow.log_metric("r2", 9.0)
mlflow.delete_run(gone.info.run_id)
"""


def copied(mlflow: MlflowServer, store: Path) -> None:
    """A server's own file is such a store, and its tables are there already: to make them takes seconds."""
    with closing(sqlite3.connect(mlflow.store)) as served, closing(sqlite3.connect(store)) as copy:
        served.backup(copy)


@pytest.mark.parametrize("kind", ["mlflow.db", "mlruns"])
def test_a_store_that_an_earlier_step_left_is_read(tmp_path: Path, mlflow: MlflowServer, kind: str) -> None:
    project = Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")
    root = project.repository.root
    files: dict[str, str | None] = {"train.py": SCRIPT, ".gitignore": "ml*\n"}
    project.configure(f"project: {{python: '{sys.executable}'}}\n")
    sha = project.repository.commit("first", files)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "MLFLOW_TRACKING_URI": mlflow.url if kind == "mlflow.db" else "./mlruns",
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }
    command = [sys.executable, "-W", "ignore", "train.py"]
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    store = root / kind
    if kind == "mlflow.db":
        copied(mlflow, store)
    before = store.stat().st_mtime_ns
    with asking(None, root) as tracking:
        [run] = tracking.of_commits([sha])
    assert run.status == "FINISHED"
    assert run.tags[COMMIT_TAG] == sha
    assert run.params == {"alpha": "0.5", "group/beta": "a; b=c"}
    assert run.metrics["r2"] == 2.0
    assert math.isnan(run.metrics["nan"])
    assert run.metrics["inf"] == -math.inf
    assert [(each.name, each.context) for each in run.datasets] == [("rows", "train")]
    assert run.model_ids == (run.tags["model"],)
    answer = project.report()
    assert (answer.row["training"], answer.row["mlflow_run_id"]) == ("trained", run.run_id), answer.told
    assert answer.json("metrics") == {"r2": 2.0, "nan": "NaN", "inf": "-Infinity"}
    assert answer.json("params")["mlflow.dataset.rows.train"] == run.datasets[0].digest
    assert store.stat().st_mtime_ns == before
    assert not answer.has_imported("mlflow")


def test_what_is_no_store_is_none_or_said_and_left_as_it_is(tmp_path: Path) -> None:
    with asking(None, tmp_path) as tracking:
        assert tracking.of_commits(["a" * 40]) == []
        assert not tracking.session.was_asked
        broken = tmp_path / "mlflow.db"
        broken.write_bytes(b"this is no database at all" * 100)
        with pytest.raises(TrackingError, match=r"mlflow\.db can't be asked .*not a database"):
            tracking.of_commits(["a" * 40])
    somebodys = tmp_path / "other.db"
    with closing(sqlite3.connect(somebodys)) as database:
        database.execute("create table mine (a)")
    content = somebodys.read_bytes()
    with (
        asking("sqlite:///other.db", tmp_path) as tracking,
        pytest.raises(TrackingError, match="it has no tables of MLflow's"),
    ):
        tracking.of_commits(["a" * 40])
    assert somebodys.read_bytes() == content


def test_a_store_of_another_mlflow_is_not_lifted_by_a_look(tmp_path: Path, mlflow: MlflowServer) -> None:
    store = tmp_path / "mlflow.db"
    copied(mlflow, store)
    with closing(sqlite3.connect(store)) as database:
        database.execute("update alembic_version set version_num = '1bd49d398cd23'")
        database.commit()
    content = store.read_bytes()
    with (
        asking(None, tmp_path) as tracking,
        pytest.raises(TrackingError, match=r"written by another MLflow .*name its interpreter in"),
    ):
        tracking.of_commits(["a" * 40])
    assert store.read_bytes() == content
