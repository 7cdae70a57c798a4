"""What commands cost from start to exit, as multiples of a floor: `python tests/benchmarks/run.py [runs]`.

The floor is a Python process that imports duckdb and asks it one question. Every command takes its turn in every
round, so that all of them meet the same machine; printed are the medians of CPU seconds (git's own processes among
them), their ratio to the floor's, wall seconds and peak memory. A run keeps its history in a gist, on a real git host
on loopback: in one case the gist has no picture, in the other it has the one of the last report, which showed the same.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from devops_mlops_report.history.columns import COLUMN_NAMES
from servers.git_server import GitServer, git_server

RUNS = 5
TOKEN = "gho_a1b2c3d4e5f6a7b8c9d0"
PROGRAM = [sys.executable, "-I", "-m", "devops_mlops_report"]
FLOOR = [sys.executable, "-I", "-c", "import duckdb; duckdb.connect().execute('select 42').fetchall()"]
COUNT_COMMITS = "select count(*) from commits"


def write_history(path: Path, count: int, commits: Sequence[str] | None = None) -> None:
    """A history of `count` rows in today's layout, the same at every call, about these commits or made-up ones."""
    draw = random.Random(1)
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMN_NAMES, lineterminator="\n")
        rows.writeheader()
        for number in range(count):
            moment += timedelta(minutes=10)
            stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            made_up = f"{draw.getrandbits(160):040x}"
            rows.writerow(
                {
                    "repository": "acme/wine",
                    "commit_sha": commits[number] if commits else made_up,
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


@dataclass(frozen=True)
class Case:
    """One command, and what is put in place before each of its runs."""

    name: str
    command: list[str]
    folder: Path
    prepare: Callable[[], None] = lambda: None
    check: Callable[[], None] = lambda: None
    """Ends the benchmark when the command did not do what its figures are said to be of."""


@dataclass(frozen=True)
class Figures:
    """What one process and its children took."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


def measure(command: list[str], folder: Path, besides: Mapping[str, str] | None = None) -> Figures:
    """Run a command to its end, which must be a good one."""
    begin = datetime.now(UTC)
    # The Python of the job is first on its path, as CIs put it there.
    path = f"{Path(sys.executable).resolve().parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "GIST_TOKEN": TOKEN, **(besides or {})}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    wall = (datetime.now(UTC) - begin).total_seconds()
    return Figures(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def checkout_of(folder: Path, count: int) -> list[str]:
    """A checkout of `count` commits and one of documentation; returns the hashes, the oldest first."""
    folder.mkdir()
    stream = "".join(
        f"commit refs/heads/main\ncommitter Ada Lovelace <ada@example.org> {1_700_000_000 + 600 * number} +0000\n"
        f"data 1\nx\n"
        for number in range(count + 1)
    )
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "remote", "add", "origin", "https://github.com/acme/wine.git"], check=True)
    subprocess.run([*git, "fast-import", "--quiet"], input=stream.encode(), check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)
    (folder / "report-config.yml").write_text("version: 3\nreport: {highlight_metric: val_accuracy}\n")
    listed = subprocess.run([*git, "rev-list", "--reverse", "main"], check=True, stdout=subprocess.PIPE)
    return listed.stdout.decode().split()


def run_on_gist(folder: Path, server: GitServer, count: int, *, is_drawn: bool) -> Case:
    """A run that trains nothing, with its history of `count` rows in a gist."""
    name = f"{'drawn' if is_drawn else 'kept'}{count}"
    root = folder / name
    commits = checkout_of(root, count)
    write_history(folder / "history.csv", count, commits)
    gist = server.create_gist(name, {"commitHistory.csv": (folder / "history.csv").read_bytes()})
    command = [*PROGRAM, "run", "--history", gist]
    if not is_drawn:
        # Two commits of documentation after each other: neither is a point of the chart.
        for _ in range(2):
            measure(command, root)
            git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
            subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Mend a sentence"], check=True)
    tip = server.tip(name) or ""

    def prepare() -> None:
        server.git("update-ref", "refs/heads/main", tip, gist_id=name)
        shutil.rmtree(root / ".devops-mlops-report", ignore_errors=True)

    def check() -> None:
        if server.tip(name) == tip or not server.read("chart.svg", name):
            raise SystemExit("the run left no picture, so its figures would not tell")

    what = "the picture drawn" if is_drawn else "the picture kept"
    return Case(f"run, {count:,} rows, {what}", command, root, prepare, check)


def cases(folder: Path, server: GitServer) -> list[Case]:
    """All that is measured, the floor first."""
    history = folder / "long.csv"
    write_history(history, 100_000)
    on_history = ["--history", str(history)]
    return [
        Case("floor", FLOOR, folder),
        Case("--help", [*PROGRAM, "--help"], folder),
        run_on_gist(folder, server, 1_000, is_drawn=True),
        run_on_gist(folder, server, 1_000, is_drawn=False),
        run_on_gist(folder, server, 20_000, is_drawn=True),
        Case("sql, count of 100,000 rows", [*PROGRAM, "sql", COUNT_COMMITS, *on_history], folder),
        Case("export, 100,000 rows", [*PROGRAM, "export", "out.parquet", "--force", *on_history], folder),
    ]


def main(runs: int) -> None:
    """Print one line per case."""
    with tempfile.TemporaryDirectory() as name, git_server(Path(name) / "gists", TOKEN) as server:
        measured = cases(Path(name), server)
        figures: dict[str, list[Figures]] = {case.name: [] for case in measured}
        for round_number in range(runs + 1):
            for case in measured:
                case.prepare()
                found = measure(case.command, case.folder)
                case.check()
                if round_number:  # The first round warms up.
                    figures[case.name].append(found)
    print(f"{'what':36}  {'CPU s':>7}  {'x floor':>7}  {'wall s':>7}  {'peak MB':>7}")
    medians = {
        case: [statistics.median(column) for column in zip(*map(_columns, found), strict=True)]
        for case, found in figures.items()
    }
    floor = medians["floor"][0]
    for case, (cpu, wall, peak) in medians.items():
        print(f"{case:36}  {cpu:>7.3f}  {cpu / floor:>7.2f}  {wall:>7.2f}  {peak:>7.0f}")


def _columns(figures: Figures) -> tuple[float, float, float]:
    return figures.cpu_seconds, figures.wall_seconds, figures.peak_megabytes


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
