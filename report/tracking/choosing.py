"""Which of several runs is the commit's: the same answer each time, and said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .runs import TrackedRun


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
