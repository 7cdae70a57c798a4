"""Questions about the logged models of MLflow 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .failures import failure
from .runs import experiments_of


def find_models(
    client: Any, uri: str, tags: Sequence[Sequence[str]], experiment: str | None, at_most: int
) -> dict[str, Any]:
    """The logged models that have one of the tags; none where MLflow, or the server, knows no logged models."""
    if not hasattr(client, "search_logged_models"):
        return {"models": []}
    experiments = experiments_of(client, experiment)
    found: dict[str, Any] = {}
    for tag, value in tags:
        for at in range(0, len(experiments), 100):
            try:
                models = client.search_logged_models(
                    experiments[at : at + 100],
                    filter_string=f"tags.`{tag}` = '{value}'",
                    max_results=at_most,
                )
            except Exception as error:
                if failure(error)["error"] != "endpoint":
                    raise
                return {"models": []}
            found.update((model.model_id, model) for model in models)
    return {"models": [_model(model) for model in found.values()]}


def get_models(client: Any, uri: str, model_ids: Sequence[str]) -> dict[str, Any]:
    """Logged models by their ids; those that are gone are left out."""
    found = []
    for model_id in model_ids:
        try:
            found.append(_model(client.get_logged_model(model_id)))
        except Exception as error:
            if failure(error)["error"] not in ("missing", "endpoint"):
                raise
    return {"models": found}


def _model(model: Any) -> dict[str, Any]:
    last: dict[str, Any] = {}
    for each in model.metrics or []:
        before = last.get(each.key)
        if before is None or (each.step or 0, each.timestamp or 0) >= (
            before.step or 0,
            before.timestamp or 0,
        ):
            last[each.key] = each
    return {
        "model_id": model.model_id,
        "name": model.name,
        "uri": f"models:/{model.model_id}",
        "experiment_id": model.experiment_id,
        "source_run_id": model.source_run_id,
        "created_ms": model.creation_timestamp,
        "status": str(getattr(model.status, "value", model.status)),
        "params": dict(model.params or {}),
        "metrics": {name: float(each.value) for name, each in last.items()},
        "tags": dict(model.tags or {}),
    }
