"""`examples/ducklake.py` in an environment of its own: what is in the lake are the CSV's rows, to the byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from commands import run_here
from csv_samples import ROW, csv_bytes, many_rows
from devops_mlops_report.history.columns import COLUMN_NAMES
from hostile import HOSTILE
from optional_parts import absent

SCRIPT = Path(__file__).resolve().parent.parent / "examples" / "ducklake.py"
PACKAGES = ("duckdb>=1.5,<2", "duckdb-extension-ducklake", "duckdb-extension-sqlite-scanner")
ASK = """
import sys
from pathlib import Path
from ducklake import open_lake
with open_lake(Path("catalogue.sqlite"), Path("data")) as lake:
    lake.execute("copy lake.commits to 'commits.parquet'; copy lake.newest to 'newest.parquet'")
    [(first,)] = lake.execute("select min(snapshot_id) from ducklake_snapshots('lake')").fetchall()
    tables = lake.execute(f"select table_name from duckdb_tables() where database_name = 'lake'").fetchall()
    print(sorted(name for name, in tables))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with DuckDB 1.5 and its extension, or no test."""
    folder = tmp_path_factory.mktemp("ducklake") / "environment"
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, folder], check=True, timeout=120)
    interpreter = folder / "bin" / "python"
    installed = subprocess.run(
        [*uv, "pip", "install", "--python", interpreter, *PACKAGES],
        capture_output=True,
        text=True,
        timeout=240,
    )
    if installed.returncode:
        absent("duckdb-extension-ducklake", f"the package index said: {installed.stderr.strip()[-200:]}")
    return interpreter


def test_lake_has_the_rows_of_the_csv_each_once(python: Path, tmp_path: Path) -> None:
    def take_in() -> str:
        arguments = [python, SCRIPT, "folder", "catalogue.sqlite", "data"]
        return subprocess.run(
            arguments, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120
        ).stdout

    def export(rows: list[dict[str, str]], columns: list[str]) -> None:
        history = tmp_path / "history.csv"
        history.write_bytes(csv_bytes(rows, columns))
        run_here("merge", history, "--history", tmp_path / "all.csv")
        answer = run_here("export", "--partitioned", tmp_path / "folder", "--history", tmp_path / "all.csv")
        assert answer.code == 0, answer.stderr

    texts = [text for text in HOSTILE if "\r" not in text][:100]
    rows = [row | {"commit_message": text} for row, text in zip(many_rows(100), texts, strict=True)]
    export(rows, list(COLUMN_NAMES))
    assert take_in() == "100 rows are new\n"
    assert take_in() == "0 rows are new\n"
    again = ROW | {
        "workflow_run_id": "1000",
        "commit_sha": f"{0:040x}",
        "recorded_at": "2027-01-01T00:00:00Z",
    }
    export([again, ROW | {"repository": "other", "owner": "me"}], [*COLUMN_NAMES, "owner"])
    assert take_in() == "2 rows are new\n"
    assert run_here("compact", tmp_path / "folder").code == 0
    assert take_in() == "0 rows are new\n"

    asked = subprocess.run(
        [python, "-c", ASK],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": str(SCRIPT.parent), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert asked.stdout == "['commits', 'taken']\n"
    csv, lake, newest = (str(tmp_path / name) for name in ("all.csv", "commits.parquet", "newest.parquet"))
    names = ", ".join(f'"{name}"' for name in (*COLUMN_NAMES, "owner"))
    file = f"read_csv('{csv}', all_varchar = true, header = true, quote = '\"', nullstr = '')"
    assert duckdb.sql(f"select count(*) from '{lake}'").fetchall() == [(102,)]
    for one, other in ((file, f"'{lake}'"), (f"'{lake}'", file)):
        assert (
            duckdb.sql(f"(select {names} from {one}) except all (select {names} from {other})").fetchall()
            == []
        )
    told = duckdb.sql(f"select count(*), max(recorded_at) from '{newest}'").fetchall()
    assert told == [(101, "2027-01-01T00:00:00Z")]
