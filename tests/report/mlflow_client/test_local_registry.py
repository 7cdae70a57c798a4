"""Full mode without a server: a store of SQLite has a registry, where the interpreter that asks can open it."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from report_project import Project
from repositories import GitRepository
from servers.mlflow_server import MlflowServer

TRAIN = """
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("r2", 0.75)
    model = mlflow.initialize_logged_model("model", source_run_id=run.info.run_id)
    output = mlflow.entities.LoggedModelOutput(model.model_id, 0)
    mlflow.MlflowClient().log_outputs(run.info.run_id, [output])
"""


def project_in(tmp_path: Path, mlflow: MlflowServer, python: str) -> Project:
    """A project whose runs are in a store of its own."""
    project = Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")
    with (
        closing(sqlite3.connect(mlflow.store)) as served,
        closing(sqlite3.connect(tmp_path / "runs.db")) as copy,
    ):
        served.backup(copy)
    project.configure(
        f"mlflow: {{tracking_uri: 'sqlite:///{tmp_path}/runs.db'}}\n"
        "registry: {model_name: churn-of-a-file}\n"
        f"project: {{train_script: train.py, python: {json.dumps(python)}}}\n"
    )
    project.repository.commit("first", {"train.py": TRAIN, ".gitignore": "__pycache__\nmlartifacts\n"})
    return project


def test_a_model_is_registered_and_promoted_in_a_store_of_sqlite(
    tmp_path: Path, mlflow: MlflowServer
) -> None:
    answer = project_in(tmp_path, mlflow, sys.executable).report()
    assert (answer.code, answer.row["training"]) == (0, "trained"), answer.told
    assert (answer.row["model_name"], answer.row["model_version"]) == ("churn-of-a-file", "1"), answer.summary
    assert "It is now `champion`: it is the first version" in answer.summary
    with closing(sqlite3.connect(tmp_path / "runs.db")) as store:
        found = store.execute(
            "select alias, version from registered_model_aliases where name = 'churn-of-a-file'"
        )
        assert found.fetchall() == [("champion", 1)]


def test_an_mlflow_without_sqlalchemy_says_what_it_takes_where_the_reader_looks_first(
    tmp_path: Path, mlflow: MlflowServer
) -> None:
    """As the skinny distribution is: the interpreter that trains hides the package."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "hidden = ('sqlalchemy', 'alembic')\n"
        "importlib.util.find_spec = lambda name, package=None: None if name in hidden else find(name, package)\n"
    )
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="{hidden}" exec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    answer = project_in(tmp_path, mlflow, str(wrapper)).report("--mlflow-run", "abc")
    assert answer.code == 0
    words = answer.summary.partition("What is not here")[0]
    assert "which lacks sqlalchemy and alembic" in words, answer.summary
    assert "install the full `mlflow` there" in words
