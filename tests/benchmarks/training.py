"""What the report of a commit that trains costs, beside the training itself: `python tests/benchmarks/training.py`.

Prints CPU and wall seconds of `devops-mlops-report run` in full mode on a real MLflow server, less those of the
adopter's script: for a plain script and for an `MLproject`, the median of five commits each. MLflow Projects, which
starts the script of an `MLproject`, counts with the report. Starts the server itself, on loopback.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from repositories import GitRepository
from servers.mlflow_server import mlflow_server

COMMITS = 5
TRAIN = """
import atexit, os, time
began = time.monotonic()
def tell():
    used = os.times()
    cpu = used.user + used.system + used.children_user + used.children_system
    print(cpu, time.monotonic() - began, file=open(os.environ["TOLD"], "w"))
atexit.register(tell)
import mlflow
from sklearn.linear_model import Ridge
mlflow.sklearn.autolog(log_models=False)
with mlflow.start_run():
    model = Ridge().fit([[0.0], [1.0], [2.0]], [0.0, 1.0, {number}])
    mlflow.log_metric("r2", model.score([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0]))
    mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
"""
MLPROJECT = "name: churn\nentry_points: {main: {command: python train.py}}\n"


@dataclass(frozen=True)
class Cost:
    """Seconds of one commit."""

    own_cpu: float
    own_wall: float
    script_cpu: float


def measure(repository: GitRepository, folder: Path) -> Cost:
    """The report on HEAD, and what of it was the script's."""
    told = folder / "told.txt"
    command = [sys.executable, "-I", "-m", "devops_mlops_report", "run", "--repo", str(repository.root)]
    command += ["--history", str(folder / "commitHistory.csv"), "--output", str(folder / "output")]
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TOLD": str(told)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    script_cpu, script_wall = map(float, told.read_text().split())
    return Cost(usage.ru_utime + usage.ru_stime - script_cpu, wall - script_wall, script_cpu)


def median(costs: list[Cost], name: str) -> float:
    """The middle one of a figure."""
    return statistics.median(getattr(cost, name) for cost in costs)


def main() -> None:
    """Measure both kinds and print a line for each."""
    url = mlflow_server().url
    for kind in ("script", "MLproject"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            repository = GitRepository(folder / "churn")
            model = f"churn-{uuid.uuid4().hex[:8]}"
            script = "train_script: train.py, " if kind == "script" else ""
            config = (
                "version: 3\nreport: {highlight_metric: r2}\n"
                f"mlflow: {{tracking_uri: '{url}', experiment: {model}}}\nregistry: {{model_name: {model}}}\n"
                f"project: {{{script}python: {json.dumps(sys.executable)}}}\n"
            )
            files: dict[str, str | None] = {"report-config.yml": config, ".gitignore": "__pycache__\n"}
            costs = []
            for number in range(COMMITS):
                files |= {"train.py": TRAIN.replace("{number}", str(2 + number / 10))}
                files |= {"MLproject": MLPROJECT} if kind == "MLproject" else {}
                repository.commit(f"commit {number}", files)
                costs.append(measure(repository, folder))
        print(
            f"{kind}: report {median(costs, 'own_cpu'):.2f} CPU s, {median(costs, 'own_wall'):.2f} s; "
            f"the script itself {median(costs, 'script_cpu'):.2f} CPU s"
        )


if __name__ == "__main__":
    main()
