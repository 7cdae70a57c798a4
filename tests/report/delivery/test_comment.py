"""The pull request's comment, from the command to GitHub's API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from devops_mlops_report.report.delivery.comment import Comment, keep_comment
from devops_mlops_report.report.facts.ci_facts import CiFacts
from github_runs import TOKEN, PullRequest
from servers.github_api import SILENCE, github_api

MARK = "<!-- devops-mlops-report name= run="
CI = CiFacts(provider="github", repository="acme/wine", pull_request=5, workflow_run_id="77", run_attempt=1)
FAULTS = [401, 403, 404, 422, 429, 500, SILENCE]


@pytest.fixture
def pull_request(tmp_path: Path) -> Iterator[PullRequest]:
    with github_api() as api:
        yield PullRequest(tmp_path, api)


def _bodies(pull_request: PullRequest) -> list[str]:
    return [comment["body"] for comment in pull_request.api.comments]


def test_a_comment_appears_when_there_is_something_to_say_and_says_when_it_is_settled(
    pull_request: PullRequest,
) -> None:
    api = pull_request.api
    api.add_comment("Nice work", "ada")
    assert pull_request.report(score=0.9).code == 0
    assert (api.asked, len(api.comments)) == (["jobs", "comments"], 1)
    assert pull_request.report(status="failure").code == 0
    assert api.asked == ["jobs", "comments", "comment"]
    first = _bodies(pull_request)[1]
    assert first.startswith(f"{MARK}78.1 -->\n## ❌ ")
    assert "https://github.com/acme/wine/actions/runs/78/attempts/1" in first
    assert pull_request.report(score=0.9).code == 0
    assert api.asked == ["jobs", "comments", "edit"]
    assert len(api.comments) == 2
    settled = _bodies(pull_request)[1]
    assert settled.startswith(f"{MARK}79.1 -->\n## ")
    assert "CI failed" not in settled
    assert api.tokens == {f"Bearer {TOKEN}"}


def test_the_comment_is_the_first_part_of_the_summary(pull_request: PullRequest) -> None:
    pull_request.report(status="failure")
    body = _bodies(pull_request)[0].splitlines()
    summary = pull_request.page.read_text(encoding="utf-8").splitlines()
    assert body[1] == summary[0]
    assert body[-1] == "[The whole report](https://github.com/acme/wine/actions/runs/77/attempts/1)"
    assert "### What ran" not in body


def test_always_writes_and_never_asks_nothing(pull_request: PullRequest) -> None:
    pull_request.configure("comment: always")
    pull_request.report(score=0.9)
    assert (pull_request.api.asked, len(pull_request.api.comments)) == (["jobs", "comments", "comment"], 1)
    pull_request.configure("comment: never")
    pull_request.report(status="failure")
    assert pull_request.api.asked == ["jobs", "artifacts"]


def test_a_strangers_comment_with_our_mark_is_left_alone(pull_request: PullRequest) -> None:
    api = pull_request.api
    imitated = f"{MARK}1.1 -->\nAll is well"
    api.add_comment(imitated, "mallory")
    api.add_comment(f"> {MARK}1.1 -->\nQuoted", "github-actions[bot]")
    api.add_comment(
        "<!-- devops-mlops-report name=other run=1.1 -->\nOf another report", "github-actions[bot]"
    )
    before = _bodies(pull_request)
    pull_request.report(status="failure")
    assert _bodies(pull_request)[:3] == before
    assert len(api.comments) == 4
    pull_request.report(status="failure")
    assert len(api.comments) == 4


def test_with_a_persons_token_that_persons_comments_are_ours(pull_request: PullRequest) -> None:
    api = pull_request.api
    api.user = "ada"
    api.add_comment(f"{MARK}1.1 -->\nA bot's", "other[bot]")
    for _ in range(2):
        pull_request.report(status="failure", GITHUB_TOKEN="github_pat_s3cret01234567890")
    assert [comment["user"]["login"] for comment in api.comments] == ["other[bot]", "ada"]
    assert api.comments[0]["body"].endswith("A bot's")


def test_a_comment_of_a_newer_run_stays(pull_request: PullRequest) -> None:
    pull_request.api.add_comment(f"{MARK}1000.1 -->\nNewer")
    pull_request.report(status="failure")
    assert pull_request.api.asked == ["jobs", "comments"]
    assert _bodies(pull_request) == [f"{MARK}1000.1 -->\nNewer"]


def test_ours_is_found_behind_a_hundred_others(pull_request: PullRequest) -> None:
    for number in range(100):
        pull_request.api.add_comment(f"Comment {number}", "ada")
    pull_request.api.add_comment(f"{MARK}1.1 -->\nOurs")
    pull_request.report(status="failure")
    assert pull_request.api.asked == ["jobs", "comments", "comments", "edit"]
    assert len(pull_request.api.comments) == 101


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["comments", "comment", "edit", "user"])
def test_a_fault_is_a_sentence(operation: str, fault: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devops_mlops_report.report.facts.github_api.REQUEST_SECONDS_AT_MOST", 0.3)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    token = "github_pat_s3cret01234567890" if operation == "user" else TOKEN
    with github_api() as api:
        if operation == "edit":
            api.add_comment(f"{MARK}1.1 -->\nOurs")
        api.faults[operation] = fault
        environment = {"GITHUB_API_URL": api.url, "GITHUB_TOKEN": token}
        told = keep_comment(environment, CI, Comment("on_change", "text", is_worth_saying=True))
    is_bots = operation == "user" and fault in (403, 404)  # a bot can't ask who it is
    assert len(told) == (not is_bots)
    assert token not in "".join(told)
    if fault in (403, 404) and told:
        assert "`permissions: pull-requests: write`" in told[0]


@pytest.mark.parametrize(("operation", "fault"), [("comments", SILENCE), ("comment", 403), ("edit", 500)])
def test_neither_report_nor_row_nor_exit_code_suffer(
    pull_request: PullRequest, operation: str, fault: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devops_mlops_report.report.facts.github_api.REQUEST_SECONDS_AT_MOST", 0.5)
    if operation == "edit":
        pull_request.api.add_comment(f"{MARK}1.1 -->\nOurs")
    pull_request.api.faults[operation] = fault
    answer = pull_request.report(status="failure")
    assert answer.code == 0
    page = pull_request.page.read_text(encoding="utf-8")
    assert page.startswith("## ❌ CI failed")
    assert "The pull request has no comment of this run: GitHub's API " in page.replace("&#39;", "'")
    assert [row["workflow_status"] for row in pull_request.rows] == ["failure"]
    assert TOKEN not in page + answer.stdout + answer.stderr


def test_a_refusal_where_there_is_nothing_to_say_is_not_told(pull_request: PullRequest) -> None:
    pull_request.api.faults["comments"] = 403
    answer = pull_request.report(score=0.9)
    assert (answer.code, "comment" in answer.stderr) == (0, False)


def test_a_fork_gets_no_comment_and_a_dry_run_writes_none(pull_request: PullRequest) -> None:
    pull_request.report("--dry-run", status="failure")
    assert pull_request.api.asked == ["jobs"]
    pull_request.head_repository = "stranger/wine"
    pull_request.report(status="failure")
    assert pull_request.api.asked == ["jobs", "artifacts"]
    assert pull_request.api.comments == []


def test_a_secret_in_what_is_told_is_hidden(pull_request: PullRequest) -> None:
    pull_request.checkout.commit("Use hunter22hunter22")
    pull_request.report(status="failure", score=0.5, MY_PASSWORD="78.hunter22hunter22")
    pull_request.configure("comment: always")
    pull_request.report(status="failure", MY_PASSWORD="Commit 78")
    assert "Commit 78" not in _bodies(pull_request)[0]
    assert "(hidden)" in _bodies(pull_request)[0]


def test_what_nobody_foresaw_is_named_and_fails_nothing(
    pull_request: PullRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("boom")

    for name, part in (
        ("render_comment", "Rendering the comment"),
        ("keep_comment", "The pull request's comment"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(f"devops_mlops_report.report.announcing.{name}", explode)
            answer = pull_request.report(status="failure")
        assert (answer.code, f"{part} failed: unexpected RuntimeError" in answer.stderr) == (0, True)
    assert len(pull_request.rows) == 2
