"""A GitHub Actions run, from its variables and the event's payload.

Sources: GitHub's "Variables reference" (default environment variables) and "Webhook events and payloads".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from .ci_facts import CiFacts

# GitHub caps webhook payloads at 25 MB ("Webhook events and payloads", payload cap).
_PAYLOAD_LIMIT_BYTES = 26_000_000


def read_github_actions(environment: Mapping[str, str]) -> CiFacts:
    """Return the run's facts; a payload that can't be read leaves a notice and what the variables tell."""
    notices: list[str] = []
    event = _Payload(_read_payload(environment.get("GITHUB_EVENT_PATH"), notices))
    facts = replace(_from_variables(environment, notices), **_from_payload(event))
    if event.has("pull_request", "head"):
        facts = _of_pull_request(facts, event)
    elif event.has("workflow_run"):
        facts = _of_workflow_run(facts, event)
    elif event.has("merge_group"):
        base = event.text("merge_group", "base_ref")
        facts = replace(facts, base_branch=base.removeprefix("refs/heads/") if base else None)
    return replace(facts, notices=tuple(notices))


class _Payload:
    """The event's payload, read by paths that may not be there or may hold something else."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def value(self, *path: str) -> object:
        found: object = self._content
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def has(self, *path: str) -> bool:
        return isinstance(self.value(*path), dict)

    def text(self, *path: str) -> str | None:
        """A non-empty string, in characters that UTF-8 has, or None."""
        found = self.value(*path)
        return found.encode("utf-8", "replace").decode() if isinstance(found, str) and found else None

    def whole(self, *path: str) -> int | None:
        found = self.value(*path)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def flag(self, *path: str) -> bool | None:
        found = self.value(*path)
        return found if isinstance(found, bool) else None


def _read_payload(path: str | None, notices: list[str]) -> dict[str, Any]:
    if not path:
        return {}
    try:
        content = read_regular(Path(path), _PAYLOAD_LIMIT_BYTES)
    except UnusableFileError as error:
        notices.append(f"The file of the event's payload {error}: the variables alone tell the run.")
        return {}
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        notices.append("The event's payload is not a JSON object: the variables alone tell the run.")
        return {}
    return payload


def _from_variables(environment: Mapping[str, str], notices: list[str]) -> CiFacts:
    def get(name: str) -> str | None:
        return environment.get(name) or None

    attempt = get("GITHUB_RUN_ATTEMPT") or "1"
    if not attempt.isdecimal():
        notices.append(f"GITHUB_RUN_ATTEMPT is {attempt!r}, not a number: the attempt counts as 1.")
        attempt = "1"
    run_id, repository, server = get("GITHUB_RUN_ID"), get("GITHUB_REPOSITORY"), get("GITHUB_SERVER_URL")
    url = (
        f"{server}/{repository}/actions/runs/{run_id}/attempts/{attempt}"
        if server and repository and run_id
        else None
    )
    branch = get("GITHUB_HEAD_REF") or get("GITHUB_REF_NAME")
    return CiFacts(
        provider="github",
        repository=repository,
        commit_sha=get("GITHUB_SHA"),
        branch="" if get("GITHUB_REF_TYPE") == "tag" else branch,
        base_branch=get("GITHUB_BASE_REF"),
        event=get("GITHUB_EVENT_NAME"),
        workflow=get("GITHUB_WORKFLOW"),
        workflow_run_id=run_id,
        run_attempt=int(attempt),
        run_url=url,
        server_url=server,
        actor=get("GITHUB_ACTOR"),
        is_fork_pull_request=False,
    )


def _from_payload(event: _Payload) -> dict[str, Any]:
    before, after = event.text("before"), event.text("after")
    return {
        "default_branch": event.text("repository", "default_branch"),
        "is_private": event.flag("repository", "private"),
        "before": before if before and before.strip("0") else None,
        "after": after if after and after.strip("0") else None,
    }


def _of_pull_request(facts: CiFacts, event: _Payload) -> CiFacts:
    """GITHUB_SHA is a pull request's merge commit (or its target's head); its own head is in the payload."""
    return replace(
        facts,
        commit_sha=event.text("pull_request", "head", "sha") or facts.commit_sha,
        branch=event.text("pull_request", "head", "ref") or facts.branch,
        base_branch=event.text("pull_request", "base", "ref") or facts.base_branch,
        pull_request=event.whole("pull_request", "number"),
        # A fork that was deleted has no repository any more: still not one of ours.
        is_fork_pull_request=event.text("pull_request", "head", "repo", "full_name") != facts.repository,
    )


def _of_workflow_run(facts: CiFacts, event: _Payload) -> CiFacts:
    """A `workflow_run` event reports about the run that triggered it: its commit, number and conclusion."""
    requests = event.value("workflow_run", "pull_requests")
    request = _Payload(
        requests[0] if isinstance(requests, list) and requests and isinstance(requests[0], dict) else {}
    )
    run_id = event.whole("workflow_run", "id")
    attempt = event.whole("workflow_run", "run_attempt") or 1
    url = event.text("workflow_run", "html_url")
    return replace(
        facts,
        commit_sha=event.text("workflow_run", "head_sha") or facts.commit_sha,
        branch=event.text("workflow_run", "head_branch") or "",
        base_branch=request.text("base", "ref"),
        pull_request=request.whole("number"),
        event=event.text("workflow_run", "event") or facts.event,
        workflow=event.text("workflow_run", "name") or facts.workflow,
        workflow_run_id=str(run_id) if run_id is not None else facts.workflow_run_id,
        run_attempt=attempt if run_id is not None else facts.run_attempt,
        run_url=f"{url}/attempts/{attempt}" if url else facts.run_url,
        is_fork_pull_request=event.text("workflow_run", "head_repository", "full_name") != facts.repository,
        conclusion=event.text("workflow_run", "conclusion"),
    )
