"""The whole way, with scikit-learn and a real server: commit → training → run → row → version → champion → pull."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from report_project import Project, Reported
from repositories import GitRepository
from servers.mlflow_api import MlflowApi
from servers.mlflow_server import MlflowServer
from tracking_here import asking

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

TRAIN = """
import os
import sys
import mlflow
import pandas
from sklearn.linear_model import Ridge

from features import columns

mlflow.sklearn.autolog(log_models=False)
data = pandas.read_csv("data/rows.csv")
alpha = float(sys.argv[sys.argv.index("--alpha") + 1]) if "--alpha" in sys.argv else 0.1
with mlflow.start_run():
    model = Ridge(alpha=alpha).fit(data[columns()], data["y"])
    mlflow.log_metric("r2", model.score(data[columns()], data["y"]))
    mlflow.log_metric("broken", float("nan"))
    # With the requirements given, MLflow does not spend seconds on finding them out.
    requirements = ["scikit-learn"]
    register_as = os.environ.get("REGISTER_AS")
    mlflow.sklearn.log_model(
        model, name="model", pip_requirements=requirements, registered_model_name=register_as
    )
print("trained on", len(data), "rows")
"""
FEATURES = 'def columns():\n    return ["a", "b"]\n'
MLPROJECT = """
name: churn
entry_points:
  main:
    parameters:
      alpha: {type: float, default: 0.2}
      rows: {type: path, default: data/rows.csv}
    command: "python train.py --alpha {alpha}"
