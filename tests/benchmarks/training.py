"""What the report of a commit that trains costs, beside the training: `python tests/benchmarks/training.py [commits]`.

Prints CPU and wall seconds of `devops-mlops-report run` in full mode on a real MLflow server, with MLflow's client and
without the adopter's script: for a plain script and for an `MLproject`, the median of five commits each; and the ratio
to a floor that takes its turn with each commit, a Python process that imports duckdb and asks it one question. MLflow
Projects, which starts the script of an `MLproject`, counts with the report. Starts the server itself, on loopback.
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
FLOOR = [sys.executable, "-I", "-c", "import duckdb; duckdb.connect().execute('select 42').fetchall()"]
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
    floor_cpu: float


def measure(repository: GitRepository, folder: Path) -> Cost:
    """The report on HEAD, and what of it was the script's."""
    told = folder / "told.txt"
    command = [sys.executable, "-I", "-m", "devops_mlops_report", "run", "--repo", str(repository.root)]
    command += ["--history", str(folder / "commitHistory.csv"), "--output", str(folder / "output")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TOLD": str(told)}
    began = time.monotonic()
    cpu = cpu_seconds(command, environment)
    wall = time.monotonic() - began
    script_cpu, script_wall = map(float, told.read_text().split())
    return Cost(cpu - script_cpu, wall - script_wall, script_cpu, cpu_seconds(FLOOR, environment))


def cpu_seconds(command: list[str], environment: dict[str, str]) -> float:
    """What a process and those that it waited for took."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def median(costs: list[Cost], name: str) -> float:
    """The middle one of a figure."""
    return statistics.median(getattr(cost, name) for cost in costs)


def main() -> None:
    """Measure both kinds and print a line for each."""
    commits = int(sys.argv[1]) if len(sys.argv) > 1 else COMMITS
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
            for number in range(commits):
                files |= {"train.py": TRAIN.replace("{number}", str(2 + number / 10))}
                files |= {"MLproject": MLPROJECT} if kind == "MLproject" else {}
                repository.commit(f"commit {number}", files)
                costs.append(measure(repository, folder))
        own, floor = median(costs, "own_cpu"), median(costs, "floor_cpu")
        print(
            f"{kind}: report {own:.2f} CPU s, {own / floor:.1f} times the floor ({floor:.2f}), "
            f"{median(costs, 'own_wall'):.2f} s; the script itself {median(costs, 'script_cpu'):.2f} CPU s",
            flush=True,
        )


if __name__ == "__main__":
    main()
