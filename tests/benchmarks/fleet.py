"""What it costs to answer for a fleet: `python tests/benchmarks/fleet.py [commits] [repositories ...]`.

Prints CPU seconds and peak memory of all processes together, each as it is and for a million rows, of: DuckDB's own
reading of the Parquet files (the floor), one process, a process for each bucket of 25 repositories, Spark, and Ray (two
processors, in such buckets, too; both only where they are installed). Then, from the sizes, what 10,000 repositories of
500 commits would take: the straight line through the figures, and the power of the rows that the last two of them show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import log
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from devops_mlops_report import answers
from fleet_engines import run_ray, run_spark
from fleet_histories import write_fleet

COMMITS = 100
SIZES = (50, 100, 200)
IN_A_BUCKET = 25
WHOLE_FLEET = 10_000 * 500
MARK = "FLEET_BENCHMARK"
EVERY_SECONDS = 0.2
ROWS = (
    "from read_parquet($lake || '/repository=*/*.parquet', hive_partitioning = false, union_by_name = true) "
    "where hash(coalesce(repository, '')) % $buckets = $bucket"
)


def rows_of(lake: str, bucket: int = 0, buckets: int = 1) -> pa.Table:
    """The rows of a bucket as the lake's files have them."""
    with duckdb.connect() as connection:
        asked = connection.sql(ROWS, params={"lake": lake, "buckets": buckets, "bucket": bucket})
        return asked.to_arrow_table()


def answer(lake: str, output: str, bucket: int = 0, buckets: int = 1) -> None:
    """Answer for one bucket in this process."""
    for name, table in answers(rows_of(lake, bucket, buckets)).items():
        folder = Path(output, name)
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / f"{bucket}.parquet")


def answer_in_buckets(lake: str, output: str, buckets: int) -> None:
    """A process for each bucket, one after the other."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for done in [pool.submit(answer, lake, output, bucket, buckets) for bucket in range(buckets)]:
            done.result()


def steps(lake: str, output: Path, buckets: int) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    return {
        "DuckDB reads": lambda: rows_of(lake),
        "one process": lambda: answer(lake, str(output)),
        "buckets": lambda: answer_in_buckets(lake, str(output), buckets),
        "Spark": lambda: run_spark(lake, output, buckets),
        "Ray": lambda: run_ray(lake, output, buckets),
    }


@dataclass(frozen=True)
class Cost:
    """Of all processes of a step."""

    cpu_seconds: float
    peak_megabytes: float


def measured(step: str, lake: Path, buckets: int) -> Cost:
    """Run a step in a process of its own, and look at all that descend from it."""
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, __file__, "--step", step, str(lake), f"{output}/answers", str(buckets)]
        process = subprocess.Popen(command, env={**os.environ, MARK: mark}, stderr=subprocess.DEVNULL)
        watched = _Watched(mark)
        watcher = threading.Thread(target=watched.until, args=(process,))
        watcher.start()
        if process.wait():
            sys.exit(f"{step}: failed")
        watcher.join()
    return Cost(sum(watched.seconds.values()), watched.peak / 1024)


class _Watched:
    """Processes with a mark in their environment: engines' daemons leave their parents, and nobody waits for them."""

    def __init__(self, mark: str) -> None:
        self._mark = f"{MARK}={mark}".encode()
        self.seconds: dict[str, float] = {}
        self.peak = 0
        """Kilobytes at one time, what is shared counted once."""

    def until(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            self._look()
            time.sleep(EVERY_SECONDS)

    def _look(self) -> None:
        memory = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark not in (folder / "environ").read_bytes().split(b"\0"):
                    continue
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                self.seconds[folder.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                told = (folder / "smaps_rollup").read_text().split()
                memory += int(told[told.index("Pss:") + 1])
            except (OSError, ValueError):
                continue  # It is gone, or another's.
        self.peak = max(self.peak, memory)


def lake_of(folder: Path, repositories: int, commits: int) -> tuple[Path, int]:
    """The partitioned history of a fleet, and how many rows it has."""
    paths = write_fleet(folder / "csvs", repositories, commits)
    header = paths[0].read_bytes().partition(b"\n")[0]
    together = folder / "fleet.csv"
    together.write_bytes(header + b"\n" + b"".join(path.read_bytes().partition(b"\n")[2] for path in paths))
    export = [sys.executable, "-m", "devops_mlops_report", "export", "--partitioned", str(folder / "lake")]
    subprocess.run([*export, "--history", str(together)], check=True, capture_output=True)
    return folder / "lake", rows_of(str(folder / "lake")).num_rows


def main(commits: int = COMMITS, *sizes: int) -> None:
    """Print the table."""
    costs: dict[str, list[tuple[int, Cost]]] = {}
    print(f"{'':<13} {'rows':>8} {'CPU s':>8} {'per 10^6':>9} {'peak MB':>8}")
    for repositories in sizes or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            lake, rows = lake_of(Path(folder), repositories, commits)
            buckets = max(1, repositories // IN_A_BUCKET)
            for step in steps("", Path(), 1):
                cost = measured(step, lake, buckets)
                costs.setdefault(step, []).append((rows, cost))
                each = cost.cpu_seconds / rows * 1e6
                print(
                    f"{step:<13} {rows:>8,} {cost.cpu_seconds:>8.1f} {each:>9.0f} {cost.peak_megabytes:>8.0f}",
                    flush=True,
                )
    print(f"\n10,000 repositories of 500 commits, {WHOLE_FLEET:,} rows:")
    for step, found in costs.items():
        if len(found) > 1:
            print(f"{step:<13} {_extrapolated(found):>8.0f} CPU s, power {_power(found):.2f}")


def _extrapolated(found: list[tuple[int, Cost]]) -> float:
    """By the straight line of least squares: what a start costs, and what each row adds."""
    rows = [count for count, _ in found]
    seconds = [cost.cpu_seconds for _, cost in found]
    center, mean = sum(rows) / len(rows), sum(seconds) / len(seconds)
    slope = sum((x - center) * y for x, y in zip(rows, seconds, strict=True)) / sum(
        (x - center) ** 2 for x in rows
    )
    return mean + slope * (WHOLE_FLEET - center)


def _power(found: list[tuple[int, Cost]]) -> float:
    (few, low), (many, high) = found[-2:]
    return log(high.cpu_seconds / low.cpu_seconds) / log(many / few)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        name, source, target, count = sys.argv[2:]
        steps(source, Path(target), int(count))[name]()
    else:
        main(*map(int, sys.argv[1:]))
