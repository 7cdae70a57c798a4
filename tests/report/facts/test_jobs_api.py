"""The double answers with the shapes of GitHub's "REST API endpoints for workflow jobs"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from devops_mlops_report.report.facts import github_api
from devops_mlops_report.report.facts.ci_facts import CiFacts
from devops_mlops_report.report.facts.jobs import Job, JobsFacts, read_jobs
from servers.odd_server import answering, dripping, refusing, silent

if TYPE_CHECKING:
    from conftest import JobsApi

PATH = "/repos/octo/hello/actions/runs/77/attempts/2/jobs?per_page=100"
CI = CiFacts(provider="github", repository="octo/hello", workflow_run_id="77", run_attempt=2)
TOKEN = "ghs_s3cret"


def job(name: str, conclusion: str | None = "success", **changes: object) -> dict[str, object]:
    return {
        "id": 399444496,
        "run_id": 77,
        "run_url": "https://api.github.com/repos/octo/hello/actions/runs/77",
        "run_attempt": 2,
        "node_id": "MDg6Q2hlY2tSdW4zOTk0NDQ0OTY=",
        "head_sha": "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0",
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "started_at": "2026-11-22T17:42:40Z",
        "completed_at": "2026-11-22T17:44:39Z" if conclusion else None,
        "name": name,
        "steps": [],
        "labels": ["ubuntu-24.04"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "workflow_name": "ci",
        **changes,
    }


def page(*jobs: dict[str, object]) -> bytes:
    return json.dumps({"total_count": len(jobs), "jobs": jobs}).encode()


def read(api: JobsApi, ci: CiFacts = CI, **changes: str) -> JobsFacts:
    return read_jobs({"GITHUB_API_URL": api.url, "GITHUB_TOKEN": TOKEN, **changes}, ci)


def test_jobs_have_their_conclusions_and_durations(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("build"), job("train (3.12)", "failure"), job("deploy", "skipped")))
    facts = read(jobs_api)
    assert facts.jobs == (
        Job("build", "success", 119.0),
        Job("train (3.12)", "failure", 119.0),
        Job("deploy", "skipped", None),
    )
    assert (facts.workflow_status, facts.notices) == ("failure", ())


def test_the_request_pins_the_api_version_and_sends_the_token_as_a_header(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("build")))
    read(jobs_api)
    [(path, headers)] = jobs_api.requests
    assert path == PATH
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["accept"] == "application/vnd.github+json"


def test_the_report_s_own_job_has_no_say(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("build"), job("report / report", None, runner_name="GitHub Actions 2")))
    for runner in ({}, {"RUNNER_NAME": "GitHub Actions 2"}):
        facts = read(jobs_api, **runner)
        assert (facts.jobs, facts.workflow_status, facts.notices) == (
            (Job("build", "success", 119.0),),
            "success",
            (),
        )


def test_other_jobs_that_still_run_are_named(jobs_api: JobsApi) -> None:
    listed = page(
        job("build"),
        job("report", None, runner_name="own"),
        job("slow", None),
        job("late", None, status="queued"),
    )
    jobs_api.answer(PATH, listed)
    facts = read(jobs_api, RUNNER_NAME="own")
    assert facts.workflow_status == "success"
    assert facts.notices == ("Not finished when the report was made, so not part of it: 'slow', 'late'.",)


def test_needs_give_the_status_and_the_api_the_durations(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("Build it"), job("Flaky", "failure")))
    facts = read(jobs_api, NEEDS_JSON='{"build": {"result": "success"}, "flaky": {"result": "success"}}')
    assert [seen.name for seen in facts.jobs] == ["Build it", "Flaky"]
    assert facts.workflow_status == "success"
    assert "'Flaky'" in facts.notices[0]


def test_pages_are_followed_by_the_link_header(jobs_api: JobsApi) -> None:
    following = f"{PATH}&page=2"
    jobs_api.answer(PATH, page(job("one")), Link=f'<{jobs_api.url}{following}>; rel="next"')
    jobs_api.answer(following, page(job("two")), Link=f'<{jobs_api.url}{PATH}>; rel="first"')
    assert [seen.name for seen in read(jobs_api).jobs] == ["one", "two"]


def test_pages_without_end_are_cut_and_said(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("again")), Link=f'<{jobs_api.url}{PATH}>; rel="next"')
    facts = read(jobs_api)
    assert len(jobs_api.requests) == len(facts.jobs) == 10
    assert facts.notices == ("The jobs' list is cut: the run has more than 1000 jobs.",)


def test_a_next_page_on_another_host_gets_no_token(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("one")), Link=f'<http://localhost:1{PATH}>; rel="next"')
    facts = read(jobs_api)
    assert [seen.name for seen in facts.jobs] == ["one"]
    assert "another host" in facts.notices[0]


def test_a_next_page_that_is_no_address_is_one_notice(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, page(job("one")), Link='<http://[::1>; rel="next"')
    assert "another host" in read(jobs_api).notices[0]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_passing_fault_is_tried_once_more(jobs_api: JobsApi, status: int) -> None:
    jobs_api.answer(PATH, b"{}", status=status, Retry_After="0")
    jobs_api.answer(PATH, page(job("build")))
    facts = read(jobs_api)
    assert (len(jobs_api.requests), facts.workflow_status, facts.notices) == (2, "success", ())


def test_a_fault_that_stays_is_said_after_one_retry(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, b"{}", status=503, Retry_After="0")
    facts = read(jobs_api)
    assert len(jobs_api.requests) == 2
    assert facts.notices[0] == "The jobs' list and durations are absent: GitHub's API answered 503."


def test_retry_after_is_followed_up_to_ten_seconds(
    jobs_api: JobsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(github_api.time, "sleep", pauses.append)
    for header, pause in (("3", 3.0), ("3600", 10.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0)):
        jobs_api.answers.clear()
        jobs_api.answer(PATH, b"{}", status=429, Retry_After=header)
        read(jobs_api)
        assert pauses.pop() == pause


@pytest.mark.parametrize(
    ("status", "headers", "wanted"),
    [
        (403, {}, "needs `permissions: actions: read`"),
        (404, {}, "needs `permissions: actions: read`"),
        (403, {"X_RateLimit_Remaining": "0"}, "rate limit"),
        (403, {"Retry_After": "60"}, "rate limit"),
        (401, {}, "not valid"),
        (204, {}, "answered 204"),
    ],
)
def test_a_refusal_says_what_to_do_and_never_the_token(
    jobs_api: JobsApi, status: int, headers: dict[str, str], wanted: str
) -> None:
    jobs_api.answer(PATH, b"" if status == 204 else b'{"message": "no"}', status=status, **headers)
    facts = read(jobs_api)
    assert len(jobs_api.requests) == 1
    assert wanted in facts.notices[0]
    assert TOKEN not in "".join(facts.notices)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"jobs": 1}', b"[" * 100_000])
def test_an_answer_that_is_no_list_of_jobs_is_said(jobs_api: JobsApi, body: bytes) -> None:
    jobs_api.answer(PATH, body)
    facts = read(jobs_api)
    assert facts.jobs == ()
    assert "something else than a list of jobs" in facts.notices[0]


def test_an_odd_job_among_others_costs_only_its_own_facts(jobs_api: JobsApi) -> None:
    odd = [
        job("no times", started_at=None, completed_at=None),
        job("backwards", started_at="2026-11-22T18:00:00Z"),
        job("mixed", started_at="2026-11-22T17:00:00"),
        {"conclusion": "success"},
    ]
    jobs_api.answer(PATH, json.dumps({"total_count": 5, "jobs": [*odd, "text"]}).encode())
    facts = read(jobs_api)
    assert [(seen.name, seen.duration_seconds) for seen in facts.jobs] == [
        ("no times", None),
        ("backwards", None),
        ("mixed", None),
        ("", None),
    ]


def read_from(url: str) -> str:
    """The first notice of a reading from a server that gives no jobs."""
    facts = read_jobs({"GITHUB_API_URL": url, "GITHUB_TOKEN": TOKEN}, CI)
    assert facts.jobs == ()
    return facts.notices[0]


def test_nobody_listening_is_one_notice() -> None:
    with refusing() as url:
        told = read_from(url)
    assert told == "The jobs' list and durations are absent: GitHub's API can't be reached (ConnectionError)."


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_api, "REQUEST_SECONDS_AT_MOST", 0.2)
    with silent() as url:
        assert "had not answered in full after 0.2 s" in read_from(url)


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"]
)
def test_an_answer_that_drips_is_given_up(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_api, "REQUEST_SECONDS_AT_MOST", 0.3)
    with dripping(beginning) as url:
        assert "had not answered in full after 0.3 s" in read_from(url)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://127.0.0.1:port", "ftp://127.0.0.1", "nonsense", "\udcff"]
)
def test_an_address_that_is_none_is_one_notice(url: str) -> None:
    assert read_from(url).startswith("The jobs' list and durations are absent: GITHUB_API_URL is not ")


def test_a_redirect_is_followed_on_the_same_host_alone(jobs_api: JobsApi) -> None:
    jobs_api.answer(PATH, b"", status=301, Location="/repositories/1/jobs")
    jobs_api.answer("/repositories/1/jobs", page(job("build")))
    assert [seen.name for seen in read(jobs_api).jobs] == ["build"]
    with answering(200, page(job("stolen"))) as (elsewhere, seen):
        jobs_api.answers.clear()
        jobs_api.answer(PATH, b"", status=301, Location=f"{elsewhere}/jobs")
        facts = read(jobs_api)
    assert (facts.jobs, seen) == ((), [])
    assert "redirects to another host" in facts.notices[0]


def test_the_whole_of_it_has_a_time_limit(jobs_api: JobsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_api, "SECONDS_AT_MOST", 0.0)
    assert "took longer than" in read(jobs_api).notices[0]


def test_a_token_that_can_t_be_a_header_is_not_shown(jobs_api: JobsApi) -> None:
    facts = read(jobs_api, GITHUB_TOKEN="ghs_one\nghs_two")
    assert "GitHub's API was not asked, as its credential holds what no header can" in facts.notices[0]
    assert "ghs_" not in "".join(facts.notices)


def test_without_a_token_nothing_is_asked_and_the_notice_says_so(jobs_api: JobsApi) -> None:
    facts = read(jobs_api, GITHUB_TOKEN="")
    assert jobs_api.requests == []
    assert "GITHUB_TOKEN is empty" in facts.notices[0]


def test_a_token_is_not_sent_in_the_clear() -> None:
    facts = read_jobs({"GITHUB_API_URL": "http://api.example.com", "GITHUB_TOKEN": TOKEN}, CI)
    assert "not https" in facts.notices[0]


def test_another_ci_is_not_asked(jobs_api: JobsApi) -> None:
    read(jobs_api, CiFacts(provider="gitlab", repository="a/b", workflow_run_id="1", run_attempt=1))
    assert jobs_api.requests == []
