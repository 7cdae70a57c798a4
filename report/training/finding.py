"""The MLflow run of a commit: made by another step, or by a training of ours; and what it tells."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ...history.late_dataclass import dataclass
from ..facts.row import TrainingFacts
from ..mlflow_client.errors import TrackingError
from ..mlflow_client.runs import (
    COMMIT_TAG,
    OWN_COMMIT_TAG,
    PARENT_TAG,
    REPEAT_TAG,
    REPORT_TAG,
    REPOSITORY_TAG,
    TRAINING_TAG,
    Dataset,
    LoggedModel,
    TrackedRun,
    choose,
)
from ..mlflow_client.tracking import Tracking

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
    report: str = "",
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
        REPORT_TAG: report,
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


_CHANGES = ("push", "pull_request", "merge_request", "merge_group", "external_pull_request")
"""How the events begin by which a CI says that commits came."""
_TEXTS = (".md", ".rst", ".adoc")


def is_change(event: str | None) -> bool:
    """Whether a CI's event says that commits came, or nothing: not that somebody started something."""
    return event is None or event.startswith(_CHANGES)


def are_documentation(paths: Collection[str]) -> bool:
    """Whether nothing but documentation changed."""
    return bool(paths) and all(map(_is_documentation, paths))


def _is_documentation(path: str) -> bool:
    first, name = path.split("/")[0], posixpath.basename(path)
    return name.lower().endswith(_TEXTS) or first in ("doc", "docs") or name.startswith("LICENSE")


@dataclass(frozen=True)
class Finder:
    """Where runs are looked for."""

    tracking: Tracking
    experiment: str | None
    """Only in this one."""
    highlight_metric: str | None
    report: str = ""
    """The report's name: what was trained for another one is none of its runs."""

    def named(self, run_id: str, notices: list[str]) -> TrackedRun:
        """The run of an id. Raises `TrackingError`, also where there is none, or one that was deleted."""
        return self.tracking.with_models(self.tracking.run(run_id), notices)

    def of_commits(self, commits: Iterable[str], notices: list[str]) -> TrackedRun | None:
        """A finished run, else a logged model, of one of these commits, made by another step or an earlier attempt."""
        shas = list(dict.fromkeys(filter(None, commits)))
        try:
            runs = self.tracking.of_commits(shas, self.experiment)
            own = [run for run in runs if self._is_own(run)]
            finished = [run for run in own if run.status == "FINISHED" and run.has_content]
            choice = choose(finished, self.highlight_metric, "this commit")
            if choice is None:
                return self._of_model(self.tracking.models_of_commits(shas, self.experiment), notices)
            notices += choice.notices
            return self.tracking.with_models(choice.run, notices)
        except TrackingError as error:
            notices.append(f"MLflow runs of this commit could not be looked for: {error}.")
            return None

    def _is_own(self, run: TrackedRun) -> bool:
        # What measured a commit again stands beside its run.
        return REPEAT_TAG not in run.tags and run.tags.get(REPORT_TAG, self.report) == self.report

    def _of_model(self, models: list[LoggedModel], notices: list[str]) -> TrackedRun | None:
        """The newest of the logged models to which something was logged, read as a run."""
        read = [model for model in models if model.has_content and "FAILED" not in model.status]
        if not read:
            return None
        model = read[-1]
        of_several = f", the newest of {len(read)}" if len(read) > 1 else ""
        dirty = model.tags.get("mlflow.source.git.dirty") == "true"
        notices.append(
            f"No finished MLflow run is of this commit; the logged model `{model.name or model.model_id}` "
            f"is{of_several}, and is read{', although it was made with uncommitted changes' if dirty else ''}."
        )
        return TrackedRun(
            run_id=model.source_run_id,
            experiment_id=model.experiment_id,
            status="FINISHED",
            started_ms=model.created_ms,
            params=model.params,
            metrics=model.metrics,
            tags=model.tags,
            model_ids=(model.model_id,) if model.model_id else (),
            uri=model.store,
            models=(model,),
        )
