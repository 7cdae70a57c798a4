"""What ties MLflow runs to the training, and the commit, that made them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..mlflow_client.runs import (
    COMMIT_TAG,
    OWN_COMMIT_TAG,
    PARENT_TAG,
    REPOSITORY_TAG,
    TRAINING_TAG,
    TrackedRun,
)

# What MLflow Projects says of its run at the end (mlflow/projects/__init__.py, `_wait_for`).
ENVIRONMENT_TAG = "devops_mlops_report.environment."
"""Begins the tags that tell where a run took place."""
_PROJECT_RUN = re.compile(r"Run \(ID '(\w+)'\) (?:succeeded|failed|interrupted)")


def tags_of(
    repository: str,
    commit_sha: str,
    branch: str,
    workflow_run_id: str | None,
    attempt: int | None,
    cause: str,
) -> dict[str, str]:
    """The tags that tie a run to its commit; MLflow's own for the commit and the branch among them."""
    tags = {
        COMMIT_TAG: commit_sha,
        "mlflow.source.git.branch": branch,
        OWN_COMMIT_TAG: commit_sha,
        REPOSITORY_TAG: repository,
        "devops_mlops_report.branch": branch,
        "devops_mlops_report.workflow_run_id": workflow_run_id or "",
        "devops_mlops_report.run_attempt": "" if attempt is None else str(attempt),
        "devops_mlops_report.cause": cause,
    }
    return {name: value for name, value in tags.items() if value}


def project_run(tail: Sequence[str]) -> str | None:
    """The run of which MLflow Projects told the end; None where it told none."""
    return next((found[1] for line in reversed(tail) if (found := _PROJECT_RUN.search(line))), None)


def own_runs(runs: Sequence[TrackedRun], training: str, tail: Sequence[str]) -> list[TrackedRun]:
    """The runs that a training made: by their tag; and the one of MLflow Projects, which has none of our tags, by
    what it prints at its end, or by its children."""
    known = {run.run_id for run in runs if run.tags.get(TRAINING_TAG) == training}
    known |= {run.tags[PARENT_TAG] for run in runs if run.run_id in known and run.is_nested}
    known |= {found[1] for line in tail if (found := _PROJECT_RUN.search(line))}
    return [run for run in runs if run.run_id in known]
