"""MLflow's SQLite store, by its tables.

Source: mlflow/store/tracking/dbmodels/models.py; the tables only grow from version to version, as stores outlive them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ..verdicts.questions import read_question
from .errors import TrackingError
from .runs import Dataset, TrackedRun, metric_value


def read_sqlite(path: Path, at_most: int) -> list[TrackedRun]:
    """The newest active runs of a file. Raises `TrackingError` when it is no such store."""
    try:
        # `mode=ro` keeps a store that another process writes as it is, and never makes one.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as store:
            store.row_factory = sqlite3.Row
            tables = {row["name"] for row in _ask(store, "store_tables")}
            if "runs" not in tables:
                return []
            return [_run(store, row, tables) for row in _ask(store, "store_runs", at_most=at_most)]
    except sqlite3.Error as error:
        raise TrackingError(f"{path} can't be read as an MLflow store: {error}") from error


def _ask(store: sqlite3.Connection, question: str, **parameters: object) -> list[sqlite3.Row]:
    return store.execute(read_question(question), parameters).fetchall()


def _run(store: sqlite3.Connection, row: sqlite3.Row, tables: set[str]) -> TrackedRun:
    run_id = row["run_uuid"]
    inputs = _ask(store, "store_datasets", run_id=run_id) if {"inputs", "datasets"} <= tables else []
    outputs = _ask(store, "store_models", run_id=run_id) if {"inputs", "logged_models"} <= tables else []
    return TrackedRun(
        run_id=run_id,
        experiment_id=str(row["experiment_id"]),
        status=str(row["status"]),
        started_ms=row["start_time"],
        ended_ms=row["end_time"],
        artifact_uri=str(row["artifact_uri"] or ""),
        params=_texts(store, "store_params", run_id),
        metrics={
            each["key"]: metric_value(each["value"]) for each in _ask(store, "store_metrics", run_id=run_id)
        },
        tags=_texts(store, "store_tags", run_id),
        datasets=tuple(
            Dataset(str(each["name"]), str(each["digest"]), str(each["context"] or "")) for each in inputs
        ),
        model_ids=tuple(str(each["model_id"]) for each in outputs),
        experiment_name=str(row["experiment_name"]),
    )


def _texts(store: sqlite3.Connection, question: str, run_id: str) -> dict[str, str]:
    return {each["key"]: str(each["value"] or "") for each in _ask(store, question, run_id=run_id)}
