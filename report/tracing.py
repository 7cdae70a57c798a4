"""The links of the trace: where to look at the commit, its runs, its model version and the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..history.stores import Location, Receipt
from .facts.ci_facts import CiFacts
from .facts.row import TrainingFacts
from .mlflow_client.runs import dagshub_url, run_url, version_url
from .rendering.content import Trace


def make_trace(
    ci: CiFacts,
    row: Mapping[str, Any],
    training: TrainingFacts,
    mlflow_server: str | None,
    location: Location,
    receipt: Receipt | None,
) -> Trace:
    """Every link that the facts allow; what was not recorded has no place."""
    server, repository = ci.server_url, row["repository"]
    return Trace(
        repository_url=f"{server.rstrip('/')}/{quote(repository)}" if server and repository else None,
        is_gitlab=ci.provider == "gitlab",
        pull_request=ci.pull_request,
        run_url=ci.run_url,
        mlflow_run_url=run_url(mlflow_server, training.mlflow_experiment_id, training.mlflow_run_id),
        dagshub_run_url=dagshub_url(mlflow_server, training.mlflow_run_id),
        model_version_url=version_url(mlflow_server, training.model_name, training.model_version),
        history=location.shown if receipt else None,
        history_url=receipt.revision_url if receipt else None,
        history_revision=receipt.revision if receipt else None,
        count_rows=receipt.count_rows if receipt else None,
        count_archived=receipt.count_archived if receipt else 0,
    )