"""


def rows(noise: int) -> str:
    lines = [f"{n},{(n + noise) * n % 7},{2 * n + n * n % 7 + (n * noise) % 5}" for n in range(40)]
    return "\n".join(["a,b,y", *lines]) + "\n"


@dataclass(frozen=True)
class Way:
    project: Project
    api: MlflowApi
    name: str
    config: str
    both: Reported
    docs: Reported
    data: Reported
    shas: list[str]


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory, mlflow: MlflowServer) -> Way:
    """Three commits: everything is new, then the documentation changes, then the data.

    The last one's script registers its model itself.
    """
    folder = tmp_path_factory.mktemp("way")
    project = Project(GitRepository(folder / "churn"), folder / "kept" / "commitHistory.csv")
    name = f"churn-{uuid.uuid4().hex[:8]}"
    config = (
        f"mlflow: {{tracking_uri: '{mlflow.url}', experiment: {name}}}\n"
        f"registry: {{model_name: {name}, promote_if: not_regressed}}\n"
        f"project: {{train_script: train.py, train_args: [--alpha, 0.3], data_paths: [data], "
        f"python: {json.dumps(sys.executable)}}}\n"
    )
    project.configure(config)
    files: dict[str, str | None] = {"train.py": TRAIN, "features.py": FEATURES, "data/rows.csv": rows(0)}
    shas = [project.repository.commit("everything", files)]
    both = project.report()
    shas.append(project.repository.commit("documentation", {"README.md": "hello"}))
    docs = project.report()
    shas.append(project.repository.commit("noisier data", {"data/rows.csv": rows(3)}))
    data = project.report(REGISTER_AS=name)
    return Way(project, MlflowApi(mlflow.url), name, config, both, docs, data, shas)


def test_the_first_commit_trains_and_its_row_holds_all_of_the_run(way: Way) -> None:
    row = way.both.row
    assert way.both.code == 0, way.both.stderr[-3000:]
    assert (row["training"], row["cause"]) == ("trained", "Both")
    run = way.api.run(row["mlflow_run_id"])
    tags, logged = way.api.tags(row["mlflow_run_id"]), run["data"]
    assert row["mlflow_experiment_id"] == run["info"]["experiment_id"]
    params, metrics = way.both.json("params"), way.both.json("metrics")
    assert {each["key"]: each["value"] for each in logged["params"]}.items() <= params.items()
    assert params["alpha"] == "0.3"
    assert {name: str(value) for name, value in metrics.items()} == {
        each["key"]: str(each["value"]) for each in logged["metrics"]
    }
    assert metrics["broken"] == "NaN"
    assert tags["mlflow.source.git.commit"] == way.shas[0]
    assert tags["devops_mlops_report.cause"] == "Both"
    machine = way.both.json("environment")
    assert {"os", "cpus", "python"} <= set(machine)
    assert {
        f"devops_mlops_report.environment.{part}": value for part, value in machine.items()
    }.items() <= tags.items()
    assert run["info"]["status"] == "FINISHED"
    assert float(row["training_seconds"]) > 0
    assert "trained on 40 rows" in way.both.stderr


def test_the_training_is_linked(way: Way) -> None:
    row, url = way.both.row, way.api.url
    assert (
        f"{url}/#/experiments/{row['mlflow_experiment_id']}/runs/{row['mlflow_run_id']}" in way.both.summary
    )
    assert f"{url}/#/models/{way.name}/versions/1" in way.both.summary


def test_what_git_does_not_show_of_the_data_is_compared_by_its_digest(way: Way) -> None:
    digests = [value for name, value in way.both.json("params").items() if name.startswith("mlflow.dataset.")]
    assert digests
    assert "mlflow.dataset." in way.data.summary


def test_a_commit_of_documentation_trains_nothing_and_imports_no_mlflow(way: Way) -> None:
    assert (way.docs.code, way.docs.row["training"], way.docs.row["cause"]) == (0, "skipped", "")
    assert not way.docs.has_imported("mlflow")


def test_not_even_a_training_makes_the_report_itself_import_mlflow(way: Way) -> None:
    own = [line for line in way.both.stderr.splitlines() if line.startswith("import time:")]
    assert own
    assert not way.both.has_imported("mlflow")


def test_each_training_is_one_version_with_its_commit_whoever_registered_it(way: Way) -> None:
    versions = way.api.versions(way.name)
    tag = "devops_mlops_report."
    assert {number: each["tags"][f"{tag}commit_sha"] for number, each in versions.items()} == {
        1: way.shas[0],
        2: way.shas[2],
    }
    assert (way.both.row["model_version"], way.data.row["model_version"]) == ("1", "2")
    assert float(versions[1]["tags"][f"{tag}value"]) == pytest.approx(way.both.json("metrics")["r2"])


def test_the_gate_s_decision_is_shown(way: Way) -> None:
    assert "It is now `champion`: it is the first version" in way.both.summary
    assert "champion" in way.data.summary


def command(way: Way, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = way.project.repository.root
    own = ("--repo", str(root), "--history", str(way.project.history))
    return subprocess.run(
        [sys.executable, "-I", "-m", "devops_mlops_report", "model", *arguments, *own],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(root.parent)},
    )


def test_the_versions_are_listed_and_shown(way: Way) -> None:
    listed = command(way, "list", "--format", "csv")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("\n") == 3
    shown = json.loads(command(way, "show", "--commit", way.shas[0][:8]).stdout)
    assert (shown["version"], shown["run_id"]) == (1, way.both.row["mlflow_run_id"])
    missing = command(way, "show", "--version", "99")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)


def test_a_pulled_model_predicts_and_knows_where_it_is_from(way: Way, tmp_path: Path) -> None:
    target = tmp_path / "model"
    pulled = command(way, "pull", "--best", "r2", "--output", str(target))
    assert pulled.returncode == 0, pulled.stderr
    code = (
        "import mlflow, pandas, sys\n"
        "model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "print(float(model.predict(pandas.DataFrame({'a': [1], 'b': [1]}))[0]))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(target)], capture_output=True, text=True, check=False
    )
    assert float(answer.stdout.split()[-1]) == pytest.approx(3, abs=1), answer.stderr
    provenance = json.loads((target / "provenance.json").read_text())
    assert provenance["commit_sha"] in way.shas
    assert provenance["model_name"] == way.name
    assert "MLmodel" in provenance["files"]


def test_a_run_that_another_step_made_is_found_by_its_commit(way: Way) -> None:
    """The same commit again, in a history that does not know it: its run is read, nothing is trained."""
    fresh = Project(way.project.repository, way.project.history.with_name("fresh.csv"))
    answer = fresh.report()
    assert answer.row["training"] == "trained"
    assert answer.row["mlflow_run_id"] == way.data.row["mlflow_run_id"]
    assert answer.row["model_version"] == "2"
    assert "trained on" not in answer.stderr
    other = Project(way.project.repository, way.project.history.with_name("other.csv"))
    named = other.report("--mlflow-run", way.both.row["mlflow_run_id"])
    assert named.code == 0, [line for line in named.stderr.splitlines() if "import time" not in line]
    assert named.json("metrics")["r2"] == way.both.json("metrics")["r2"]


def test_the_server_s_own_store_reads_the_same_as_its_answers(
    way: Way, mlflow: MlflowServer, tmp_path: Path
) -> None:
    run_id = way.both.row["mlflow_run_id"]
    with asking(f"sqlite:///{mlflow.store}", tmp_path) as here, asking(mlflow.url, tmp_path) as there:
        stored, told = here.run(run_id), there.run(run_id)
    assert (stored.params, stored.tags, stored.datasets) == (told.params, told.tags, told.datasets)
    assert {name: repr(value) for name, value in stored.metrics.items()} == {
        name: repr(value) for name, value in told.metrics.items()
    }


def test_an_mlproject_trains_through_mlflow_projects(way: Way) -> None:
    project = Project(way.project.repository, way.project.history.with_name("project.csv"))
    text = way.config.replace("train_script: train.py, train_args: [--alpha, 0.3], data_paths: [data], ", "")
    project.configure(text)
    sha = project.repository.commit("an MLproject", {"MLproject": MLPROJECT})
    answer = project.report()
    row = answer.row
    assert (row["training"], row["cause"], row["mlflow_project_detected"]) == ("trained", "Script", "true"), (
        answer.summary
    )
    assert answer.json("params")["rows"] == "data/rows.csv"
    assert answer.json("params")["alpha"] in ("0.2", "0.20")
    assert way.api.tags(row["mlflow_run_id"])["mlflow.source.git.commit"] == sha
    assert project.repository.git("status", "--porcelain", "--untracked-files=no") == ""


OWN_RUNS = """
import mlflow
mlflow.set_experiment("chosen-by-the-script")
for value in (0.1, 0.2):
    with mlflow.start_run():
        mlflow.log_metric("r2", value)
        with mlflow.start_run(nested=True):
            mlflow.log_metric("r2", 0.9)
"""


def test_a_script_that_makes_its_own_runs_is_read_and_that_is_said(
    project: Project, mlflow: MlflowServer
) -> None:
    project.configure(
        f"mlflow: {{tracking_uri: '{mlflow.url}'}}\n"
        f"project: {{train_script: train.py, python: {json.dumps(sys.executable)}}}\n"
    )
    sha = project.repository.commit("first", {"train.py": OWN_RUNS})
    answer = project.report()
    assert answer.row["training"] == "trained", answer.summary
    assert answer.json("metrics") == {"r2": 0.2}
    assert "MLflow runs are of this training" in answer.summary
    assert "nested MLflow run is not read" in answer.summary
    api = MlflowApi(mlflow.url)
    experiment = answer.row["mlflow_experiment_id"]
    assert len(api.active_runs(experiment, query=f"tags.`mlflow.source.git.commit` = '{sha}'")) == 4
