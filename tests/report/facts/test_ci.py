from __future__ import annotations

import json
from pathlib import Path

import pytest
from devops_mlops_report.report.facts.ci import CiFacts, read_ci

HEAD, MERGE, BEFORE = "a" * 40, "b" * 40, "c" * 40

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF_NAME": "main",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_REPOSITORY": "octo/hello",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_RUN_ID": "77",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": MERGE,
    "GITHUB_WORKFLOW": "ci",
}
REPOSITORY = {"full_name": "octo/hello", "default_branch": "trunk", "private": True}


def github(tmp_path: Path, payload: object, **changes: str) -> CiFacts:
    path = tmp_path / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload), encoding="utf-8")
    return read_ci({**GITHUB, "GITHUB_EVENT_PATH": str(path), **changes})


def pull_request(full_name: str | None) -> dict[str, object]:
    repo = None if full_name is None else {"full_name": full_name}
    return {
        "repository": REPOSITORY,
        "pull_request": {
            "number": 5,
            "head": {"sha": HEAD, "ref": "feature/one", "repo": repo},
            "base": {"ref": "trunk", "repo": {"full_name": "octo/hello"}},
        },
    }


PULL_REQUEST = {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_HEAD_REF": "feature/one",
    "GITHUB_BASE_REF": "trunk",
    "GITHUB_REF_NAME": "5/merge",
}


def test_outside_of_a_ci_every_fact_is_none() -> None:
    assert read_ci({"HOME": "/root"}) == CiFacts()


def test_a_push_gives_its_commit_branch_run_and_range(tmp_path: Path) -> None:
    payload = {"repository": REPOSITORY, "before": BEFORE, "after": MERGE}
    assert github(tmp_path, payload) == CiFacts(
        provider="github",
        repository="octo/hello",
        commit_sha=MERGE,
        branch="main",
        event="push",
        workflow="ci",
        workflow_run_id="77",
        run_attempt=2,
        run_url="https://github.com/octo/hello/actions/runs/77/attempts/2",
        server_url="https://github.com",
        default_branch="trunk",
        actor="octocat",
        before=BEFORE,
        after=MERGE,
        is_fork_pull_request=False,
        is_private=True,
    )


def test_the_first_push_of_a_branch_has_nothing_before(tmp_path: Path) -> None:
    assert github(tmp_path, {"before": "0" * 40, "after": MERGE}).before is None


def test_a_tag_is_not_a_branch(tmp_path: Path) -> None:
    assert github(tmp_path, {}, GITHUB_REF_TYPE="tag", GITHUB_REF_NAME="v1.0").branch == ""


def test_a_pull_request_gives_its_head_and_not_the_merge_commit(tmp_path: Path) -> None:
    facts = github(tmp_path, pull_request("octo/hello"), **PULL_REQUEST)
    assert (facts.commit_sha, facts.branch, facts.base_branch) == (HEAD, "feature/one", "trunk")
    assert (facts.pull_request, facts.is_fork_pull_request) == (5, False)


@pytest.mark.parametrize("full_name", ["stranger/hello", None])
def test_a_pull_request_of_a_fork_is_known_even_when_the_fork_is_gone(
    tmp_path: Path, full_name: str | None
) -> None:
    assert github(tmp_path, pull_request(full_name), **PULL_REQUEST).is_fork_pull_request is True


def test_a_workflow_run_reports_about_the_run_that_triggered_it(tmp_path: Path) -> None:
    run = {
        "id": 1234,
        "run_attempt": 3,
        "name": "tests",
        "event": "push",
        "head_sha": HEAD,
        "head_branch": "feature/one",
        "conclusion": "failure",
        "html_url": "https://github.com/octo/hello/actions/runs/1234",
        "head_repository": {"full_name": "octo/hello"},
        "pull_requests": [{"number": 9, "base": {"ref": "trunk"}}],
    }
    facts = github(
        tmp_path, {"repository": REPOSITORY, "workflow_run": run}, GITHUB_EVENT_NAME="workflow_run"
    )
    assert (facts.commit_sha, facts.branch, facts.base_branch) == (HEAD, "feature/one", "trunk")
    assert (facts.workflow, facts.workflow_run_id, facts.run_attempt) == ("tests", "1234", 3)
    assert facts.run_url == "https://github.com/octo/hello/actions/runs/1234/attempts/3"
    assert (facts.event, facts.pull_request, facts.conclusion) == ("push", 9, "failure")
    assert facts.is_fork_pull_request is False


