"""A training that somebody else did: the run that the command line names, or those of the commit."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from ..mlflow_client.errors import TrackingError
from ..mlflow_client.runs import LoggedModel, TrackedRun, choose
from ..mlflow_client.tracking import Tracking
from .cause import Cause
from .inputs import ModelInputs

_CHANGES = ("push", "pull_request", "merge_request", "merge_group", "external_pull_request")
"""How the events begin by which a CI says that commits came."""
_TEXTS = (".md", ".rst", ".adoc")


def is_worth_asking(event: str | None, inputs: ModelInputs, cause: Cause, *, is_named: bool) -> bool:
    """Whether a run of this commit may be there. To ask costs an import of MLflow; documentation is not worth it.

    `is_named` says that there is a store to ask. Where nothing tells what the model depends on, another step may
    have trained at any commit but one that changed documentation alone.
    """
    if not is_named:
        return False
    if cause.kind or (event is not None and not event.startswith(_CHANGES)):
        return True
    if inputs.inputs:
        return False
    return not cause.files or not all(_is_documentation(each.path) for each in cause.files)


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

    def named(self, run_id: str, notices: list[str]) -> TrackedRun:
        """The run of an id. Raises `TrackingError`, also where there is none, or one that was deleted."""
        return self.tracking.with_models(self.tracking.run(run_id), notices)

    def of_commits(self, commits: Iterable[str], notices: list[str]) -> TrackedRun | None:
        """A finished run, else a logged model, of one of these commits, made by another step or an earlier attempt."""
        shas = list(dict.fromkeys(filter(None, commits)))
        try:
            runs = self.tracking.of_commits(shas, self.experiment)
            finished = [run for run in runs if run.status == "FINISHED" and run.has_content]
            choice = choose(finished, self.highlight_metric, "this commit")
            if choice is None:
                return self._of_model(self.tracking.models_of_commits(shas, self.experiment), notices)
            notices += choice.notices
            return self.tracking.with_models(choice.run, notices)
        except TrackingError as error:
            notices.append(f"MLflow runs of this commit could not be looked for: {error}.")
            return None

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
