"""A GitHub Actions run, from its variables and the event's payload; Gitea's and Forgejo's Actions tell the same.

Sources: GitHub's "Variables reference" (default environment variables) and "Webhook events and payloads"; Gitea,
"Compared to GitHub Actions".
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from .ci_facts import CiFacts, Variables, commit_hash, web_url, whole_number, whole_text

# GitHub caps webhook payloads at 25 MB ("Webhook events and payloads", payload cap).
_PAYLOAD_LIMIT_BYTES = 26_000_000
_REQUEST_REF = re.compile(r"refs/pull/([0-9]+)/.*")


def read_github_actions(variables: Variables) -> CiFacts:
    """Return the run's facts; a payload that can't be read leaves a notice and what the variables tell."""
    event = _Payload(_read_payload(variables))
    facts = replace(_from_variables(variables), **_from_payload(event))
    if event.has("pull_request", "head"):
        facts = _of_pull_request(facts, event)
    elif facts.event == "workflow_run" or event.has("workflow_run"):
        facts = _of_workflow_run(facts, event)
    elif event.has("issue", "pull_request"):
        # Somebody commented on a pull request: the job may have checked out its code, nothing tells.
        facts = replace(facts, is_pull_request=True, is_fork_pull_request=None)
    elif event.has("merge_group"):
        base = event.text("merge_group", "base_ref")
        facts = replace(facts, base_branch=base.removeprefix("refs/heads/") if base else None)
    return replace(facts, notices=variables.notices)


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
        """A string that holds anything, in one line and in characters that can be stored, or None."""
        found = self.value(*path)
        return (whole_text(found) or None) if isinstance(found, str) else None

    def commit(self, *path: str) -> str | None:
        """A full hash, other than the one that stands for no commit."""
        found = commit_hash(self.text(*path))
        return found if found and found.strip("0") else None

    def whole(self, *path: str) -> int | None:
        """A number of 1 and more, of the size of those of requests and attempts."""
        found = self.value(*path)
        return whole_number(found) if isinstance(found, int) else None

    def flag(self, *path: str) -> bool | None:
        found = self.value(*path)
        return found if isinstance(found, bool) else None


def _read_payload(variables: Variables) -> dict[str, Any]:
    # The path as it is: a folder's name may be of any bytes.
    path = variables.environment.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        content = read_regular(Path(path), _PAYLOAD_LIMIT_BYTES)
    except UnusableFileError as error:
        variables.note(f"The file of the event's payload {error}: the variables alone tell the run.")
        return {}
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        variables.note("The event's payload is not a JSON object: the variables alone tell the run.")
        return {}
    return payload


def _from_variables(variables: Variables) -> CiFacts:
    get = variables.text
    is_gitea = any(variables.is_true(name) for name in ("GITEA_ACTIONS", "FORGEJO_ACTIONS"))
    attempt = variables.number("GITHUB_RUN_ATTEMPT") or 1
    run_id, repository, server = (
        get("GITHUB_RUN_ID"),
        variables.repository("GITHUB_REPOSITORY"),
        variables.url("GITHUB_SERVER_URL"),
    )
    page = f"{get('GITHUB_RUN_NUMBER')}" if is_gitea else f"{run_id}/attempts/{attempt}"
    request = _REQUEST_REF.fullmatch(get("GITHUB_REF") or "")
    event = get("GITHUB_EVENT_NAME")
    branch = get("GITHUB_HEAD_REF") or get("GITHUB_REF_NAME")
    return CiFacts(
        provider="gitea" if is_gitea else "github",
        repository=repository,
        commit_sha=variables.commit("GITHUB_SHA"),
        branch="" if get("GITHUB_REF_TYPE") == "tag" else branch,
        base_branch=get("GITHUB_BASE_REF"),
        pull_request=whole_number(request[1]) if request else None,
        event=event,
        workflow=get("GITHUB_WORKFLOW"),
        workflow_run_id=run_id,
        run_attempt=attempt,
        run_url=web_url(f"{server}/{repository}/actions/runs/{page}")
        if server and repository and run_id
        else None,
        server_url=server,
        actor=get("GITHUB_ACTOR"),
        # Where one comes from is in the payload alone.
        is_pull_request=bool(request or get("GITHUB_HEAD_REF") or (event or "").startswith("pull_request")),
    )


def _from_payload(event: _Payload) -> dict[str, Any]:
    return {
        "default_branch": event.text("repository", "default_branch"),
        "is_private": event.flag("repository", "private"),
        "before": event.commit("before"),
        "after": event.commit("after"),
    }


def _of_pull_request(facts: CiFacts, event: _Payload) -> CiFacts:
    """GITHUB_SHA is a pull request's merge commit (or its target's head); its own head is in the payload."""
    return replace(
        facts,
        commit_sha=event.commit("pull_request", "head", "sha") or facts.commit_sha,
        branch=event.text("pull_request", "head", "ref") or facts.branch,
        base_branch=event.text("pull_request", "base", "ref") or facts.base_branch,
        pull_request=event.whole("pull_request", "number") or facts.pull_request,
        is_pull_request=True,
        is_fork_pull_request=_is_of_another(facts, event, "pull_request", "head", "repo"),
    )


def _is_of_another(facts: CiFacts, event: _Payload, *path: str) -> bool | None:
    """Whether the repository at `path` of the payload is not ours; None where one of them is not told."""
    parent, key = event.value(*path[:-1]), path[-1]
    if isinstance(parent, dict) and key in parent and parent[key] is None:
        return True  # a fork that was deleted: still not one of ours
    source = event.text(*path, "full_name")
    own = event.text("repository", "full_name") or facts.repository
    return source.casefold() != own.casefold() if source and own else None


def _of_workflow_run(facts: CiFacts, event: _Payload) -> CiFacts:
    """A `workflow_run` event reports about the run that triggered it: its commit, number and conclusion."""
    requests = event.value("workflow_run", "pull_requests")
    request = _Payload(
        requests[0] if isinstance(requests, list) and requests and isinstance(requests[0], dict) else {}
    )
    run_id = event.value("workflow_run", "id")
    run_id = run_id if isinstance(run_id, int) and not isinstance(run_id, bool) and run_id > 0 else None
    attempt = event.whole("workflow_run", "run_attempt") or 1
    url = web_url(event.text("workflow_run", "html_url"))
    trigger = event.text("workflow_run", "event")
    is_of_another = _is_of_another(facts, event, "workflow_run", "head_repository")
    return replace(
        facts,
        commit_sha=event.commit("workflow_run", "head_sha") or facts.commit_sha,
        branch=event.text("workflow_run", "head_branch") or "",
        base_branch=request.text("base", "ref"),
        pull_request=request.whole("number"),
        event=trigger or facts.event,
        workflow=event.text("workflow_run", "name") or facts.workflow,
        workflow_run_id=str(run_id) if run_id is not None else facts.workflow_run_id,
        run_attempt=attempt if run_id is not None else facts.run_attempt,
        run_url=f"{url}/attempts/{attempt}" if url else facts.run_url,
        # A push to our own repository is ours; all else is what the other run's repository says.
        is_pull_request=is_of_another is not False or (trigger or "").startswith("pull_request"),
        is_fork_pull_request=is_of_another,
        conclusion=event.text("workflow_run", "conclusion"),
    )
