"""The row that a run adds to the history, made of the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime

from ...history.late_dataclass import dataclass
from ..mlflow_client.runs import TrackedRun
from ..redaction import Redaction
from .ci_facts import CiFacts
from .git import CommitFacts
from .jobs import Job, JobsFacts
from .metric_formats import MetricFact


@dataclass(frozen=True)
class TrainingFacts:
    """What is known of a training at this commit."""

    training: str = "none"
    """`trained`, `failed`, `skipped` (nothing relevant changed), `none` (nothing to train); '' as long as unknown."""
    is_mlflow_project: bool | None = False
    """None as long as nobody has looked."""
    cause: str = ""
    changed_inputs: tuple[str, ...] = ()
    mlflow_run_id: str = ""
    mlflow_experiment_id: str = ""
    model_name: str = ""
    model_version: str = ""
    training_seconds: float | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Of what was measured several times, the median."""
    repeats: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """All values of what was measured several times, by metric."""
    metric_facts: Mapping[str, MetricFact] = field(default_factory=dict)
    """What the files of the metrics tell of them: unit and goal."""
    run: TrackedRun | None = None
    """The MLflow run, where one was read."""
    unregistered: str = ""
    """Why its model did not become a version, where it was to: a sentence."""
    headline: str = ""
    """What the headline says of it where its state alone would say too much, or too little."""
    note: str = ""
    """What stands below the headline: why it failed or was not started. A sentence that may quote."""
    output_tail: tuple[str, ...] = ()
    """The last lines that a failed training printed."""
    notices: tuple[str, ...] = ()


_FROM_OUTSIDE = ("jobs", "params", "failed_tests", "environment", "metric_facts")
"""Columns with texts that nobody has checked in."""


def make_row(
    commit: CommitFacts,
    ci: CiFacts,
    jobs: JobsFacts,
    ci_metrics: Mapping[str, float],
    training: TrainingFacts,
    now: datetime,
    *,
    failed_tests: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    report: str = "",
) -> dict[str, object]:
    """One row of `commits`, keys as in the CSV's contract; `now` is aware and becomes `recorded_at`."""
    return {
        "repository": ci.repository or commit.repository,
        "report": report or None,
        "commit_sha": commit.commit_sha,
        "parent_sha": commit.parent_sha or None,
        "branch": commit.branch if ci.branch is None else ci.branch,
        "base_branch": ci.base_branch,
        "pull_request": ci.pull_request,
        "author": commit.author,
        "commit_message": commit.commit_message,
        "committed_at": commit.committed_at,
        "recorded_at": now.astimezone(UTC).replace(microsecond=0),
        "event": ci.event,
        "workflow": ci.workflow,
        "workflow_run_id": ci.workflow_run_id,
        "run_attempt": ci.run_attempt,
        "workflow_status": jobs.workflow_status,
        "jobs": jobs_as_json(jobs.jobs) or None,
        "ci_metrics": dict(ci_metrics) or None,
        "mlflow_project_detected": training.is_mlflow_project,
        "training": training.training or None,
        "cause": training.cause or None,
        "changed_inputs": list(training.changed_inputs) or None,
        "mlflow_run_id": training.mlflow_run_id or None,
        "mlflow_experiment_id": training.mlflow_experiment_id or None,
        "model_name": training.model_name or None,
        "model_version": training.model_version or None,
        "training_seconds": training.training_seconds,
        "params": dict(training.params) or None,
        "metrics": dict(training.metrics) or None,
        "failed_tests": list(failed_tests) or None,
        "environment": dict(environment or {}) or None,
        "metric_facts": {name: fact.as_json() for name, fact in training.metric_facts.items()} or None,
        "repeats": {name: list(values) for name, values in training.repeats.items()} or None,
    }


def without_secrets(row: Mapping[str, object], redaction: Redaction) -> dict[str, object]:
    """The row, in which a training or a CI may have put secrets: a gist can be read by anybody who has its address.

    What git has already (messages, authors, branches, paths) stays as it is, and so does what the row is known by.
    """
    return {
        name: _redacted(value, redaction) if name in _FROM_OUTSIDE else value for name, value in row.items()
    }


def _redacted(value: object, redaction: Redaction) -> object:
    if isinstance(value, str):
        return redaction.text(value)
    if isinstance(value, Mapping):
        return {redaction.text(str(key)): _redacted(item, redaction) for key, item in value.items()}
    return [_redacted(item, redaction) for item in value] if isinstance(value, list) else value


def jobs_as_json(jobs: Sequence[Job]) -> list[dict[str, object]]:
    """As in the column `jobs`."""
    return [
        {"name": job.name, "conclusion": job.conclusion}
        | ({} if job.duration_seconds is None else {"duration_seconds": job.duration_seconds})
        for job in jobs
    ]
