"""The links of the trace: where to look at the commit, the run and the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..history.stores import Location, Receipt
from .config import Config
from .facts.collecting import Facts
from .mlops import Links
from .rendering.content import Trace


def make_trace(
    facts: Facts,
    row: Mapping[str, Any],
    config: Config,
    location: Location,
    receipt: Receipt | None,
    links: Links,
) -> Trace:
    """Every link that the facts allow; what was not recorded has no place."""
    server, repository = facts.ci.server_url, row["repository"]
    commit_url = None
    if server and repository:
        commit_url = f"{server.rstrip('/')}/{quote(repository)}/commit/{row['commit_sha']}"
    return Trace(
        commit_url=commit_url,
        run_url=facts.ci.run_url,
        mlflow_run_url=links.run,
        dagshub_run_url=links.dagshub,
        model_version_url=links.version,
        history=location.shown if receipt else None,
        history_url=receipt.revision_url if receipt else None,
        history_revision=receipt.revision if receipt else None,
        count_rows=receipt.count_rows if receipt else None,
        count_archived=receipt.count_archived if receipt else 0,
    )
