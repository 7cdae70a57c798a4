"""What ran: the jobs of the workflow run, from GitHub's API or the caller, and the one verdict on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ...history.late_dataclass import dataclass
from ..errors import UsageError
from .ci_facts import CiFacts, web_url, whole_number
from .github_api import GitHubApi, GitHubApiError, read_json

PAGES_AT_MOST = 10
STEPS_AT_MOST = 3
"""Failed steps of a job that are named."""


@dataclass(frozen=True)
class JobStep:
    """One step of a job, by its name and its number in the log, from 1."""

    name: str
    number: int


@dataclass(frozen=True)
class ApiJob:
    """One job as the API lists it; `conclusion` is None until it has completed."""

    name: str
    status: str
    conclusion: str | None
    duration_seconds: float | None
    runner_name: str | None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    url: str | None = None
    """The page with its log."""
    failed_steps: tuple[JobStep, ...] = ()


def fetch_jobs(environment: Mapping[str, str], ci: CiFacts, notices: list[str]) -> tuple[ApiJob, ...]:
    """Return the attempt's jobs, in the API's order; what stands in the way becomes one notice.

    At most 10 pages of 100 jobs within 30 s; one retry a page for 429 and 5xx. What came before a failing
    page is kept.
    """
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not (ci.repository and ci.workflow_run_id):
        return ()
    if not token:
        notices.append(
            "The jobs' list and durations are absent, as GITHUB_TOKEN is empty: pass `github.token`."
        )
        return ()
    jobs: list[ApiJob] = []
    run = f"/repos/{quote(ci.repository)}/actions/runs/{quote(ci.workflow_run_id)}"
    try:
        with GitHubApi(environment, "actions: read") as api:
            _fetch_pages(api, f"{run}/attempts/{ci.run_attempt or 1}/jobs?per_page=100", jobs)
    except GitHubApiError as error:
        notices.append(f"The jobs' list {'is cut' if jobs else 'and durations are absent'}: {error}.")
    return tuple(jobs)


def jobs_of_attempt(
    api: GitHubApi, repository: str, run_id: int, attempt: int
) -> tuple[tuple[Job, ...], float | None]:
    """The finished jobs of a run that has ended, and the seconds from the first one's start to the last one's end.

    Raises `GitHubApiError`.
    """
    listed: list[ApiJob] = []
    path = f"/repos/{quote(repository)}/actions/runs/{run_id}/attempts/{attempt}/jobs?per_page=100"
    _fetch_pages(api, path, listed)
    return _finished(listed), _elapsed(listed)


def _fetch_pages(api: GitHubApi, path: str, jobs: list[ApiJob]) -> None:
    for _ in range(PAGES_AT_MOST):
        answer = api.get(path)
        jobs.extend(_read_page(answer.body))
        following = api.following(answer, path)
        if following is None:
            return
        path = following
    raise GitHubApiError(f"the run has more than {PAGES_AT_MOST * 100} jobs")


def _read_page(body: bytes) -> list[ApiJob]:
    page = read_json(body)
    listed = page.get("jobs") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise GitHubApiError("GitHub's API sent something else than a list of jobs")
    return [_read_job(job) for job in listed if isinstance(job, dict)]


def _read_job(job: dict[str, Any]) -> ApiJob:
    conclusion = _text(job.get("conclusion"))
    started, completed = _moment(job.get("started_at")), _moment(job.get("completed_at"))
    did_run = conclusion not in (None, "skipped")
    return ApiJob(
        name=_text(job.get("name")) or "",
        status=_text(job.get("status")) or "",
        conclusion=conclusion,
        duration_seconds=seconds_between(started, completed) if did_run else None,
        runner_name=_text(job.get("runner_name")),
        started_at=started if did_run else None,
        completed_at=completed if did_run else None,
        url=web_url(_text(job.get("html_url"))),
        failed_steps=_failed_steps(job.get("steps")) if conclusion in _FAILED else (),
    )


def _failed_steps(steps: object) -> tuple[JobStep, ...]:
    failed = [
        JobStep(_text(step.get("name")) or "", step["number"])
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and step.get("conclusion") in _FAILED and whole_number(step.get("number"))
    ]
    return tuple(failed[:STEPS_AT_MOST])


def seconds_between(started: datetime | None, completed: datetime | None) -> float | None:
    """Seconds from one moment to the other; None where one is unknown or they stand in disorder."""
    if started is None or completed is None or completed < started:
        return None
    return (completed - started).total_seconds()


def _moment(value: object) -> datetime | None:
    """An aware time in ISO 8601; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _text(value: object) -> str | None:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and value else None


WORKFLOW_STATUSES = ("success", "failure", "cancelled", "skipped", "unknown")

# Conclusions of GitHub's check runs ("List jobs for a workflow run attempt", `conclusion`).
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})
_NEUTRAL = frozenset({"skipped", "neutral"})


@dataclass(frozen=True)
class Job:
    """One finished job; its name is as the workflow gives it."""

    name: str
    conclusion: str
    duration_seconds: float | None = None
    url: str | None = None
    """The page with its log, where the API tells it."""
    failed_steps: tuple[JobStep, ...] = ()
    """`STEPS_AT_MOST` of them."""

    @property
    def has_failed(self) -> bool:
        """It ended in failure, of whatever kind."""
        return self.conclusion in _FAILED


