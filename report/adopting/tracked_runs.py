"""MLflow's runs as rows of a history: tied to commits by their tags, else by the time at which they began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ..mlflow_client.runs import COMMIT_TAG, OWN_COMMIT_TAG, TrackedRun
from .importing import Commits, Found, Row

SOURCE = "mlflow"
RUNS_AT_MOST = 100_000


def rows_of_runs(runs: Iterable[TrackedRun], commits: Commits) -> Found:
    """One row for each run with a metric, oldest first."""
    found = Found()
    empty = unknown = by_time = 0
    for run in sorted(runs, key=lambda each: (each.started_ms or 0, each.run_id)):
        if not run.metrics:
            empty += 1
            continue
        sha = run.tags.get(OWN_COMMIT_TAG) or run.tags.get(COMMIT_TAG) or ""
        if not sha:
            there = commits.before(_time(run.started_ms)) if run.started_ms else None
            by_time += there is not None
            sha = there.commit_sha if there else ""
        if not sha:
            unknown += 1
            continue
        found.rows.append(_row(run, commits.full(sha), commits))
    for count, why in (
        (by_time, "name no commit, and are tied to the newest one that was there when they began"),
        (empty, "have no metric, and are left out"),
        (unknown, "name no commit and began before every commit here, and are left out"),
    ):
        if count:
            found.notices.append(f"{count} runs {why}.")
    return found


def _row(run: TrackedRun, sha: str, commits: Commits) -> Row:
    cells = {
        "training": "trained",
        "mlflow_run_id": run.run_id,
        "mlflow_experiment_id": run.experiment_id,
        "training_seconds": run.seconds,
        "params": dict(run.params),
        "metrics": dict(run.metrics),
    }
    return commits.row(sha, SOURCE, run.run_id, _time(run.ended_ms or run.started_ms or 0), cells)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
