"""The answers to the histories of a fleet, by Ray: this package on DuckDB for each bucket of repositories.

    RAY_ADDRESS=auto python examples/fleet/on_ray.py --buckets 64 /shared/history /shared/answers
    python examples/fleet/on_ray.py --cpus 2 lake answers

INPUT is what `devops-mlops-report export --partitioned` writes, or a pattern of CSVs (`histories/*.csv`). OUTPUT gets
a folder for each answer, with a Parquet file for each bucket; a bucket that is answered again replaces its own. Both
are folders that every node sees. The rows are split once, by repository. Every node needs this package with its extra
`arrow`. A bucket should fit into a worker's memory: 50,000 rows take about half a gigabyte.
"""

from __future__ import annotations

import argparse
import glob
import os
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import ray
from devops_mlops_report import ANSWERS, Settings, answers, open_history

WANTED = (*ANSWERS, "rejected_rows")
FILES_AT_ONCE = 500


def found_files(source: str) -> list[str]:
    """Paths of CSVs, or of the Parquet files of the partitions."""
    pattern = source if source.endswith(".csv") else f"{glob.escape(source)}/repository=*/*.parquet"
    found = sorted(glob.glob(pattern))  # noqa: PTH207 - the pattern may be absolute
    if not found:
        sys.exit(f"{pattern}: no file is there")
    return found


def rows_of(path: str) -> pa.Table:
    """The rows of one file, each cell as its text."""
    if not path.endswith(".csv"):
        # The repository stands in the file, too, as it is; the folder's name is encoded.
        return pq.ParquetFile(path).read()
    with open_history(Path(path)) as history:
        if history.rejected:
            print(f"{path}: {len(history.rejected)} lines can't be read", file=sys.stderr)
        return history.frame()


def split(paths: Sequence[str], buckets: int) -> list[pa.Table]:
    """The rows of some files, as a table for each bucket."""
    rows = pa.concat_tables([rows_of(path) for path in paths], promote_options="default")
    repositories = pc.fill_null(rows["repository"], "").to_pylist()
    # Stable: the same repository is in the same bucket wherever, and whenever, this runs.
    numbers = pa.array([zlib.crc32(name.encode()) % buckets for name in repositories], pa.int64())
    return [rows.filter(pc.equal(numbers, bucket)) for bucket in range(buckets)]


def answer_bucket(bucket: int, output: str, settings: Settings, memory: str | None, *parts: pa.Table) -> int:
    """Write the answers to one bucket; returns how many rows it has."""
    rows = pa.concat_tables(parts, promote_options="default")
    for name, table in answers(rows, WANTED, settings, memory=memory).items():
        path = Path(output, name, f"bucket-{bucket:05}.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a task that dies is tried again.
        written = path.with_name(f".{path.name}.{os.getpid()}")
        pq.write_table(table, written)
        written.replace(path)
    return int(rows.num_rows)


def main(arguments: argparse.Namespace) -> None:
    """Split the files' rows by bucket, and answer for each bucket."""
    paths = found_files(arguments.input)
    with open_history(None, config=arguments.config) as empty:
        settings = empty.settings
    buckets = arguments.buckets
    own = {"num_cpus": arguments.cpus, "object_store_memory": arguments.store} if arguments.cpus else {}
    ray.init(include_dashboard=False if own else None, **own)
    try:
        splitting = ray.remote(num_returns=buckets)(
            split if buckets > 1 else lambda some, count: split(some, count)[0]
        )
        parts = [
            splitting.remote(paths[at : at + FILES_AT_ONCE], buckets)
            for at in range(0, len(paths), FILES_AT_ONCE)
        ]
        of_buckets = zip(*parts, strict=True) if buckets > 1 else [parts]
        answering = ray.remote(answer_bucket)
        counts = ray.get(
            [
                answering.remote(bucket, arguments.output, settings, arguments.memory, *of_bucket)
                for bucket, of_bucket in enumerate(of_buckets)
            ]
        )
        print(f"{sum(counts)} rows of {len(paths)} files answered for in {buckets} buckets", file=sys.stderr)
    finally:
        ray.shutdown()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--buckets", type=int, default=8, help="how many groups of repositories (8)")
    parser.add_argument(
        "--cpus", type=int, help="a cluster of its own on this machine, with so many processors"
    )
    parser.add_argument(
        "--store", type=int, default=200_000_000, help="bytes of its object store (200000000)"
    )
    parser.add_argument("--memory", help="for each database, such as 500MB; beyond it goes to the disk")
    parser.add_argument("--config", help="a report-config.yml, whose settings and rules hold for all of them")
    parser.add_argument("input")
    parser.add_argument("output")
    main(parser.parse_args())