@dataclass(frozen=True)
class JobsFacts:
    """The jobs in the order of their source, and one of `WORKFLOW_STATUSES`."""

    jobs: tuple[Job, ...]
    workflow_status: str
    elapsed_seconds: float | None = None
    """From the start of the first finished job to the end of the last; None where the times are unknown."""
    notices: tuple[str, ...] = ()


def read_jobs(environment: Mapping[str, str], ci: CiFacts, status: str | None = None) -> JobsFacts:
    """Return what ran beside the report itself.

    The list and the durations come from GitHub's API, else from `NEEDS_JSON` (the caller's `toJSON(needs)`).
    The verdict is the first of: `status` (the user's word), the jobs of `NEEDS_JSON` (the caller chose these,
    and GitHub counts a job with `continue-on-error` as a success there), the conclusion of the run that
    triggered this one, the API's jobs. Jobs that are not completed, such as the report's own, have no say.

    Raises `UsageError` for a `status` that is none of `WORKFLOW_STATUSES`; everything else leaves a notice.
    """
    if status is not None and status not in WORKFLOW_STATUSES:
        raise UsageError(f"--status: found {status!r}, wanted one of {', '.join(WORKFLOW_STATUSES)}")
    notices: list[str] = []
    needs = _read_needs(environment.get("NEEDS_JSON", ""), notices)
    listed = fetch_jobs(environment, ci, notices) if ci.provider == "github" else ()
    finished = _finished(listed)
    verdict = _verdict(status, needs, ci.conclusion, finished)
    if verdict == "unknown" and ci.provider is None:
        notices.append("There is no CI run whose outcome could be told; `--status` gives one.")
    elif verdict == "unknown":
        notices.append(
            "Whether the workflow succeeded is unknown, as no finished job was seen: "
            "pass `needs: ${{ toJSON(needs) }}` to the report's workflow, or `--status`."
        )
    notices.extend(_running(listed, environment.get("RUNNER_NAME")))
    if verdict == "success" and (failed := [job.name for job in finished if job.conclusion in _FAILED]):
        notices.append(
            f"Ended in failure but not counted: {_names(failed)} (not in `needs`, or allowed to fail)."
        )
    return JobsFacts(finished or needs, verdict, _elapsed(listed), tuple(notices))


def _finished(listed: Iterable[ApiJob]) -> tuple[Job, ...]:
    return tuple(
        Job(job.name, job.conclusion, job.duration_seconds, job.url, job.failed_steps)
        for job in listed
        if job.conclusion
    )


def _elapsed(listed: Iterable[ApiJob]) -> float | None:
    ran = [job for job in listed if job.conclusion and job.started_at and job.completed_at]
    if not ran:
        return None
    started = min(job.started_at for job in ran if job.started_at)
    completed = max(job.completed_at for job in ran if job.completed_at)
    return seconds_between(started, completed)


def workflow_status(conclusions: Iterable[str]) -> str:
    """Return the verdict on the jobs' conclusions: one failure fails, else one cancellation cancels, …

    `success` takes at least one success, and nothing beside it but skipped and neutral jobs; `skipped` takes
    skipped jobs alone; anything else, and no job at all, is `unknown`.
    """
    found = set(conclusions)
    if found & _FAILED:
        return "failure"
    if "cancelled" in found:
        return "cancelled"
    if "success" in found and found <= _NEUTRAL | {"success"}:
        return "success"
    return "skipped" if found == {"skipped"} else "unknown"


def _verdict(
    status: str | None, needs: tuple[Job, ...], conclusion: str | None, finished: tuple[Job, ...]
) -> str:
    if status is not None:
        return status
    if needs:
        return workflow_status(job.conclusion for job in needs)
    if conclusion:
        return workflow_status([conclusion])
    return workflow_status(job.conclusion for job in finished)


def _read_needs(text: str, notices: list[str]) -> tuple[Job, ...]:
    """`{"build": {"result": "success", "outputs": {}}}`: the `needs` context of GitHub's workflows."""
    if not text.strip():
        return ()
    try:
        needs = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        needs = None
    if not isinstance(needs, dict):
        notices.append("NEEDS_JSON is not a JSON object, so it was not used: pass `${{ toJSON(needs) }}`.")
        return ()
    jobs = []
    for name, need in needs.items():
        result = need.get("result") if isinstance(need, dict) else None
        if isinstance(result, str) and result:
            jobs.append(Job(_plain_text(name), _plain_text(result)))
        else:
            notices.append(
                f"NEEDS_JSON has no `result` for {_names([_plain_text(name)])}, so that job was left out."
            )
    return tuple(jobs)


def _running(listed: Iterable[ApiJob], own_runner: str | None) -> list[str]:
    """A notice about jobs that had not ended, the one on our own runner (the report's) aside."""
    running = [job for job in listed if not job.conclusion and job.status in ("in_progress", "queued")]
    others = [job.name for job in running if not own_runner or job.runner_name != own_runner]
    if not others or len(running) == 1:  # the only one that still runs is the report's own
        return []
    return [f"Not finished when the report was made, so not part of it: {_names(others)}."]


def _names(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _plain_text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()
