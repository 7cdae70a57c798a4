"""What a run costs, from start-up to exit, beside a floor: `python tests/benchmarks/run.py [rows ...]`.

Prints CPU seconds, wall seconds and peak memory of `devops-mlops-report run` with a chart, on histories of 10, 1,000
and 100,000 rows: the median of five runs. The floor is a Python process that imports duckdb and reads and writes the
same bytes.
"""

from __future__ import annotations

import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devops_mlops_report.history.columns import COLUMN_NAMES

RUNS = 5
FLOOR = """
import sys, duckdb
c = duckdb.connect()
c.execute("create table t as select * from read_csv(?, all_varchar = true)", [sys.argv[1]])
c.execute("copy t to ? (header)", [sys.argv[1] + ".out"])
"""


def write_history(path: Path, count: int) -> None:
    """A history of `count` rows in today's layout, the same at every call."""
    draw = random.Random(1)
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMN_NAMES, lineterminator="\n")
        rows.writeheader()
        for number in range(count):
            moment += timedelta(minutes=10)
            stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.writerow(
                {
                    "repository": "acme/wine",
                    "commit_sha": f"{draw.getrandbits(160):040x}",
                    "branch": "main",
                    "author": "Ada Lovelace",
                    "commit_message": f"Change number {number}",
                    "committed_at": stamp,
                    "recorded_at": stamp,
                    "event": "push",
                    "workflow": "ci",
                    "workflow_run_id": str(1000 + number),
                    "run_attempt": "1",
                    "workflow_status": "success",
                    "jobs": json.dumps([{"name": "build", "conclusion": "success", "duration_seconds": 60}]),
                    "ci_metrics": json.dumps(
                        {"duration_seconds": 60 + draw.randrange(9), "tests_total": 100}
                    ),
                    "mlflow_project_detected": "true",
                    "training": "trained",
                    "cause": "Script",
                    "changed_inputs": '["src/train.py"]',
                    "mlflow_run_id": f"{draw.getrandbits(128):032x}",
                    "training_seconds": "12.5",
                    "params": json.dumps({"layers": "64;32", "learning_rate": "0.1"}),
                    "metrics": json.dumps(
                        {"val_accuracy": round(0.9 + draw.gauss(0, 0.01), 4), "loss": round(draw.random(), 4)}
                    ),
                }
            )


def measure(command: list[str], folder: Path) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak megabytes of one process and its children."""
    begin = datetime.now(UTC)
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    wall = (datetime.now(UTC) - begin).total_seconds()
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def median_of(command: list[str], folder: Path, history: Path, content: bytes) -> tuple[float, ...]:
    """The medians over `RUNS` runs, after one that warms up; each starts with the same file."""
    figures = []
    for _ in range(RUNS + 1):
        history.write_bytes(content)
        figures.append(measure(command, folder))
    return tuple(statistics.median(column) for column in zip(*figures[1:], strict=True))


def main(counts: list[int]) -> None:
    """Print one line per history and command."""
    print(f"{'rows':>8}  {'what':10}  {'CPU s':>7}  {'wall s':>7}  {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", name], check=True)
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", name, *identity, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
        (folder / "report-config.yml").write_text("version: 3\nreport: {highlight_metric: val_accuracy}\n")
        history = folder / "history.csv"
        run = [sys.executable, "-I", "-m", "devops_mlops_report", "run", "--history", str(history)]
        floor = [sys.executable, "-c", FLOOR, str(history)]
        for count in counts:
            write_history(history, count)
            content = history.read_bytes()
            for what, command in (("run", run), ("floor", floor)):
                cpu, wall, peak = median_of(command, folder, history, content)
                if what == "run" and not (folder / ".devops-mlops-report/chart.png").exists():
                    raise SystemExit("the run drew no chart, so its figures would not tell")
                print(f"{count:>8}  {what:10}  {cpu:>7.2f}  {wall:>7.2f}  {peak:>8.0f}")


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [10, 1_000, 100_000])
