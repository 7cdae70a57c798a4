"""What the store costs as a history grows: `python tests/benchmarks/history.py [rows ...]`.

Prints, for histories of 10³ to 10⁶ rows, CPU seconds, wall seconds, rows per second and peak memory (in megabytes
and in multiples of the file) of each step: load, `highlight_trend`, append, export. Beside them, in the same run, the
floors: reading and writing the bytes, and DuckDB's own `read_csv` and `copy` of the same file, every cell as text.
Each line of steps is one process; memory is its peak so far.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from run import write_history

COUNTS = (1_000, 10_000, 100_000, 1_000_000)


def measured(steps: dict[str, Callable[[], Any]]) -> None:
    """Run the steps in order and print their figures as JSON."""
    figures = {}
    for name, step in steps.items():
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures[name] = (time.process_time() - cpu, time.perf_counter() - wall, peak)
    print(json.dumps(figures))


def raw(path: Path) -> None:
    """The bytes, read and written."""
    measured({"raw read + write": lambda: (path.parent / "out").write_bytes(path.read_bytes())})


def database(path: Path) -> None:
    """DuckDB alone."""
    import duckdb

    connection = duckdb.connect()
    measured(
        {
            "read_csv": lambda: connection.execute(
                "create table t as select * from read_csv(?, all_varchar = true)", [str(path)]
            ),
            "copy": lambda: connection.execute("copy t to ? (header)", [str(path.parent / "out")]),
        }
    )


def store(path: Path) -> None:
    """The store: what a run does with a history."""
    from devops_mlops_report import Settings, open_history
    from devops_mlops_report.report.verdicts.answers import focus

    opened: Any = None
    # About one commit, as in a run.
    about = {"repository": "acme/wine", "branch": "main", "commit_sha": "f" * 40}
    settings = Settings(highlight_metric="val_accuracy", **about)

    def load() -> None:
        nonlocal opened
        opened = open_history(path, settings)

    def ask() -> None:
        focus(opened, about | {"ci_metrics": None, "metrics": None}, "val_accuracy")
        assert len(opened.rows("from highlight_trend")) >= 10

    measured(
        {
            "load": load,
            "append": lambda: opened.append(
                about | {"recorded_at": datetime(2060, 1, 1, tzinfo=UTC), "metrics": {"val_accuracy": 0.9}}
            ),
            "export": lambda: opened.write_csv(path.parent / "out"),
            "highlight_trend": ask,
        }
    )


def main(counts: list[int]) -> None:
    """Print a line per step, then how it compares."""
    heads = ("rows", "MB", "step", "CPU s", "wall s", "rows/s", "peak MB", "x file")
    print("{:>9}  {:>6}  {:16}  {:>7}  {:>7}  {:>10}  {:>8}  {:>6}".format(*heads))
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "commitHistory.csv"
            write_history(path, count)
            size = path.stat().st_size / 2**20
            found: dict[str, list[float]] = {}
            for kind in ("raw", "database", "store"):
                command = [sys.executable, __file__, kind, str(path)]
                found |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        for step, (cpu, wall, peak) in found.items():
            speed = count / max(wall, 1e-9)
            print(
                f"{count:>9}  {size:>6.1f}  {step:16}  {cpu:>7.2f}  {wall:>7.2f}  {speed:>10.0f}  "
                f"{peak:>8.0f}  {peak / size:>6.1f}"
            )
        cpu, wall = (
            sum(found[step][kind] for step in ("load", "append", "export"))
            / sum(found[step][kind] for step in ("read_csv", "copy"))
            for kind in (0, 1)
        )
        print(
            f"load + append + export: {cpu:.1f} times DuckDB's own read + write in CPU, {wall:.1f} in wall time"
        )


if __name__ == "__main__":
    kinds = {"raw": raw, "database": database, "store": store}
    if len(sys.argv) == 3 and sys.argv[1] in kinds:
        kinds[sys.argv[1]](Path(sys.argv[2]))
    else:
        main([int(count) for count in sys.argv[1:]] or list(COUNTS))
