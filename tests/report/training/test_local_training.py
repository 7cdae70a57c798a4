"""A training without a server: its run is read from the store that it leaves, and what needs a server is said."""

from __future__ import annotations

import json
import sys

import pytest
from report_project import Project

TRAIN = """
import mlflow
with mlflow.start_run():
    mlflow.log_param("alpha", 0.5)
    mlflow.log_metric("r2", 0.75)
    with mlflow.start_run(nested=True):
        mlflow.log_metric("r2", 0.99)
"""
CONFIG = """
mlflow: {{tracking_uri: ./mlruns, keep_runs: 5}}
registry: {{model_name: churn}}
project: {{{script}python: {python}}}
"""
MLPROJECT = "name: churn\nentry_points:\n  fit:\n    command: python train.py\n"


@pytest.mark.parametrize(
    ("script", "files"),
    [("train_script: train.py, ", {}), ("", {"MLproject": MLPROJECT})],
    ids=["script", "project"],
)
def test_a_training_without_a_server_is_read_from_its_store(
    project: Project, script: str, files: dict[str, str | None]
) -> None:
    project.configure(CONFIG.format(script=script, python=json.dumps(sys.executable)))
    ignored = "mlruns\n__pycache__\n"
    sha = project.repository.commit("first", {"train.py": TRAIN, ".gitignore": ignored, **files})
    answer = project.report(MLFLOW_ALLOW_FILE_STORE="true")
    assert (answer.code, answer.row["training"]) == (0, "trained"), answer.summary
    assert (answer.json("params"), answer.json("metrics")) == ({"alpha": "0.5"}, {"r2": 0.75})
    assert "nested MLflow run is not read" in answer.summary
    assert "logged no model, so there is nothing to register" in answer.summary
    [folder] = (project.repository.root / "mlruns").glob(f"*/{answer.row['mlflow_run_id']}")
    assert (folder / "tags" / "mlflow.source.git.commit").read_text() == sha
    # Nothing of ours stays in the checkout, an `MLproject` least of all.
    assert project.repository.git("status", "--porcelain") == ""
    assert not answer.has_imported("mlflow")
