"""What is known of an MLflow run, and where a person sees it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import field
from urllib.parse import quote, urlsplit

from ...history.late_dataclass import dataclass

COMMIT_TAG = "mlflow.source.git.commit"
PARENT_TAG = "mlflow.parentRunId"
OWN_COMMIT_TAG = "devops_mlops_report.commit_sha"
REPOSITORY_TAG = "devops_mlops_report.repository"
TRAINING_TAG = "devops_mlops_report.training"
REPORT_TAG = "devops_mlops_report.report"
"""Names the report that a run was made for, where a repository has several."""
REPEAT_TAG = "devops_mlops_report.repeat_of"
"""Names the run of a commit that another one measured again."""
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
    """A logged model: one of MLflow 3's own, with what was measured of it, or a folder of a run's artifacts."""

    uri: str
    """What a registry takes as the source of a version."""
    model_id: str | None = None
    """Since MLflow 3; None for a model that is a folder of the run's artifacts."""
    name: str = ""
    store: str = ""
    """The URI of the store that it is in."""
    experiment_id: str = ""
    source_run_id: str = ""
    created_ms: int = 0
    status: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_content(self) -> bool:
        """Something was logged to it."""
        return bool(self.params or self.metrics)


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
    uri: str = ""
    """The store that it is in."""
    models: tuple[LoggedModel, ...] = ()
    """Those of MLflow 3 that it logged, the last one last; filled by `Tracking.with_models`."""

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


@dataclass(frozen=True)
class Choice:
    """The run that is read, and the sentence about those that are not."""

    run: TrackedRun
    notices: tuple[str, ...] = ()


def choose(runs: Sequence[TrackedRun], highlight_metric: str | None, why: str) -> Choice | None:
    """The first by this order: not nested, finished, has the highlight metric, has any, started last; then by id."""
    if not runs:
        return None
    # The ids break ties, so that the order in which a server lists its runs does not matter.
    chosen = max(runs, key=lambda run: (*_rank(run, highlight_metric), run.run_id))
    notices = []
    count_children = sum(run.tags.get("mlflow.parentRunId") == chosen.run_id for run in runs)
    count_others = len(runs) - 1 - count_children
    if count_others:
        notices.append(
            f"{len(runs)} MLflow runs are of {why}; `{chosen.run_id}` is the one that is read (finished, with the "
            "highlight metric, started last)."
        )
    if count_children:
        nested = "run is" if count_children == 1 else "runs are"
        notices.append(
            f"{count_children} nested MLflow {nested} not read, but their parent `{chosen.run_id}`."
        )
    return Choice(chosen, tuple(notices))


def _rank(run: TrackedRun, highlight_metric: str | None) -> tuple[bool, bool, bool, bool, float]:
    value = run.metrics.get(highlight_metric or "")
    return (
        not run.is_nested,
        run.status == "FINISHED",
        value is not None and not math.isnan(value),
        bool(run.metrics),
        run.started_ms or 0,
    )


def run_url(server: str | None, experiment_id: str, run_id: str) -> str | None:
    """The page of a run; None without a server."""
    if not server or not run_id:
        return None
    return f"{server.rstrip('/')}/#/experiments/{quote(experiment_id, safe='')}/runs/{quote(run_id, safe='')}"


def dagshub_url(server: str | None, run_id: str) -> str | None:
    """The run among DagsHub's own experiments; None for any other server."""
    parts = urlsplit(server or "")
    if parts.hostname != "dagshub.com" or not parts.path.endswith(".mlflow") or not run_id:
        return None
    repository = parts.path.removesuffix(".mlflow")
    return f"https://dagshub.com{repository}/experiments/#/experiment/m_{quote(run_id, safe='')}"


def version_url(server: str | None, name: str, version: str) -> str | None:
    """The page of a model version; None without a server or a version."""
    if not server or not name or not version:
        return None
    return f"{server.rstrip('/')}/#/models/{quote(name, safe='')}/versions/{quote(version, safe='')}"
