"""What an MLflow run, and the files of the command line, tell about the commit's training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..facts.row import TrainingFacts
from ..mlflow_client.runs import Dataset, TrackedRun

DATASET_PARAM = "mlflow.dataset"
"""Beginning of the params by which the history remembers the inputs of a run that git does not hold."""


def of_run(facts: TrainingFacts, run: TrackedRun) -> TrainingFacts:
    """The facts with what a run tells; its inputs are remembered as params, so that the history can compare them."""
    return replace(
        facts,
        training="trained",
        headline="",
        mlflow_run_id=run.run_id,
        mlflow_experiment_id=run.experiment_id,
        training_seconds=run.seconds,
        params={**run.params, **_dataset_params(run.datasets)},
        metrics=run.metrics,
        run=run,
    )


def with_given(facts: TrainingFacts, given: TrainingFacts) -> TrainingFacts:
    """The numbers of files on the command line go over the run's own."""
    return replace(facts, params={**facts.params, **given.params}, metrics={**facts.metrics, **given.metrics})


def _dataset_params(datasets: Sequence[Dataset]) -> dict[str, str]:
    """`mlflow.dataset.<name>.<context>` -> digest."""
    return {
        ".".join(part for part in (DATASET_PARAM, each.name, each.context) if part): each.digest
        for each in datasets
    }
