"""The jobs of `examples/fleet`: what Spark and Ray answer is what one process answers, row by row, to the bit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from commands import run_command
from devops_mlops_report import ANSWERS, History, open_history
from fleet_engines import Job, require, run_ray, run_spark
from fleet_histories import write_fleet
from frames import difference, own_answer

REPOSITORIES, COMMITS = 200, 100
FEW = 12
BUCKETS = 8


@dataclass(frozen=True)
class Fleet:
    """Histories, and what one process says of them."""

    csvs: str
    partitioned: Path
    answers: dict[str, pa.Table]


@pytest.fixture(scope="module", params=[run_spark, run_ray])
def job(request: pytest.FixtureRequest) -> Job:
    """Before the histories are made: they are for nothing where it can't run."""
    found: Job = request.param
    require(found)
    return found


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return _fleet(tmp_path_factory.mktemp("fleet"), REPOSITORIES, COMMITS)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return _fleet(tmp_path_factory.mktemp("few"), FEW, COMMITS)


def test_a_job_over_partitions_answers_as_one_process_does(job: Job, fleet: Fleet, tmp_path: Path) -> None:
    job(str(fleet.partitioned), tmp_path / "answers", BUCKETS)
    _compare(fleet, tmp_path / "answers")


def test_a_job_over_csvs_in_one_bucket_answers_as_one_process_does(
    few: Fleet, job: Job, tmp_path: Path
) -> None:
    job(few.csvs, tmp_path / "answers", 1)
    _compare(few, tmp_path / "answers")


def _fleet(folder: Path, repositories: int, commits: int) -> Fleet:
    paths = write_fleet(folder / "csvs", repositories, commits)
    together = folder / "fleet.csv"
    header = paths[0].read_bytes().partition(b"\n")[0]
    together.write_bytes(header + b"\n" + b"".join(path.read_bytes().partition(b"\n")[2] for path in paths))
    partitioned = folder / "lake"
    told = run_command("export", "--partitioned", partitioned, "--history", together, cwd=folder)
    assert told.code == 0, told.stderr
    assert len(list(partitioned.glob("repository=*"))) == repositories
    with open_history(together) as history:
        # As `answers` does: several threads add up a group's parts in an order of chance, and so its last digits.
        history.connection.execute("set threads = 1")
        answered = {name: own_answer(history, name) for name in ANSWERS}
        _has_what_it_is_made_for(history, repositories)
    assert all(table.num_rows for table in answered.values()), answered
    return Fleet(f"{folder}/csvs/*.csv", partitioned, answered)


def _has_what_it_is_made_for(history: History, repositories: int) -> None:
    [(count_odd, count_branches, count_open)] = history.sql(
        "select (select count(*) from deltas where not isfinite(value)), "
        "(select count(*) from (select distinct repository, branch from commits where branch <> 'main')), "
        "(select count(*) from open_regressions)"
    ).fetchall()
    assert count_odd > repositories
    assert count_branches > 2 * repositories
    assert count_open > repositories / 10


def _compare(fleet: Fleet, output: Path) -> None:
    for name, expected in fleet.answers.items():
        found = ds.dataset(output / name, format="parquet").to_table()
        assert difference(found.select(expected.column_names), expected) == (0, 0), name
    assert ds.dataset(output / "rejected_rows", format="parquet").count_rows() == 0