def test_a_merge_queue_s_group_gives_its_target(tmp_path: Path) -> None:
    payload = {"merge_group": {"base_ref": "refs/heads/trunk", "head_sha": MERGE}}
    assert github(tmp_path, payload, GITHUB_EVENT_NAME="merge_group").base_branch == "trunk"


@pytest.mark.parametrize("payload", ["{", "[]", "null", "", "[" * 100_000])
def test_a_malformed_payload_leaves_a_notice_and_the_variables(tmp_path: Path, payload: str) -> None:
    facts = github(tmp_path, payload)
    assert (facts.commit_sha, facts.branch, facts.default_branch) == (MERGE, "main", None)
    assert facts.notices == ("The event's payload is not a JSON object: the variables alone tell the run.",)


def test_a_payload_of_other_types_is_passed_over(tmp_path: Path) -> None:
    payload = {
        "repository": "octo/hello",
        "before": 1,
        "pull_request": {"head": {"sha": 7, "ref": None, "repo": []}, "number": "5", "base": 3},
    }
    facts = github(tmp_path, payload, **PULL_REQUEST)
    assert (facts.commit_sha, facts.branch, facts.base_branch, facts.pull_request) == (
        MERGE,
        "feature/one",
        "trunk",
        None,
    )


def test_a_payload_that_is_not_there_leaves_a_notice(tmp_path: Path) -> None:
    facts = read_ci({**GITHUB, "GITHUB_EVENT_PATH": str(tmp_path / "absent.json")})
    assert facts.notices[0].startswith("The file of the event's payload is not there: ")


def test_an_attempt_that_is_not_a_number_counts_as_the_first() -> None:
    facts = read_ci({**GITHUB, "GITHUB_RUN_ATTEMPT": "two"})
    assert facts.run_attempt == 1
    assert "GITHUB_RUN_ATTEMPT" in facts.notices[0]


def test_gitlab_s_merge_request_gives_its_source_branch_and_target() -> None:
    facts = read_ci(
        {
            "GITLAB_CI": "true",
            "CI_PROJECT_PATH": "group/part/hello",
            "CI_COMMIT_SHA": MERGE,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature/one",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_IID": "12",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_PIPELINE_ID": "900",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_PIPELINE_URL": "https://gitlab.com/group/part/hello/-/pipelines/900",
            "CI_SERVER_URL": "https://gitlab.com",
            "CI_DEFAULT_BRANCH": "main",
            "CI_PROJECT_VISIBILITY": "internal",
            "CI_COMMIT_BEFORE_SHA": "0" * 40,
        }
    )
    assert (facts.provider, facts.repository, facts.commit_sha) == ("gitlab", "group/part/hello", HEAD)
    assert (facts.branch, facts.base_branch, facts.pull_request) == ("feature/one", "main", 12)
    assert (facts.workflow_run_id, facts.run_attempt, facts.before) == ("900", 1, None)
    assert (facts.is_fork_pull_request, facts.is_private) == (True, True)


def test_gitlab_s_tag_is_not_a_branch() -> None:
    assert read_ci({"GITLAB_CI": "true", "CI_COMMIT_TAG": "v1"}).branch == ""


@pytest.mark.parametrize(
    ("environment", "provider"),
    [
        ({"JENKINS_URL": "x", "GIT_COMMIT": HEAD, "BUILD_NUMBER": "8"}, "jenkins"),
        ({"CIRCLECI": "true", "CIRCLE_SHA1": HEAD, "CIRCLE_WORKFLOW_ID": "8"}, "circleci"),
        ({"BUILDKITE": "true", "BUILDKITE_COMMIT": HEAD, "BUILDKITE_BUILD_ID": "8"}, "buildkite"),
        ({"TF_BUILD": "True", "BUILD_SOURCEVERSION": HEAD, "BUILD_BUILDID": "8"}, "azure"),
    ],
)
def test_other_cis_give_their_commit_and_run(environment: dict[str, str], provider: str) -> None:
    facts = read_ci(environment)
    assert (facts.provider, facts.commit_sha, facts.workflow_run_id, facts.run_attempt) == (
        provider,
        HEAD,
        "8",
        1,
    )


def test_an_unknown_ci_says_that_the_run_has_no_number() -> None:
    facts = read_ci({"CI": "true"})
    assert (facts.provider, facts.workflow_run_id) == ("unknown", None)
    assert len(facts.notices) == 1
