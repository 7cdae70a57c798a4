"""The files that the jobs of a run left, as GitHub's API lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...history.late_dataclass import dataclass
from .ci_facts import CiFacts, whole_text
from .github_api import GitHubApi, GitHubApiError, read_json

LISTED_AT_MOST = 100


@dataclass(frozen=True)
class Artifact:
    """One artifact of a run."""

    name: str
    size_bytes: int | None = None
    url: str | None = None
    """The page that it is downloaded from, by who may read the repository."""


def read_artifacts(environment: Mapping[str, str], ci: CiFacts, notices: list[str]) -> tuple[Artifact, ...]:
    """The run's artifacts that are there still, by their names; one request. Nothing outside of GitHub.

    What stands in the way leaves a notice; a run without a token has one about its jobs already.
    """
    is_asked = ci.provider == "github" and environment.get("GITHUB_TOKEN", "").strip()
    if not (is_asked and ci.repository and ci.workflow_run_id):
        return ()
    path = f"/repos/{quote(ci.repository)}/actions/runs/{quote(ci.workflow_run_id)}/artifacts"
    try:
        with GitHubApi(environment, "actions: read") as api:
            page = read_json(api.get(f"{path}?per_page={LISTED_AT_MOST}").body)
        listed = page.get("artifacts") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            raise GitHubApiError("GitHub's API sent something else than a list of artifacts")
    except GitHubApiError as error:
        notices.append(f"The list of artifacts is absent: {error}.")
        return ()
    found = [
        _artifact(item, ci) for item in listed if isinstance(item, dict) and item.get("expired") is not True
    ]
    return tuple(sorted(filter(None, found), key=lambda artifact: artifact.name))


def _artifact(item: Mapping[str, Any], ci: CiFacts) -> Artifact | None:
    name, size, number = item.get("name"), item.get("size_in_bytes"), item.get("id")
    if not isinstance(name, str) or not whole_text(name):
        return None
    is_size = isinstance(size, int) and not isinstance(size, bool) and size >= 0
    run = f"{ci.server_url}/{ci.repository}/actions/runs/{ci.workflow_run_id}" if ci.server_url else None
    url = f"{run}/artifacts/{number}" if run and isinstance(number, int) and number > 0 else None
    return Artifact(whole_text(name), size if is_size else None, url)
