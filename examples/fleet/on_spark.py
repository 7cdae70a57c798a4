"""The answers to the histories of a fleet, by Spark: this package on DuckDB for each bucket of repositories.

    spark-submit examples/fleet/on_spark.py --buckets 64 s3a://bucket/history s3a://bucket/answers
    spark-submit --master "local[2]" examples/fleet/on_spark.py lake answers

INPUT is what `devops-mlops-report export --partitioned` writes, or a pattern of CSVs (`histories/*.csv`). OUTPUT gets
a folder of Parquet files for each answer. The rows are shuffled once, by repository; every executor needs this package
with its extra `arrow`. A bucket should fit into an executor's memory: 50,000 rows take about half a gigabyte.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator

import pandas as pd
import pyarrow as pa
from devops_mlops_report import ANSWERS, Settings, answers, open_history
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.storagelevel import StorageLevel

WANTED = (*ANSWERS, "rejected_rows")
ROWS_AT_ONCE = 20_000
"""Of an answer, as one cell of the packed frame: Spark's cells are of 2 GB at most."""


def read_rows(spark: SparkSession, source: str, columns: list[str]) -> DataFrame:
    """The rows of all histories, each cell as its text."""
    if source.endswith(".csv"):
        files = spark.read.format("binaryFile").load(source).select("content")
        return files.mapInArrow(rows_of_files, ", ".join(f"{name} string" for name in columns))
    # The repository stands in the file, too, as it is; the folder's name is encoded.
    found = spark.read.option("recursiveFileLookup", "true").option("mergeSchema", "true").parquet(source)
    there = set(found.columns)
    return found.select(
        *(
            (f.col(name).cast("string") if name in there else f.lit(None).cast("string")).alias(name)
            for name in columns
        )
    )


def rows_of_files(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """CSVs of any layout, read by this package."""
    for batch in batches:
        for content in batch.column("content").to_pylist():
            with open_history(content) as history:
                if history.rejected:
                    print(f"{len(history.rejected)} lines of a CSV can't be read", file=sys.stderr)
                yield from history.frame().to_batches()


def packing(settings: Settings, memory: str | None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What answers for one bucket: all answers at once, each in the rows of one frame, to the bit."""

    def pack(rows: pd.DataFrame) -> pd.DataFrame:
        packed = []
        for name, table in answers(rows.drop(columns="bucket"), WANTED, settings, memory=memory).items():
            for batch in table.combine_chunks().to_batches(max_chunksize=ROWS_AT_ONCE):
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, table.schema) as stream:
                    stream.write_batch(batch)
                packed.append((name, sink.getvalue().to_pybytes()))
        return pd.DataFrame(packed, columns=["answer", "content"])

    return pack


def unpack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of one answer. As Arrow: in a pandas frame NaN and nothing would be the same."""
    for batch in batches:
        for content in batch.column("content"):
            yield from pa.ipc.open_stream(content.as_buffer())


def main(arguments: argparse.Namespace) -> None:
    """Read, shuffle once, answer, write each answer."""
    spark = SparkSession.builder.appName("fleet").config("spark.sql.caseSensitive", "true").getOrCreate()
    try:
        with open_history(None, config=arguments.config) as empty:
            settings, columns = empty.settings, list(empty.frame().column_names)
            schemas = {name: table.schema for name, table in answers(empty.frame(), WANTED).items()}
        rows = read_rows(spark, arguments.input, columns)
        # Stable: the same repository is in the same bucket wherever, and whenever, this runs.
        repository = f.coalesce("repository", f.lit("")).cast("binary")
        bucketed = rows.withColumn("bucket", f.pmod(f.crc32(repository), f.lit(arguments.buckets)))
        packed = (
            bucketed.repartition(arguments.buckets, "bucket")
            .groupBy("bucket")
            .applyInPandas(packing(settings, arguments.memory), "answer string, content binary")
            .persist(StorageLevel.DISK_ONLY)
        )
        for name in WANTED:
            answer = packed.where(f.col("answer") == name).select("content")
            schema = from_arrow_schema(schemas[name], prefer_timestamp_ntz=True)
            answer.mapInArrow(unpack, schema).write.mode("overwrite").parquet(f"{arguments.output}/{name}")
    finally:
        spark.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--buckets", type=int, default=8, help="how many groups of repositories (8)")
    parser.add_argument("--memory", help="for each database, such as 500MB; beyond it goes to the disk")
    parser.add_argument("--config", help="a report-config.yml, whose settings and rules hold for all of them")
    parser.add_argument("input")
    parser.add_argument("output")
    main(parser.parse_args())
