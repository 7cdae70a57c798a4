"""The report's check at a commit: its conclusion, before that in progress where it began; or a commit's status.

Checks are for tokens of apps, as a job's own is; with another token, or one that may not write checks, the commit gets
a status in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from ...history.late_dataclass import dataclass
from ..facts.ci_facts import CiFacts
from ..facts.github_api import GitHubApi, GitHubApiError
from ..redaction import Redaction

Conclusion = Literal["success", "failure", "neutral"]

ANNOTATIONS_AT_MOST = 10
LONGEST_SUMMARY_BYTES = 65_535
_LONGEST_DESCRIPTION = 140
_LONGEST_TITLE = 250
_PERMISSION = "checks: write"
_STATES = {"success": "success", "neutral": "success", "failure": "failure"}


@dataclass(frozen=True)
class Annotation:
    """A failing test, at its place in the commit's files."""

    path: str
    line: int
    title: str
    message: str


@dataclass(frozen=True)
class CheckResult:
    """What the check says in the end."""

    conclusion: Conclusion
    title: str
    """One line of plain text."""
    summary: str
    """Markdown."""
    annotations: Sequence[Annotation] = field(default=())


def may_check(environment: Mapping[str, str], ci: CiFacts) -> bool:
    """Whether the run is on GitHub, with a token, of a commit that is ours: of a fork's our app says nothing."""
    is_there = ci.provider == "github" and ci.repository
    return bool(is_there and environment.get("GITHUB_TOKEN", "").strip() and not ci.untrusted)


class Check:
    """One report's check. What GitHub refuses, or can't do now, is a notice."""

    def __init__(
        self, environment: Mapping[str, str], ci: CiFacts, commit_sha: str, report: str = ""
    ) -> None:
        self._environment = environment
        self._repository = f"/repos/{quote(ci.repository or '')}"
        self._commit_sha = commit_sha
        self._run_url = ci.run_url
        self._name = f"devops-mlops-report ({report})" if report else "devops-mlops-report"
        self._id: int | None = None
        self._is_status = False

    def begin(self) -> None:
        """Say that the report is being made: one request, or two. What stands in the way, the end tells."""
        try:
            self._id = self._write({"status": "in_progress", "started_at": _now()})
        except GitHubApiError as error:
            if error.status in (403, 404):
                self._is_status = True
                self._try_status("pending", "The report is being made")

    def complete(self, result: CheckResult) -> list[str]:
        """Say how it is: one request, or two. Returns what stood in the way."""
        try:
            if not self._is_status:
                self._write({"status": "completed", "completed_at": _now(), **self._told(result)})
                return []
        except GitHubApiError as error:
            if error.status not in (403, 404):
                return [f"The commit has no check of this run: {error}."]
        if refusal := self._try_status(_STATES[result.conclusion], result.title):
            return [f"The commit has neither a check (`{_PERMISSION}`) nor a status of this run: {refusal}."]
        return []

    def _told(self, result: CheckResult) -> dict[str, Any]:
        annotations = [
            {
                **{"path": each.path, "start_line": each.line, "end_line": each.line},
                **{"annotation_level": "failure", "title": self._plain(each.title)[:_LONGEST_TITLE]},
                "message": self._plain(each.message) or "failed",
            }
            for each in result.annotations[:ANNOTATIONS_AT_MOST]
        ]
        output = {
            "title": self._plain(result.title)[:_LONGEST_TITLE],
            "summary": _within(self._plain(result.summary), LONGEST_SUMMARY_BYTES),
        }
        return {
            "conclusion": result.conclusion,
            "output": output | ({"annotations": annotations} if annotations else {}),
        }

    def _write(self, told: Mapping[str, Any]) -> int | None:
        """The check's id. Raises `GitHubApiError`."""
        details = {"details_url": self._run_url} if self._run_url else {}
        with GitHubApi(self._environment, _PERMISSION) as api:
            path = f"{self._repository}/check-runs"
            if self._id is not None:
                api.send("PATCH", f"{path}/{self._id}", {**details, **told})
                return self._id
            named = {"name": self._name, "head_sha": self._commit_sha}
            answer = api.send("POST", path, {**named, **details, **told})
        number = answer.get("id") if isinstance(answer, dict) else None
        return number if isinstance(number, int) else None

    def _try_status(self, state: str, description: str) -> str:
        """What stood in the way; empty for nothing."""
        told = {"state": state, "context": self._name}
        told["description"] = _within(self._plain(description), _LONGEST_DESCRIPTION)
        target = {"target_url": self._run_url} if self._run_url else {}
        try:
            with GitHubApi(self._environment, "statuses: write") as api:
                api.send("POST", f"{self._repository}/statuses/{self._commit_sha}", {**told, **target})
        except GitHubApiError as error:
            return str(error)
        return ""

    def _plain(self, text: str) -> str:
        return Redaction.of(self._environment).text(text)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _within(text: str, bytes_at_most: int) -> str:
    return text.encode()[:bytes_at_most].decode(errors="ignore")
