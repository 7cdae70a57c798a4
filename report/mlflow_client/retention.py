"""Which old runs go, when `mlflow.keep_runs` limits their number: of ours alone, never one that something points to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .errors import TrackingError, TrackingMissingError
from .registry import Registry
from .runs import OWN_COMMIT_TAG, PARENT_TAG, REPEAT_TAG, REPOSITORY_TAG, TrackedRun
from .tracking import Tracking

DELETED_AT_MOST = 100
"""Runs deleted by one report, but for the last one's children: what is left goes with the next report."""


def runs_to_delete(runs: Sequence[TrackedRun], keep: int, protected: Collection[str]) -> list[TrackedRun]:
    """The runs beyond the newest `keep`, oldest first, without those that are protected or still run.

    Nested runs, and those that measured a commit again, are not counted, and go with the runs that they belong to. A
    protected run counts, so that `keep` is kept to as far as it can be.
    """
    by_age = sorted(runs, key=lambda run: (run.started_ms or 0, run.run_id))
    parents = {run.run_id: run.tags.get(PARENT_TAG) or run.tags.get(REPEAT_TAG) for run in by_age}
    tops = [run for run in by_age if parents[run.run_id] is None]
    old = tops[: max(len(tops) - keep, 0)]
    children: dict[str, list[TrackedRun]] = {}
    for run in by_age:
        if (parent := parents[run.run_id]) is not None:
            children.setdefault(parent, []).append(run)
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
    tracking: Tracking,
    registry: Registry,
    experiment_id: str,
    keep: int,
    protected: Collection[str],
    repository: str,
    *,
    is_dry_run: bool,
) -> list[str]:
    """Delete what `runs_to_delete` names of the runs that reports on `repository` made; returns notices.

    In a dry run they tell what would go. A run of which a model version has an alias stays. What there is no time
    for goes with a later report. Raises `TrackingError` when it can't be told what may go; then nothing went.
    """
    # As many top-level runs, newest first, as it takes to find those that go; their children came after them.
    tops = keep + len(protected) + 2 * DELETED_AT_MOST
    runs = [
        run
        for run in tracking.tagged(experiment_id, OWN_COMMIT_TAG, registry.uri, tops)
        if OWN_COMMIT_TAG in run.tags and run.tags.get(REPOSITORY_TAG, repository) == repository
    ]
    oldest = {run.run_id for run in runs_to_delete(runs, keep, protected)}
    aliased = registry.aliased_runs(oldest)
    gone = [run for run in runs_to_delete(runs, keep, {*protected, *aliased}) if run.run_id in oldest]
    if not gone:
        return []
    if is_dry_run:
        return [
            f"`mlflow.keep_runs: {keep}` would delete {len(gone)} MLflow runs: {_listed(gone, len(gone))}."
        ]
    deleted = 0
    for run in gone:
        try:
            tracking.delete(run.run_id, registry.uri)
        except TrackingMissingError:
            continue  # another report was quicker
        except TrackingError as error:
            return [
                f"`mlflow.keep_runs: {keep}` deleted {deleted} of {len(gone)} MLflow runs, and a later report goes on: "
                f"{error}."
            ]
        deleted += 1
    return [f"`mlflow.keep_runs: {keep}` deleted {deleted} MLflow runs: {_listed(gone, 10)}."]


def _listed(runs: Sequence[TrackedRun], at_most: int) -> str:
    return ", ".join(f"`{run.run_id}`" for run in runs[:at_most]) + (", …" if len(runs) > at_most else "")
