"""What docs/fleet.md says for other readers is run, on files as exports and a compaction leave them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import run_here
from csv_samples import ROW, csv_bytes, many_rows
from devops_mlops_report.history.columns import COLUMN_NAMES

FLEET = (Path(__file__).resolve().parents[3] / "docs" / "fleet.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    section = FLEET.partition("### Read it with")[2].partition("\n##")[0]
    [block] = re.findall(rf"^```{language}\n(.*?)^```", section, re.M | re.S)
    return str(block)


def test_duckdb_and_pandas_read_the_newest_row_of_each_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    history = tmp_path / "history.csv"
    later = ROW | {
        "workflow_run_id": "1000",
        "commit_sha": f"{0:040x}",
        "recorded_at": "2027-01-01T00:00:00Z",
    }
    for rows, columns in (
        ([*many_rows(9), ROW | {"repository": "a b/ü", "metrics": '{"loss":"NaN"}'}], COLUMN_NAMES),
        ([later, ROW | {"workflow_run_id": "", "owner": "me"}], (*COLUMN_NAMES, "owner")),
    ):
        history.write_bytes(csv_bytes(rows, columns) + b"can't be read\n")
        assert run_here("export", "--partitioned", "lake", "--history", history).code == 0
        if columns is COLUMN_NAMES:
            assert run_here("compact", "lake").code == 0
    found = duckdb.sql(_block("sql"))
    assert {*found.columns} == {*COLUMN_NAMES, "owner"}
    shown = found.aggregate("count(*), max(recorded_at), count(owner), count(distinct repository)")
    assert shown.fetchall() == [(11, "2027-01-01T00:00:00Z", 1, 2)]
    names: dict[str, Any] = {}
    exec(_block("python"), names)  # noqa: S102 - ours
    assert len(names["rows"]) == 12
    assert set(names["rows"]["repository"]) == {"octo/model", "a b/ü"}
