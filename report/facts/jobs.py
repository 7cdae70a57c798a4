"""What ran: the jobs of the workflow run, from GitHub's API or the caller, and the one verdict on them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from ..errors import UsageError
from .bounded_http import BoundedHttp, HttpAnswer, HttpCallError
from .ci_facts import CiFacts

API_VERSION = "2022-11-28"
PAGES_AT_MOST = 10
SECONDS_AT_MOST = 30.0
PAGE_SECONDS_AT_MOST = 10.0
_RETRY_AFTER_AT_MOST = 10.0


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


class _JobsUnavailableError(Exception):
    """The jobs can't be had; the text is the notice's reason and what to do. Never holds the token."""


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
    base = environment.get("GITHUB_API_URL") or "https://api.github.com"
    run = f"/repos/{quote(ci.repository)}/actions/runs/{quote(ci.workflow_run_id)}"
    try:
        _fetch_pages(f"{_safe(base)}{run}/attempts/{ci.run_attempt or 1}/jobs?per_page=100", token, jobs)
    except _JobsUnavailableError as error:
        notices.append(f"The jobs' list {'is cut' if jobs else 'and durations are absent'}: {error}.")
    return tuple(jobs)


def _safe(base: str) -> str:
    """The API's address. Raises `_JobsUnavailableError` for one that the token must not be sent to."""
    try:
        parts = urlsplit(base)
        is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        _ = parts.port
    except ValueError:
        raise _JobsUnavailableError("GITHUB_API_URL is not a URL") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise _JobsUnavailableError("GITHUB_API_URL is not https, and the token is not sent in the clear")
    return base.rstrip("/")


def _fetch_pages(url: str, token: str, jobs: list[ApiJob]) -> None:
    deadline = time.monotonic() + SECONDS_AT_MOST
    with BoundedHttp(f"Bearer {token}") as http:
        for _ in range(PAGES_AT_MOST):
            answer = _get_page(http, url, deadline)
            jobs.extend(_read_page(answer.body))
            following = _following(answer, url)
            if following is None:
                return
            url = following
    raise _JobsUnavailableError(f"the run has more than {PAGES_AT_MOST * 100} jobs")


def _get_page(http: BoundedHttp, url: str, deadline: float) -> HttpAnswer:
    """Return the answer with a page, after one retry at most."""
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}
    may_retry = True
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise _JobsUnavailableError(f"GitHub's API took longer than {SECONDS_AT_MOST:.0f} s")
        try:
            answer = http.call("GET", url, headers=headers, seconds=min(PAGE_SECONDS_AT_MOST, left))
        except HttpCallError as error:
            raise _JobsUnavailableError(f"GitHub's API {error}") from None
        pause = _seconds_before_retry(answer)
        if may_retry and pause is not None and pause < deadline - time.monotonic():
            may_retry = False
            time.sleep(pause)
            continue
        _require_success(answer)
        return answer


def _following(answer: HttpAnswer, url: str) -> str | None:
    """The next page's URL, of the `Link` header; None after the last."""
    from requests.utils import parse_header_links

    links = parse_header_links(answer.headers.get("Link", ""))
    following = next((link["url"] for link in links if link.get("rel") == "next"), None)
    if following is None:
        return None
    try:
        is_same_host = urlsplit(following)[:2] == urlsplit(url)[:2]
    except ValueError:
        is_same_host = False
    if not is_same_host:
        raise _JobsUnavailableError("the next page is on another host, and the token is not sent there")
    return following


def _seconds_before_retry(answer: HttpAnswer) -> float | None:
    """Return how long to wait before the one retry (Retry-After, at most 10 s), or None where none helps."""
    if answer.status != 429 and answer.status < 500:
        return None
    given = answer.headers.get("Retry-After", "1")
    return min(float(given), _RETRY_AFTER_AT_MOST) if given.isdecimal() else 1.0


def _require_success(answer: HttpAnswer) -> None:
    code = answer.status
    if code == 200:
        return
    is_limited = code == 403 and (
        "Retry-After" in answer.headers or answer.headers.get("X-RateLimit-Remaining") == "0"
    )
    if code == 429 or is_limited:
        raise _JobsUnavailableError(f"GitHub's API answered {code}, its rate limit is used up")
    if code == 401:
        raise _JobsUnavailableError("GitHub's API answered 401: GITHUB_TOKEN is not valid (any more)")
    if code in (403, 404):
        raise _JobsUnavailableError(
            f"GitHub's API answered {code}: the job's token needs `permissions: actions: read`"
        )
    raise _JobsUnavailableError(f"GitHub's API answered {code}")


def _read_page(body: bytes) -> list[ApiJob]:
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        page = None
    listed = page.get("jobs") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise _JobsUnavailableError("GitHub's API sent something else than a list of jobs")
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
    )


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
    finished = tuple(Job(job.name, job.conclusion, job.duration_seconds) for job in listed if job.conclusion)
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
