"""MLflow's file store, `mlruns`: a folder a run.

Source: mlflow/store/tracking/file_store.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .runs import Dataset, TrackedRun, metric_value

_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def read_folders(store: Path, at_most: int) -> Iterator[TrackedRun]:
    """The active runs of a folder."""
    for meta in sorted(store.glob("*/*/meta.yaml"))[:at_most]:
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
            datasets=tuple(_datasets(folder)),
            model_ids=tuple(_models(folder)),
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


def _datasets(folder: Path) -> Iterator[Dataset]:
    for meta in sorted(folder.glob("inputs/*/meta.yaml")):
        content = _yaml(meta)
        dataset = _yaml(folder.parent / "datasets" / str(content.get("source_id", "")) / "meta.yaml")
        tags = content.get("tags")
        context = tags.get("mlflow.data.context", "") if isinstance(tags, dict) else ""
        if dataset:
            yield Dataset(str(dataset.get("name", "")), str(dataset.get("digest", "")), str(context))


def _models(folder: Path) -> list[str]:
    """The models that a run logged, the last step last; their folders bear their ids."""
    steps = {
        meta.parent.name: _yaml(meta).get("step", 0) for meta in sorted(folder.glob("outputs/*/meta.yaml"))
    }
    return sorted(steps, key=lambda name: (int(steps[name] or 0), name))


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
