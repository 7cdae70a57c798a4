"""The jobs of a workflow run attempt, from GitHub's REST API.

Source: "REST API endpoints for workflow jobs", `GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/
{attempt_number}/jobs`; paging by the `Link` header ("Using pagination in the REST API").
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

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
