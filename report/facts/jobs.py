"""What ran: the jobs of the workflow run, and the one verdict on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..errors import UsageError
from .ci_facts import CiFacts
from .jobs_api import ApiJob, fetch_jobs, seconds_between

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
            jobs.append(Job(_text(name), _text(result)))
        else:
            notices.append(
                f"NEEDS_JSON has no `result` for {_names([_text(name)])}, so that job was left out."
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


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()
