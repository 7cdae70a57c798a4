"""A training that somebody else did: the run that the command line names, or those of the commit."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..mlflow_client.errors import TrackingError
from ..mlflow_client.runs import LoggedModel, TrackedRun, choose
from ..mlflow_client.tracking import Tracking

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
