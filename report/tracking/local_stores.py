"""MLflow's local stores, read as files: `mlflow.db` (SQLite) and `mlruns` (a folder a run). Never written.

Sources: mlflow/store/tracking/dbmodels/models.py (tables) and file_store.py (folders); both keep them for years, as
stores outlive versions. Reading them so takes milliseconds, where opening them with MLflow takes seconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from .errors import TrackingError
from .runs import Dataset, TrackedRun, metric_value

RUNS_AT_MOST = 10_000
_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def read_store(path: Path) -> list[TrackedRun]:
    """Every active run of a store; none where there is no store. Raises `TrackingError` for one that is broken."""
    if path.is_file():
        try:
            return _sqlite(path)
        except sqlite3.Error as error:
            raise TrackingError(f"{path} can't be read as an MLflow store: {error}") from error
    if path.is_dir():
        return list(_folders(path))
    return []


def _sqlite(path: Path) -> list[TrackedRun]:
    # `mode=ro` keeps a store that another process writes as it is, and never makes one.
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as store:
        store.row_factory = sqlite3.Row
        tables = {row[0] for row in store.execute("select name from sqlite_master where type = 'table'")}
        if "runs" not in tables:
            return []
        runs = store.execute(
            "select runs.*, experiments.name as experiment_name from runs join experiments using (experiment_id) "
            "where runs.lifecycle_stage = 'active' order by start_time desc limit ?",
            [RUNS_AT_MOST],
        ).fetchall()
        return [_sqlite_run(store, row, tables) for row in runs]


def _sqlite_run(store: sqlite3.Connection, row: sqlite3.Row, tables: set[str]) -> TrackedRun:
    run_id = row["run_uuid"]
    metrics = store.execute("select key, value, is_nan from latest_metrics where run_uuid = ?", [run_id])
    return TrackedRun(
        run_id=run_id,
        experiment_id=str(row["experiment_id"]),
        status=str(row["status"]),
        started_ms=row["start_time"],
        ended_ms=row["end_time"],
        artifact_uri=str(row["artifact_uri"] or ""),
        params=_pairs(store, "params", run_id),
        metrics={each["key"]: metric_value("nan" if each["is_nan"] else each["value"]) for each in metrics},
        tags=_pairs(store, "tags", run_id),
        datasets=tuple(_sqlite_datasets(store, run_id)) if {"inputs", "datasets"} <= tables else (),
        experiment_name=str(row["experiment_name"]),
    )


def _pairs(store: sqlite3.Connection, table: str, run_id: str) -> dict[str, str]:
    query = {
        "params": "select key, value from params where run_uuid = ?",
        "tags": "select key, value from tags where run_uuid = ?",
    }[table]
    return {each["key"]: str(each["value"] or "") for each in store.execute(query, [run_id])}


def _sqlite_datasets(store: sqlite3.Connection, run_id: str) -> Iterator[Dataset]:
    rows = store.execute(
        "select datasets.name, datasets.digest, input_tags.value as context "
        "from inputs join datasets on datasets.dataset_uuid = inputs.source_id "
        "left join input_tags on input_tags.input_uuid = inputs.input_uuid and input_tags.name = 'mlflow.data.context' "
        "where inputs.destination_id = ? and inputs.source_type = 'DATASET' order by datasets.name, context",
        [run_id],
    )
    for row in rows:
        yield Dataset(str(row["name"]), str(row["digest"]), str(row["context"] or ""))


def _folders(store: Path) -> Iterator[TrackedRun]:
    for meta in sorted(store.glob("*/*/meta.yaml"))[:RUNS_AT_MOST]:
        content = _yaml(meta)
        if content.get("lifecycle_stage") != "active" or "run_id" not in content:
            continue
        folder = meta.parent
        status = content.get("status")
        yield TrackedRun(
            run_id=str(content["run_id"]),
            experiment_id=str(content.get("experiment_id", folder.parent.name)),
            status=_STATUS.get(status, "") if isinstance(status, int) else str(status),
            started_ms=content.get("start_time"),
            ended_ms=content.get("end_time"),
            artifact_uri=str(content.get("artifact_uri", "")),
            params=dict(_files(folder / "params")),
            metrics=dict(_metrics(folder / "metrics")),
            tags=dict(_files(folder / "tags")),
            datasets=tuple(_folder_datasets(folder)),
            experiment_name=str(_yaml(folder.parent / "meta.yaml").get("name", "")),
        )


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_text("utf-8", "replace").rstrip("\n")


def _metrics(folder: Path) -> Iterator[tuple[str, float]]:
    """Each metric's final value, as MLflow chooses it: of the highest step, the newest, the largest."""
    for name, text in _files(folder):
        points = []
        for line in text.splitlines():
            fields = line.split()
            if len(fields) >= 2:
                step = int(fields[2]) if len(fields) > 2 else 0
                points.append((step, int(fields[0]), metric_value(fields[1])))
        if points:
            yield name, max(points)[2]


def _folder_datasets(folder: Path) -> Iterator[Dataset]:
    for meta in sorted(folder.glob("inputs/*/meta.yaml")):
        content = _yaml(meta)
        dataset = _yaml(folder.parent / "datasets" / str(content.get("source_id", "")) / "meta.yaml")
        tags = content.get("tags")
        context = tags.get("mlflow.data.context", "") if isinstance(tags, dict) else ""
        if dataset:
            yield Dataset(str(dataset.get("name", "")), str(dataset.get("digest", "")), str(context))


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
