"""The workflow runs that GitHub has kept, with their jobs and durations, as rows of a history.

GitHub lists at most 1,000 runs for a period, and a token may ask 5,000 times an hour: long periods are asked in parts,
and where the limit is used up, what came until then is taken in; the next import goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ...history.late_dataclass import dataclass
from ..facts.github_api import GitHubApi, GitHubApiError, read_json
from ..facts.jobs import jobs_of_attempt, workflow_status
from ..facts.row import jobs_as_json
from ..rendering.quantities import plural
from .importing import Commits, Found, Row, is_hash

SOURCE = "github"
SECONDS_AT_MOST = 6 * 3600.0
LISTED_AT_MOST = 1_000
"""GitHub, "List workflow runs for a repository": results of one search."""
_DAYS = timedelta(days=30)
_SHORTEST = timedelta(hours=1)
_PROGRESS_EVERY = 200


@dataclass
class RunsWanted:
    """Which runs are taken in."""

    repository: str
    since: datetime
    until: datetime
    known: Collection[tuple[str, int]]
    """(run id, attempt) of those that the history has."""
    workflows: Collection[str] = ()
    """Names; empty for all."""
    counts: dict[str, int] = field(default_factory=dict)
    """What was left out, by its reason."""

    def leaves_out(self, run: dict[str, Any]) -> bool:
        """Whether a run is none of those, which is counted."""
        why = self._why_not(run)
        if why:
            self.counts[why] = self.counts.get(why, 0) + 1
        return bool(why)

    def _why_not(self, run: dict[str, Any]) -> str:
        head = run.get("head_repository")
        name = head.get("full_name") if isinstance(head, dict) else None
        if (str(run.get("id")), run.get("run_attempt")) in self.known:
            return "in the history already"
        if self.workflows and run.get("name") not in self.workflows:
            return "of other workflows"
        if str(name).lower() != self.repository.lower():
            return "of forks, whose branches are none of this repository's"
        if not is_hash(str(run.get("head_sha") or "")) or type(run.get("id")) is not int:
            return "without a commit"
        return ""


def read_runs(api: GitHubApi, wanted: RunsWanted, commits: Commits, tell: Callable[[str], None]) -> Found:
    """One row for the newest attempt of each finished run, newest first. Never raises for what GitHub answers:
    then the rows are those that came before, and a notice says so.
    """
    found = Found()
    try:
        for run in _runs(api, wanted, wanted.since, wanted.until):
            if wanted.leaves_out(run):
                continue
            found.rows.append(_row(api, wanted.repository, run, commits))
            if len(found.rows) % _PROGRESS_EVERY == 0:
                tell(f"{len(found.rows)} runs so far, back to {str(run.get('created_at'))[:10]} …")
    except GitHubApiError as error:
        until = error.limited_until
        when = f" until {until:%H:%M} UTC" if until else ""
        found.notices.append(
            f"Not all of it came: {error}{when}. What came is taken in; the same command then goes on from there."
        )
    for why, count in wanted.counts.items():
        found.notices.append(f"Left out: {plural(count, 'run')} {why}.")
    return found


def _runs(api: GitHubApi, wanted: RunsWanted, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """The finished runs of a period, newest first: asked month by month, in halves where a part has too many."""
    while until > since:
        begin = max(since, until - _DAYS)
        yield from _part(api, wanted, begin, until)
        until = begin


def _part(api: GitHubApi, wanted: RunsWanted, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    # Both ends count; a second belongs to one part alone.
    last = until - timedelta(seconds=1)
    created = quote(f"{since:%Y-%m-%dT%H:%M:%SZ}..{last:%Y-%m-%dT%H:%M:%SZ}")
    base = f"/repos/{quote(wanted.repository)}/actions/runs?status=completed&per_page=100"
    path: str | None = f"{base}&created={created}"
    total, answer = 0, None
    while path is not None:
        answer = api.get(path)
        total, listed = _page(answer.body)
        if total > LISTED_AT_MOST and until - since > _SHORTEST:
            middle = (since + (until - since) / 2).replace(microsecond=0)
            yield from _part(api, wanted, middle, until)
            yield from _part(api, wanted, since, middle)
            return
        yield from listed
        path = api.following(answer, path)


def _page(body: bytes) -> tuple[int, list[dict[str, Any]]]:
    page = read_json(body)
    listed = page.get("workflow_runs") if isinstance(page, dict) else None
    total = page.get("total_count") if isinstance(page, dict) else None
    if not isinstance(listed, list) or not isinstance(total, int):
        raise GitHubApiError("GitHub's API sent something else than a list of workflow runs")
    return total, [run for run in listed if isinstance(run, dict)]


def _row(api: GitHubApi, repository: str, run: dict[str, Any], commits: Commits) -> Row:
    attempt = run.get("run_attempt")
    attempt = attempt if type(attempt) is int and attempt > 0 else 1
    jobs, elapsed = jobs_of_attempt(api, repository, run["id"], attempt)
    commit = run.get("head_commit")
    told = commit if isinstance(commit, dict) else {}
    author = told.get("author")
    cells = {
        "branch": run.get("head_branch"),
        "pull_request": _pull_request(run),
        "author": author.get("name") if isinstance(author, dict) else None,
        "commit_message": str(told.get("message") or "").partition("\n")[0],
        "committed_at": _time(told.get("timestamp")),
        "event": run.get("event"),
        "workflow": run.get("name"),
        # As the run itself would be recorded, so that it has a page, and is the same run to everybody.
        "workflow_run_id": str(run["id"]),
        "run_attempt": attempt,
        "workflow_status": workflow_status([str(run.get("conclusion"))]),
        "jobs": jobs_as_json(jobs),
        "ci_metrics": {} if elapsed is None else {"duration_seconds": elapsed},
        "training": "none",
    }
    when = _time(run.get("updated_at")) or _time(run.get("created_at"))
    return commits.row(str(run["head_sha"]), SOURCE, "", when, cells, repository=repository)


def _pull_request(run: dict[str, Any]) -> str | None:
    listed = run.get("pull_requests")
    first = listed[0] if isinstance(listed, list) and listed else None
    number = first.get("number") if isinstance(first, dict) else None
    return str(number) if type(number) is int else None


def _time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
