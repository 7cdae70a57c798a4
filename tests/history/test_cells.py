"""Cells are read as they were meant, and what can't be is kept as it was written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history import open_history
from devops_mlops_report.history.columns import COLUMN_NAMES


def appended(**cells: object) -> dict[str, object]:
    history = open_history(None)
    history.append({"commit_sha": "a" * 40, **cells})
    again = open_history(history.to_csv())
    (row,) = again.rows("from commits")
    return row


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\r"])
def test_the_last_line_is_read_however_it_ends(ending: bytes) -> None:
    history = open_history(csv_bytes([ROW]).rstrip(b"\n") + ending)
    assert (history.count_rows, history.rejected) == (1, ())
    assert history.to_csv() == csv_bytes([ROW])


def test_a_file_that_pandas_wrote_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pandas")
    rows = [ROW, *(ROW | {"workflow_run_id": str(n), "run_attempt": ""} for n in range(3))]
    (folder / "before.csv").write_bytes(csv_bytes(rows))
    pd.read_csv(folder / "before.csv").to_csv(folder / "after.csv", index=False)
    assert b",1.0," in (folder / "after.csv").read_bytes()
    history = open_history(folder / "after.csv")
    assert (history.count_rows, history.rejected) == (4, ())
    assert history.rows("select run_attempt from commits where workflow_run_id like '71%'") == [
        {"run_attempt": 1}
    ]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("training_seconds", "1_000"),
        ("training_seconds", "1e400"),
        ("training_seconds", "9007199254740993"),
        ("training_seconds", "-1e999"),
        ("run_attempt", "1.5"),
        ("run_attempt", "1_0"),
        ("run_attempt", "12345678901234567890"),
    ],
)
def test_a_number_that_would_be_altered_is_kept_as_it_was_written(name: str, cell: str) -> None:
    content = csv_bytes([ROW | {name: cell}])
    history = open_history(content)
    assert (history.count_rows, len(history.rejected)) == (0, 1)
    assert name in str(history.rejected[0].reason)
    assert history.to_csv() == content


def test_numbers_in_objects_are_kept_as_they_were_written() -> None:
    numbers = '{"a":1e400,"b":9007199254740993,"c":0.10,"d":1.0}'
    assert open_history(csv_bytes([ROW | {"metrics": numbers}])).to_csv() == csv_bytes(
        [ROW | {"metrics": numbers}]
    )


@pytest.mark.parametrize(
    ("cell", "value"), [("1.50", 1.5), (".5", 0.5), ("2.", 2.0), ("1e3", 1000.0), ("inf", float("inf"))]
)
def test_other_numbers_are_numbers(cell: str, value: float) -> None:
    history = open_history(csv_bytes([ROW | {"training_seconds": cell}]))
    assert history.rows("select training_seconds from commits") == [{"training_seconds": value}]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_time_without_a_zone_is_utc_wherever_it_is_added(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        naive = datetime(2026, 3, 1, 12)
        assert appended(recorded_at=naive)["recorded_at"] == naive
        assert appended(recorded_at=naive.replace(tzinfo=UTC))["recorded_at"] == naive
        aware = naive.replace(tzinfo=timezone(timedelta(hours=2)))
        assert appended(recorded_at=aware)["recorded_at"] == naive - timedelta(hours=2)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_numbers_of_numpy_and_decimals_are_numbers() -> None:
    metrics = {
        "a": np.float64(0.5),
        "b": np.float32(0.25),
        "c": np.int64(3),
        "d": Decimal("0.1"),
        "e": Decimal(2**60),
        "f": np.float64("nan"),
        "g": [np.int8(1)],
    }
    row = appended(
        metrics=metrics,
        training_seconds=np.float64(1.5),
        run_attempt=np.int64(2),
        mlflow_project_detected=np.bool_(True),
    )
    assert json.loads(str(row["metrics"])) == {
        "a": 0.5,
        "b": 0.25,
        "c": 3,
        "d": 0.1,
        "e": 2**60,
        "f": "NaN",
        "g": [1],
    }
    assert (row["training_seconds"], row["run_attempt"], row["mlflow_project_detected"]) == (1.5, 2, True)
    assert set(row) == set(COLUMN_NAMES)
