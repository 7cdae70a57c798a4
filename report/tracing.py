"""The links of the trace: where to look at the commit, its runs, its model version and the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from ..history.stores import Location, Receipt
from .config.values import is_page_address
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
    page_url: str | None,
) -> Trace:
    """Every link that the facts allow; what was not recorded has no place. `page_url`: of the page of the history."""
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
        page_url=_on_page(page_url, row["commit_sha"]) if page_url else None,
    )


def find_page(configured: str | None, environment: Mapping[str, str], notices: list[str]) -> str | None:
    """Where the page of the history is published, as the config, then the workflow tells it; None for nowhere."""
    told = (environment.get("PAGE_URL") or "").strip()
    if configured is not None or not told:
        return configured
    if is_page_address(told):
        return told
    notices.append("PAGE_URL is no https address, so the report links to no page of the history.")
    return None


def _on_page(url: str, commit_sha: str) -> str:
    """The commit's place on the page; an address with a fragment says itself what is meant."""
    return url if urlsplit(url).fragment else f"{url}#/commit/{quote(commit_sha)}"
