"""One comment in the pull request, found again and kept up to date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote

from ...history.late_dataclass import dataclass
from ..facts.ci_facts import CiFacts
from ..facts.github_api import GitHubApi, GitHubApiError, read_json
from ..redaction import Redaction

CommentPolicy = Literal["never", "on_change", "always"]

LONGEST_BODY = 65_536
"""Characters that GitHub takes in a comment."""
_PAGES_AT_MOST = 10
_PERMISSION = "pull-requests: write"
# At the very start: a comment of ours that quotes another is none of the other's.
_MARK = re.compile(
    r"\A<!-- devops-mlops-report name=(?P<name>[^\s>]*) run=(?P<run>\d{1,18})\.(?P<attempt>\d{1,9}) -->"
)


@dataclass(frozen=True)
class Comment:
    """What a pull request is to be told."""

    policy: CommentPolicy
    body: str
    is_worth_saying: bool
    report: str = ""
    """The report's name, where a repository has several: each has a comment of its own."""


def may_comment(environment: Mapping[str, str], ci: CiFacts, policy: CommentPolicy) -> bool:
    """Whether there is a pull request on GitHub that may be told anything.

    Of a fork's commit our bot says nothing: its config, and with it the text, is a stranger's.
    """
    is_there = ci.provider == "github" and ci.repository and ci.pull_request and ci.workflow_run_id
    has_token = environment.get("GITHUB_TOKEN", "").strip()
    return bool(policy != "never" and is_there and has_token and not ci.untrusted)


def keep_comment(environment: Mapping[str, str], ci: CiFacts, comment: Comment) -> list[str]:
    """Write the comment, or bring the one that is there up to date: two requests. Returns what stood in the way.

    To be asked for where `may_comment` says so. `on_change` begins a comment when something is worth saying; one that
    is there always says how it is now, also that it is settled. A comment of a newer run stays as it is.
    """
    try:
        with GitHubApi(environment, _PERMISSION) as api:
            _keep(api, environment, ci, comment)
    except GitHubApiError as error:
        # Where there is nothing to say, nothing is missing.
        is_missed = comment.is_worth_saying or comment.policy == "always"
        told = f"The pull request has no comment of this run: {error} (or `report.comment: never` in the config)."
        return [told] if is_missed else []
    return []


def _keep(api: GitHubApi, environment: Mapping[str, str], ci: CiFacts, comment: Comment) -> None:
    repository = f"/repos/{quote(ci.repository or '')}"
    listed = f"{repository}/issues/{ci.pull_request}/comments"
    name, run = quote(comment.report, safe=""), (int(ci.workflow_run_id or 0), ci.run_attempt or 1)
    mark = f"<!-- devops-mlops-report name={name} run={run[0]}.{run[1]} -->"
    body = Redaction.of(environment).text(f"{mark}\n{comment.body}")[:LONGEST_BODY]
    author = _author(api, environment)
    for found in _comments(api, listed):
        marked = _MARK.match(str(found.get("body") or ""))
        if marked is None or marked["name"] != name or not _is_by(found.get("user"), author):
            continue
        if (int(marked["run"]), int(marked["attempt"])) <= run and isinstance(found.get("id"), int):
            api.send("PATCH", f"{repository}/issues/comments/{found['id']}", {"body": body})
        return
    if comment.policy == "always" or comment.is_worth_saying:
        api.send("POST", listed, {"body": body})


def _comments(api: GitHubApi, path: str) -> Iterator[Mapping[str, Any]]:
    """The comments of the pull request, the oldest first."""
    following: str | None = f"{path}?per_page=100"
    for _ in range(_PAGES_AT_MOST):
        answer = api.get(following or path)
        page = read_json(answer.body)
        if not isinstance(page, list):
            raise GitHubApiError("GitHub's API sent something else than a list of comments")
        yield from (item for item in page if isinstance(item, dict))
        following = api.following(answer, path)
        if following is None:
            return
    raise GitHubApiError(f"the pull request has more than {_PAGES_AT_MOST * 100} comments")


def _author(api: GitHubApi, environment: Mapping[str, str]) -> str | None:
    """The login that our comments bear; None for a bot's token, which can't ask, and whose type no person has."""
    if environment.get("GITHUB_TOKEN", "").strip().startswith("ghs_"):
        return None
    try:
        user = read_json(api.get("/user").body)
    except GitHubApiError as error:
        if error.status in (403, 404):
            return None
        raise
    login = user.get("login") if isinstance(user, dict) else None
    return login if isinstance(login, str) else None


def _is_by(user: object, author: str | None) -> bool:
    """Whether a comment is ours: whoever can write may set our mark, and nobody the author.

    A bot acts in a repository only where its owner installed it.
    """
    if not isinstance(user, dict):
        return False
    return user.get("type") == "Bot" if author is None else user.get("login") == author
