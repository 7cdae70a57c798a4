"""`export --partitioned` and what reads it: byte for byte the CSV's rows, however they came there."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from commands import run_here
from csv_samples import ROW, csv_bytes, many_rows
from devops_mlops_report.history.columns import COLUMN_NAMES
from hostile import HOSTILE
from repositories import GitRepository

SAMPLES = Path(__file__).parents[2] / "migrations" / "samples"


def _odd_history(path: Path) -> Path:
    """Hostile texts, several repositories and none, odd numbers, columns of the user's own, unreadable lines."""
    rows = [
        row
        | {
            "repository": ("octo/model", "", HOSTILE[at // 5 % 8], "é" * 300, f"..{at % 2}")[at % 5],
            "commit_message": text,
            "Metrics": text if at % 3 else "",
            "metrics": '{"loss":"NaN","gain":"-Infinity"}',
            "training_seconds": ("NaN", "-inf", "", "0.1", "1e300")[at % 5],
        }
        for at, (row, text) in enumerate(zip(many_rows(len(HOSTILE)), HOSTILE, strict=True))
    ]
    content = csv_bytes([*rows, ROW, ROW | {"training": "none"}], ["Metrics", *COLUMN_NAMES, '"q"', "file"])
    path.write_bytes(content.replace(b"\x00", b"") + b'two,fields\nstray"quote,x\n')
    return path


def _exported(history: Path, to: Path) -> bytes:
    answer = run_here("export", to, "--force", "--history", history)
    assert answer.code == 0, answer.stderr
    return to.read_bytes()


def test_what_was_exported_reads_as_the_csv_byte_for_byte(tmp_path: Path) -> None:
    history, lake = _odd_history(tmp_path / "odd.csv"), tmp_path / "lake"
    first = run_here("export", "--partitioned", lake, "--history", history)
    assert first.code == 0
    assert "can't be read; kept as they are" in first.stderr
    wanted = _exported(history, tmp_path / "wanted.csv")
    assert _exported(lake, tmp_path / "found.csv") == wanted
    assert "Added 0 rows" in run_here("export", "--partitioned", lake, "--history", history).stderr
    # A row more is a file more, and no file is touched.
    before = {path: path.stat().st_mtime_ns for path in lake.rglob("*.*")}
    one = tmp_path / "one.csv"
    one.write_bytes(csv_bytes([ROW | {"workflow_run_id": "new"}]))
    run_here("merge", one, "--history", history)
    assert "Added 1 row " in run_here("export", "--partitioned", lake, "--history", history).stderr
    after = {path: path.stat().st_mtime_ns for path in lake.rglob("*.*")}
    assert before.items() < after.items()
    assert len(after) == len(before) + 1
    wanted = _exported(history, tmp_path / "wanted.csv")
    assert _exported(lake, tmp_path / "found.csv") == wanted
    # Nor does putting the files together change what is read, and of each repository there is one.
    assert run_here("compact", lake).code == 0
    assert all(len(list(partition.iterdir())) == 1 for partition in lake.iterdir())
    assert _exported(lake, tmp_path / "found.csv") == wanted
    assert "Added 0 rows" in run_here("export", "--partitioned", lake, "--history", history).stderr


@pytest.mark.parametrize("sample", ["prototype_1", "prototype_8", "plugin_wide"])
def test_older_layout_is_exported_as_it_is_lifted(tmp_path: Path, sample: str) -> None:
    history = SAMPLES / f"{sample}.csv"
    assert run_here("export", "--partitioned", tmp_path / "lake", "--history", history).code == 0
    wanted = _exported(history, tmp_path / "wanted.csv")
    assert _exported(tmp_path / "lake", tmp_path / "found.csv") == wanted


def test_files_hold_the_columns_of_the_csv_as_text_under_the_repository(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_bytes(csv_bytes([ROW, ROW | {"repository": "a b/ü", "workflow_run_id": "72"}]))
    run_here("export", "--partitioned", tmp_path / "lake", "--history", history)
    assert sorted(path.name for path in (tmp_path / "lake").iterdir()) == [
        "repository=a%20b%2F%C3%BC",
        "repository=octo%2Fmodel",
    ]
    files = str(tmp_path / "lake" / "*" / "*.parquet")
    relation = duckdb.sql(f"from read_parquet('{files}', hive_partitioning = false)")
    assert relation.columns == list(COLUMN_NAMES)
    assert set(map(str, relation.types)) == {"VARCHAR"}
    assert relation.project("repository, metrics").order("all").fetchall() == [
        ("a b/ü", '{"loss":0.25}'),
        ("octo/model", '{"loss":0.25}'),
    ]


def test_one_repository_is_read_alone_by_its_folder(tmp_path: Path) -> None:
    history, lake = tmp_path / "history.csv", tmp_path / "lake"
    history.write_bytes(csv_bytes([ROW, ROW | {"repository": "other", "workflow_run_id": "72"}]))
    run_here("export", "--partitioned", lake, "--history", history)
    count = "select count(*), any_value(repository) from commits"
    for folder, wanted in ((lake, "2"), (lake / "repository=other", "1,other")):
        answer = run_here("sql", count, "--format", "csv", "--history", folder)
        assert answer.stdout.splitlines()[1].startswith(wanted)
    overview = run_here("overview", lake, cwd=tmp_path).stdout
    assert "other" in overview
    assert "octo/model" in overview


def test_what_can_not_be_used_is_one_line_and_changes_nothing(tmp_path: Path) -> None:
    history, lake = tmp_path / "history.csv", tmp_path / "lake"
    history.write_bytes(csv_bytes([ROW]))
    for arguments in (
        ("export", "--history", history),
        ("export", "x.csv", "--partitioned", lake, "--history", history),
        ("export", "--partitioned", lake, "--table", "deltas", "--history", history),
        ("export", "--partitioned", history, "--history", history),
        ("compact", lake),
    ):
        answer = run_here(*arguments, cwd=tmp_path)
        assert answer.code
        assert answer.is_one_line(), answer.stderr
    assert list(tmp_path.iterdir()) == [history]
    run_here("export", "--partitioned", lake, "--history", history)
    for arguments in (("merge", history, "--history", lake), ("accept", "a" * 40, "--history", lake)):
        answer = run_here(*arguments, cwd=tmp_path)
        assert answer.code
        assert answer.is_one_line(), answer.stderr
    checkout = GitRepository(tmp_path / "checkout")
    checkout.put("a.txt", "a")
    checkout.commit("first")
    assert run_here("run", "--history", lake, cwd=checkout.root).code == 1
    assert len(list(checkout.root.glob(".devops-mlops-report/pending/*.csv"))) == 1
    [file] = lake.rglob("*.parquet")
    other = file.with_name("other.parquet")
    for content in ("select 1 as x", "select * replace ('soon' as recorded_at) from read_parquet(?)"):
        duckdb.execute(f"copy ({content}) to '{other}'", [str(file)] if "?" in content else None)
        for arguments in (("sql", "from commits", "--history", lake), ("compact", lake)):
            answer = run_here(*arguments)
            assert answer.code == 1
            assert "other.parquet" in answer.stderr.splitlines()[0]
    other.write_bytes(file.read_bytes()[:-1])
    answer = run_here("sql", "from commits", "--history", lake)
    assert answer.code == 1
    assert answer.is_one_line(), answer.stderr
