"""What a partitioned history costs: `python tests/benchmarks/lake.py [files [rows]]`.

Prints CPU seconds and wall seconds of: appending one run's row where there are so many files of one repository, reading
them, compacting them; reading so many rows of 100 repositories, compacted, beside the same rows as a CSV and beside
DuckDB's own `read_parquet` of the same files. One process; the files are made beforehand.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from devops_mlops_report.history import History, open_history
from devops_mlops_report.history.partitions import LocalFolder, append_history, compact, open_partitioned
from devops_mlops_report.history.partitions.layout import file_name, partition_of
from devops_mlops_report.history.partitions.rows import NAMES, rows_by_place, with_digests
from run import write_history

FILES, ROWS = 10_000, 100_000
REPOSITORIES = 100
READ = "create or replace temp table t as from read_parquet(?, hive_partitioning = false)"


def timed(name: str, step: Callable[[], object]) -> object:
    """Print what a step takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = step()
    print(f"{name:48}  {time.process_time() - cpu:>7.2f}  {time.perf_counter() - wall:>7.2f}")
    return result


def write_files(history: History, root: Path) -> None:
    """Each row in a file of its own, as that many runs would have left it."""
    rows, header = rows_by_place(history)
    connection = history.connection
    connection.execute(f"create temp table each_row as {with_digests(rows, header)}")
    digests = [digest for (digest,) in connection.execute("select digest from each_row").fetchall()]
    table = connection.sql("select * exclude (content, digest) from each_row").to_arrow_table()
    table = table.rename_columns(header).replace_schema_metadata({NAMES: json.dumps(header)})
    folder = root / partition_of("acme/wine")
    folder.mkdir(parents=True)
    for at, digest in enumerate(digests):
        one: pa.Table = table.slice(at, 1)
        pq.write_table(one, folder / file_name([digest], datetime(2026, 1, 1, tzinfo=UTC)))


def of_many(path: Path, count: int) -> None:
    """A CSV of so many rows, of 100 repositories."""
    plain = path.with_name("plain.csv")
    write_history(plain, count)
    duckdb.execute(
        "copy (select * replace ('acme/' || (row_number() over () % ?) as repository) "
        "from read_csv(?, all_varchar = true)) to ? (header)",
        [REPOSITORIES, str(plain), str(path)],
    )


def main(files: int, rows: int) -> None:
    """Print a line per step."""
    print(f"{'step':48}  {'CPU s':>7}  {'wall s':>7}")
    with tempfile.TemporaryDirectory() as work:
        path, root = Path(work) / "history.csv", Path(work) / "many"
        write_history(path, files)
        history = open_history(path)
        write_files(history, root)
        folder = LocalFolder(root)
        history.append({"repository": "acme/wine", "commit_sha": "f" * 40, "workflow_run_id": "new"})
        timed(f"append a run to {files:,} files", lambda: append_history(history, folder))
        assert len(folder.names()) == files + 1
        timed(f"read {files:,} files", lambda: open_partitioned(folder).close())
        listed = [str(root / name) for name in folder.names()]
        timed("  DuckDB's own read_parquet into a table", lambda: duckdb.execute(READ, [listed]))
        timed(f"compact {files:,} files", lambda: compact(folder))
        timed("append nothing to the one file", lambda: append_history(history, folder))
        history.close()
    with tempfile.TemporaryDirectory() as work:
        path, folder = Path(work) / "history.csv", LocalFolder(Path(work) / "lake")
        of_many(path, rows)
        opened = timed(f"load {rows:,} rows from CSV", lambda: open_history(path))
        assert isinstance(opened, History)
        timed(f"export them to {REPOSITORIES} partitions", lambda: append_history(opened, folder))
        opened.close()
        timed(f"load {rows:,} rows from {REPOSITORIES} partitions", lambda: open_partitioned(folder).close())
        listed = [str(Path(work) / "lake" / name) for name in folder.names()]
        size = sum(Path(name).stat().st_size for name in listed) / 2**20
        timed("  DuckDB's own read_parquet into a table", lambda: duckdb.execute(READ, [listed]))
        print(f"CSV {path.stat().st_size / 2**20:.1f} MiB, Parquet {size:.1f} MiB")


if __name__ == "__main__":
    given = [int(number) for number in sys.argv[1:]]
    main(given[0] if given else FILES, given[1] if len(given) > 1 else ROWS)
