"""Which old runs of an experiment go, when `mlflow.keep_runs` limits their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from .errors import TrackingError
from .runs import PARENT_TAG, TrackedRun
from .server import TrackingServer

RUNS_AT_MOST = 101_000
"""More than `keep_runs` may be."""
DELETED_AT_MOST = 100
"""Runs deleted by one report, but for the last one's children: what is left goes with the next report."""


def runs_to_delete(runs: Sequence[TrackedRun], keep: int, protected: Collection[str]) -> list[TrackedRun]:
    """The runs beyond the newest `keep`, oldest first, without those that are protected or still run.

    Nested runs are not counted, and go with their parents. A protected run counts, so that `keep` is kept to as
    far as it can be.
    """
    by_age = sorted(runs, key=lambda run: (run.started_ms or 0, run.run_id))
    tops = [run for run in by_age if not run.is_nested]
    old = tops[: max(len(tops) - keep, 0)]
    children: dict[str, list[TrackedRun]] = {}
    for run in by_age:
        if run.is_nested:
            children.setdefault(run.tags[PARENT_TAG], []).append(run)
    gone: list[TrackedRun] = []
    for run in old:
        if len(gone) >= DELETED_AT_MOST:
            break
        family = [run]
        for member in family:  # grows while it is gone through: children's children too
            family += children.pop(member.run_id, ())
        if not any(each.run_id in protected or each.status in ("RUNNING", "SCHEDULED") for each in family):
            gone += family
    return gone


def retain(
    server: TrackingServer,
    experiment_id: str,
    keep: int,
    protected: Collection[str],
    is_aliased: Callable[[str], bool],
    *,
    is_dry_run: bool,
) -> list[str]:
    """Delete what `runs_to_delete` names; returns notices. In a dry run they tell what would go.

    `is_aliased` tells whether a run's model version has an alias: such a run stays. Raises `TrackingError` when it
    can't be told what may go; then nothing went.
    """
    runs = server.search("", [experiment_id], "attributes.start_time ASC", RUNS_AT_MOST)
    oldest = {run.run_id for run in runs_to_delete(runs, keep, protected)}
    aliased = {run_id for run_id in sorted(oldest) if is_aliased(run_id)}
    gone = [run for run in runs_to_delete(runs, keep, {*protected, *aliased}) if run.run_id in oldest]
    if not gone:
        return []
    if is_dry_run:
        return [
            f"`mlflow.keep_runs: {keep}` would delete {len(gone)} MLflow runs: {_listed(gone, len(gone))}."
        ]
    deleted = 0
    try:
        for run in gone:
            server.delete(run.run_id)
            deleted += 1
    except TrackingError as error:
        return [f"`mlflow.keep_runs: {keep}` deleted {deleted} of {len(gone)} MLflow runs: {error}."]
    return [f"`mlflow.keep_runs: {keep}` deleted {deleted} MLflow runs: {_listed(gone, 10)}."]


def _listed(runs: Sequence[TrackedRun], at_most: int) -> str:
    return ", ".join(f"`{run.run_id}`" for run in runs[:at_most]) + (", …" if len(runs) > at_most else "")
