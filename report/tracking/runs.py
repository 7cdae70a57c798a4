"""A training run as a tracking store has it, whichever store that is."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

COMMIT_TAG = "mlflow.source.git.commit"
PARENT_TAG = "mlflow.parentRunId"
OWN_COMMIT_TAG = "devops_mlops_report.commit_sha"
TRAINING_TAG = "devops_mlops_report.training"
"""Tag that one training gives to every run that it makes: which training that was."""

# MLflow's SQL stores can't hold infinities, and keep the largest double in their place
# (mlflow/store/tracking/sqlalchemy_store.py, `_get_metric_value_details`).
_LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Dataset:
    """An input of a run."""

    name: str
    digest: str
    context: str = ""
    """`train`, `eval` …, as the script says."""


@dataclass(frozen=True)
class LoggedModel:
    """A model among a run's artifacts."""

    uri: str
    """What a registry takes as the source of a version."""
    model_id: str | None = None
    """Since MLflow 3; None for a model that is a folder of the run's artifacts."""
    name: str = ""


@dataclass(frozen=True)
class TrackedRun:
    """One run: all params, the final value of every metric, tags, inputs."""

    run_id: str
    experiment_id: str
    status: str
    """`RUNNING`, `SCHEDULED`, `FINISHED`, `FAILED`, `KILLED`."""
    started_ms: int | None = None
    ended_ms: int | None = None
    artifact_uri: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[Dataset, ...] = ()
    model_ids: tuple[str, ...] = ()
    experiment_name: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it ran; None while it runs."""
        if self.started_ms is None or not self.ended_ms:
            return None
        return max(self.ended_ms - self.started_ms, 0) / 1000

    @property
    def is_nested(self) -> bool:
        """A child of another run."""
        return PARENT_TAG in self.tags

    @property
    def has_content(self) -> bool:
        """Something was logged to it."""
        return bool(self.params or self.metrics or self.model_ids or self.datasets)


def metric_value(value: object) -> float:
    """A metric as a number, from JSON or SQL: NaN and infinities by name, the largest double for infinity."""
    number = float(str(value))
    return math.copysign(math.inf, number) if abs(number) >= _LARGEST else number
