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
    facts = github(tmp_path, pull_request(full_name), **PULL_REQUEST)
    assert (facts.is_fork_pull_request, facts.untrusted) == (True, "comes from a fork")


def without(payload: dict[str, object], *path: str) -> dict[str, object]:
    """A copy without what is at the path."""
    copy = json.loads(json.dumps(payload))
    place = copy
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return copy


UNTOLD = {
    "no payload": {},
    "no JSON": "<html>",
    "no pull request": {"repository": REPOSITORY},
    "no head": without(pull_request("octo/hello"), "pull_request", "head"),
    "no repository of the head": without(pull_request("octo/hello"), "pull_request", "head", "repo"),
    "no name": without(pull_request("octo/hello"), "pull_request", "head", "repo", "full_name"),
}


@pytest.mark.parametrize("payload", UNTOLD.values(), ids=UNTOLD.keys())
def test_a_pull_request_whose_origin_is_not_told_is_not_trusted(tmp_path: Path, payload: object) -> None:
    facts = github(tmp_path, payload, GITHUB_REF="refs/pull/5/merge", **PULL_REQUEST)
    assert (facts.is_pull_request, facts.is_fork_pull_request, facts.pull_request) == (True, None, 5)
    assert "does not tell whether it comes from a fork" in facts.untrusted
    assert facts.base_branch == "trunk"


def test_a_pull_request_of_the_own_repository_is_trusted_in_whatever_case_it_is_written(
    tmp_path: Path,
) -> None:
    facts = github(tmp_path, pull_request("Octo/Hello"), **PULL_REQUEST)
    assert (facts.is_pull_request, facts.untrusted) == (True, "")


def test_without_any_name_of_our_own_no_pull_request_is_trusted(tmp_path: Path) -> None:
    payload = without(pull_request("octo/hello"), "repository")
    assert github(tmp_path, payload, **PULL_REQUEST, GITHUB_REPOSITORY="").untrusted


def test_a_comment_on_a_pull_request_may_be_about_a_strangers_code(tmp_path: Path) -> None:
    payload = {"repository": REPOSITORY, "issue": {"number": 5, "pull_request": {"url": "x"}}}
    assert github(tmp_path, payload, GITHUB_EVENT_NAME="issue_comment").untrusted
    assert not github(tmp_path, {"issue": {"number": 5}}, GITHUB_EVENT_NAME="issue_comment").untrusted


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
    assert (facts.is_pull_request, facts.is_fork_pull_request) == (False, False)


@pytest.mark.parametrize(
    ("run", "is_fork"),
    [
        ({"event": "pull_request", "head_repository": {"full_name": "stranger/hello"}}, True),
        ({"event": "push", "head_repository": {"full_name": "stranger/hello"}}, True),
        ({"event": "pull_request", "head_repository": None}, True),
        ({"event": "pull_request"}, None),
        ({"event": "push"}, None),
        (None, None),
    ],
)
def test_a_workflow_run_of_another_repository_or_of_none_that_is_told_is_not_trusted(
    tmp_path: Path, run: dict[str, object] | None, is_fork: bool | None
) -> None:
    payload = {"repository": REPOSITORY, "workflow_run": run}
    facts = github(tmp_path, payload, GITHUB_EVENT_NAME="workflow_run")
    assert facts.is_fork_pull_request is is_fork
    assert facts.untrusted


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


@pytest.mark.parametrize("attempt", ["two", "-1", "0", "9" * 30, "٣", "1.0", "\udcff"])
def test_an_attempt_that_is_not_a_number_counts_as_the_first(attempt: str) -> None:
    facts = read_ci({**GITHUB, "GITHUB_RUN_ATTEMPT": attempt})
    assert facts.run_attempt == 1
    assert facts.run_url == "https://github.com/octo/hello/actions/runs/77/attempts/1"
    [notice] = facts.notices
    assert notice.startswith("GITHUB_RUN_ATTEMPT is '")
    assert notice.encode()


def test_what_no_text_can_hold_is_never_a_fact(tmp_path: Path) -> None:
    payload = pull_request("octo/hello")
    payload["pull_request"]["head"] |= {"ref": "a\0b", "sha": "\0" * 40}
    payload["pull_request"] |= {"number": 10**30}
    odd = {name: "\udcff\x1b[1m\0" for name in GITHUB if name != "GITHUB_ACTIONS"} | PULL_REQUEST
    for facts in (
        github(tmp_path, payload, **PULL_REQUEST),
        github(tmp_path, {"before": "--upload-pack=x", "after": "\ud800"}, **odd),
    ):
        for value in vars(facts).values():
            for text in value if isinstance(value, tuple) else (value,):
                assert not isinstance(text, str) or (text.isprintable() and text.encode())
        assert facts.pull_request is None
        assert facts.commit_sha in (None, MERGE)
        assert (facts.before, facts.after) == (None, None)


@pytest.mark.parametrize(
    "name", ["no repository", "../../x", "a/../b", "octo", "a/b?c", "a/b\nc", "/", "é/à"]
)
def test_a_repository_that_is_none_is_passed_over(name: str) -> None:
    facts = read_ci({**GITHUB, "GITHUB_REPOSITORY": name})
    assert (facts.repository, facts.run_url) == (None, None)
    assert "GITHUB_REPOSITORY is " in facts.notices[0]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://[::1", "https://", "github.com", "https://a b", "x"]
)
def test_an_address_that_nobody_can_follow_is_passed_over(url: str) -> None:
    facts = read_ci({**GITHUB, "GITHUB_SERVER_URL": url})
    assert (facts.server_url, facts.run_url) == (None, None)
    assert read_ci({"JENKINS_URL": "x", "BUILD_URL": url}).run_url is None


@pytest.mark.parametrize("sign", ["GITEA_ACTIONS", "FORGEJO_ACTIONS"])
def test_gitea_and_forgejo_tell_what_github_does(tmp_path: Path, sign: str) -> None:
    changes = {
        sign: "true",
        "GITHUB_SERVER_URL": "https://git.example.org",
        "GITHUB_RUN_NUMBER": "12",
        **PULL_REQUEST,
    }
    facts = github(tmp_path, pull_request("stranger/hello"), **changes)
    assert (facts.provider, facts.commit_sha, facts.workflow_run_id) == ("gitea", HEAD, "77")
    assert facts.run_url == "https://git.example.org/octo/hello/actions/runs/12"
    assert facts.untrusted == "comes from a fork"
    assert not github(tmp_path, pull_request("octo/hello"), **changes).untrusted


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


GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": HEAD,
    "CI_PIPELINE_ID": "900",
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_PROJECT_ID": "1",
    "CI_MERGE_REQUEST_IID": "12",
    "CI_MERGE_REQUEST_PROJECT_ID": "1",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
}


@pytest.mark.parametrize(
    ("changes", "untrusted"),
    [
        ({}, ""),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}, "comes from a fork"),
        # A merge request's pipeline that runs in the fork itself.
        ({"CI_PROJECT_ID": "2", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}, "comes from a fork"),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": ""}, "does not tell"),
        ({"CI_MERGE_REQUEST_PROJECT_ID": ""}, "does not tell"),
    ],
)
def test_gitlab_s_merge_request_is_trusted_where_both_projects_are_told_to_be_one(
    changes: dict[str, str], untrusted: str
) -> None:
    facts = read_ci({**GITLAB, **changes})
    assert facts.is_pull_request
    assert bool(facts.untrusted) == bool(untrusted)
    assert untrusted in facts.untrusted


def test_gitlab_s_pipeline_of_a_merge_request_s_ref_is_one_of_a_merge_request() -> None:
    environment = {"GITLAB_CI": "true", "CI_COMMIT_REF_NAME": "refs/merge-requests/12/head"}
    assert "does not tell" in read_ci(environment).untrusted
    assert not read_ci(
        {"GITLAB_CI": "true", "CI_COMMIT_REF_NAME": "main", "CI_OPEN_MERGE_REQUESTS": "g/p!1"}
    ).untrusted


def test_gitlab_s_pipeline_of_a_pull_request_elsewhere_is_told_by_its_repositories() -> None:
    facts = read_ci(
        {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "external_pull_request_event",
            "CI_COMMIT_SHA": HEAD,
            "CI_EXTERNAL_PULL_REQUEST_IID": "4",
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "stranger/hello",
            "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "octo/hello",
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": "feature/one",
            "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME": "main",
        }
    )
    assert (facts.branch, facts.base_branch, facts.pull_request) == ("feature/one", "main", 4)
    assert facts.untrusted == "comes from a fork"


def test_gitlab_s_tag_is_not_a_branch() -> None:
    assert read_ci({"GITLAB_CI": "true", "CI_COMMIT_TAG": "v1"}).branch == ""


# As an agent has them: of a push, and of a pull request from a fork on GitHub.
AZURE = {
    "TF_BUILD": "True",
    "BUILD_SOURCEBRANCH": "refs/heads/feature/main",
    "BUILD_SOURCEBRANCHNAME": "main",
    "BUILD_SOURCEVERSION": HEAD,
    "BUILD_REASON": "IndividualCI",
    "BUILD_BUILDID": "8",
    "BUILD_DEFINITIONNAME": "octo.hello",
    "BUILD_REQUESTEDFOR": "Octo Cat",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/octo/",
    "SYSTEM_TEAMPROJECT": "The project",
    "SYSTEM_JOBATTEMPT": "1",
    "SYSTEM_STAGEATTEMPT": "1",
    "SYSTEM_PULLREQUEST_ISFORK": "False",
}
AZURE_REQUEST = {
    **AZURE,
    "BUILD_SOURCEBRANCH": "refs/pull/62306/merge",
    "BUILD_SOURCEBRANCHNAME": "merge",
    "BUILD_SOURCEVERSION": MERGE,
    "BUILD_REASON": "PullRequest",
    "SYSTEM_PULLREQUEST_PULLREQUESTID": "293753840",
    "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "62306",
    "SYSTEM_PULLREQUEST_SOURCEBRANCH": "feature/one",
    "SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD,
    "SYSTEM_PULLREQUEST_TARGETBRANCH": "release/1",
}


def test_azure_s_branch_is_the_whole_of_its_name() -> None:
    assert read_ci(AZURE) == CiFacts(
        provider="azure",
        commit_sha=HEAD,
        branch="feature/main",
        event="IndividualCI",
        workflow="octo.hello",
        workflow_run_id="8",
        run_attempt=1,
        run_url="https://dev.azure.com/octo/The%20project/_build/results?buildId=8",
        actor="Octo Cat",
    )


@pytest.mark.parametrize(
    ("ref", "branch"),
    [("refs/tags/v1/2", ""), ("main", "main"), ("refs/pull/7/merge", None), ("refs/other", None)],
)
def test_azure_s_other_refs_are_no_branches(ref: str, branch: str | None) -> None:
    assert read_ci({**AZURE, "BUILD_SOURCEBRANCH": ref}).branch == branch


def test_azure_s_pull_request_gives_its_head_number_and_both_branches() -> None:
    facts = read_ci(AZURE_REQUEST)
    assert (facts.commit_sha, facts.branch, facts.base_branch) == (HEAD, "feature/one", "release/1")
    assert (facts.pull_request, facts.event, facts.untrusted) == (62306, "PullRequest", "")
    of_azure = {"SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "", "SYSTEM_PULLREQUEST_PULLREQUESTID": "123"}
    of_azure |= {
        f"SYSTEM_PULLREQUEST_{side}BRANCH": f"refs/heads/{name}"
        for side, name in (("SOURCE", "feature/one"), ("TARGET", "release/1"))
    }
    facts = read_ci({**AZURE_REQUEST, **of_azure})
    assert (facts.branch, facts.base_branch, facts.pull_request) == ("feature/one", "release/1", 123)


@pytest.mark.parametrize(
    ("changes", "untrusted"),
    [
        ({"SYSTEM_PULLREQUEST_ISFORK": "True"}, "comes from a fork"),
        ({"SYSTEM_PULLREQUEST_ISFORK": ""}, "does not tell"),
        ({"SYSTEM_PULLREQUEST_ISFORK": "perhaps"}, "does not tell"),
    ],
)
@pytest.mark.parametrize("shown_by", ["all", "ref", "reason", "number"])
def test_azure_s_pull_request_is_trusted_where_it_says_that_it_is_of_no_fork(
    changes: dict[str, str], untrusted: str, shown_by: str
) -> None:
    shows = {
        "ref": "BUILD_SOURCEBRANCH",
        "reason": "BUILD_REASON",
        "number": "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER",
    }
    kept = {name: AZURE_REQUEST[name] for key, name in shows.items() if shown_by in (key, "all")}
    assert untrusted in read_ci({**AZURE, **kept, **changes}).untrusted


@pytest.mark.parametrize(
    ("stage", "job", "attempt"), [("1", "2", 2), ("3", "1", 3), ("", "", 1), ("x", "1", 1)]
)
def test_azure_s_attempt_is_that_of_the_stage_or_the_job(stage: str, job: str, attempt: int) -> None:
    facts = read_ci({**AZURE, "SYSTEM_STAGEATTEMPT": stage, "SYSTEM_JOBATTEMPT": job})
    assert facts.run_attempt == attempt


CIRCLE = {
    "CI": "true",
    "CIRCLECI": "true",
    "CIRCLE_SHA1": HEAD,
    "CIRCLE_BRANCH": "feature/one",
    "CIRCLE_JOB": "report",
    "CIRCLE_WORKFLOW_ID": "0b1c",
    "CIRCLE_BUILD_URL": "https://circleci.com/gh/octo/hello/8",
    "CIRCLE_PROJECT_USERNAME": "octo",
    "CIRCLE_PROJECT_REPONAME": "hello",
    "CIRCLE_USERNAME": "octocat",
}
CIRCLE_FORK = {
    **CIRCLE,
    "CIRCLE_BRANCH": "pull/5",
    "CIRCLE_PULL_REQUEST": "https://github.com/octo/hello/pull/5",
    "CIRCLE_PR_NUMBER": "5",
    "CIRCLE_PR_USERNAME": "stranger",
    "CIRCLE_PR_REPONAME": "hello",
}


def test_circleci_s_push_is_of_the_repository() -> None:
    facts = read_ci(CIRCLE)
    assert (facts.branch, facts.workflow, facts.workflow_run_id) == ("feature/one", "report", "0b1c")
    assert (facts.is_pull_request, facts.pull_request, facts.untrusted) == (False, None, "")
    assert read_ci({**CIRCLE, "CIRCLE_BRANCH": "", "CIRCLE_TAG": "v1"}).branch == ""


def test_circleci_s_pull_request_of_a_branch_of_the_repository_is_trusted() -> None:
    facts = read_ci({**CIRCLE, "CIRCLE_PULL_REQUEST": "https://github.com/octo/hello/pull/5"})
    assert (facts.is_pull_request, facts.pull_request, facts.untrusted) == (True, 5, "")


@pytest.mark.parametrize(
    ("absent", "untrusted"),
    [
        ((), "comes from a fork"),
        (("CIRCLE_PULL_REQUEST", "CIRCLE_PR_NUMBER"), "comes from a fork"),
        (("CIRCLE_PR_USERNAME",), "does not tell"),
        (("CIRCLE_PR_USERNAME", "CIRCLE_PR_REPONAME", "CIRCLE_PR_NUMBER"), "does not tell"),
        (("CIRCLE_PROJECT_USERNAME",), "does not tell"),
    ],
)
def test_circleci_s_pull_request_of_a_fork_is_not_trusted(absent: tuple[str, ...], untrusted: str) -> None:
    environment = {name: value for name, value in CIRCLE_FORK.items() if name not in absent}
    assert untrusted in read_ci(environment).untrusted
    assert "does not tell" in read_ci({**CIRCLE, "CIRCLE_BRANCH": "pull/5/head"}).untrusted


JENKINS = {
    "JENKINS_URL": "https://ci.example.org/",
    "GIT_COMMIT": HEAD,
    "JOB_NAME": "wine/main",
    "BUILD_NUMBER": "8",
    "BUILD_URL": "https://ci.example.org/job/wine/job/main/8/",
    "BRANCH_NAME": "main",
}
JENKINS_CHANGE = {
    **JENKINS,
    "JOB_NAME": "wine/PR-5",
    "BRANCH_NAME": "PR-5",
    "CHANGE_ID": "5",
    "CHANGE_BRANCH": "feature/one",
    "CHANGE_TARGET": "main",
}


def test_jenkins_run_is_its_job_and_its_number() -> None:
    facts = read_ci(JENKINS)
    assert (facts.workflow, facts.workflow_run_id, facts.run_attempt) == ("wine", "wine/main#8", 1)
    assert (facts.branch, facts.untrusted) == ("main", "")
    assert read_ci({**JENKINS, "JOB_NAME": "wine/other"}).workflow_run_id != facts.workflow_run_id
    assert read_ci({**JENKINS, "JOB_NAME": ""}).workflow_run_id == "8"


@pytest.mark.parametrize(
    ("job", "branch", "workflow"),
    [
        ("team/wine/feature%2Fone", "feature/one", "team/wine"),
        ("wine/PR-5", "PR-5", "wine"),
        ("team/nightly", "main", "team/nightly"),
        ("main", "main", "main"),
    ],
)
def test_jenkins_workflow_is_the_project_whichever_branch_it_builds(
    job: str, branch: str, workflow: str
) -> None:
    assert read_ci({**JENKINS, "JOB_NAME": job, "BRANCH_NAME": branch}).workflow == workflow


def test_jenkins_tag_is_no_branch_and_a_job_of_its_own_has_git_s() -> None:
    assert read_ci({**JENKINS, "BRANCH_NAME": "v1", "TAG_NAME": "v1"}).branch == ""
    assert read_ci({**JENKINS, "BRANCH_NAME": "", "GIT_BRANCH": "origin/feature/one"}).branch == "feature/one"


def test_jenkins_change_gives_its_number_and_both_branches() -> None:
    facts = read_ci(JENKINS_CHANGE)
    assert (facts.branch, facts.base_branch, facts.pull_request) == ("feature/one", "main", 5)
    assert (facts.is_pull_request, facts.untrusted) == (True, "")


@pytest.mark.parametrize(
    ("changes", "untrusted"),
    [
        ({"CHANGE_FORK": "stranger"}, "comes from a fork"),
        ({"CHANGE_FORK": "stranger/hello", "CHANGE_BRANCH": ""}, "comes from a fork"),
        ({"CHANGE_BRANCH": ""}, "does not tell"),
        ({"CHANGE_ID": "", "CHANGE_BRANCH": "", "CHANGE_TARGET": "", "ghprbPullId": "5"}, "does not tell"),
        (
            {"CHANGE_ID": "", "CHANGE_BRANCH": "", "CHANGE_TARGET": "", "gitlabMergeRequestIid": "5"},
            "does not tell",
        ),
    ],
)
def test_jenkins_change_of_a_fork_or_of_an_origin_that_is_not_told_is_not_trusted(
    changes: dict[str, str], untrusted: str
) -> None:
    facts = read_ci({**JENKINS_CHANGE, **changes})
    assert untrusted in facts.untrusted
    assert facts.pull_request == 5


BUILDKITE = {
    "CI": "true",
    "BUILDKITE": "true",
    "BUILDKITE_COMMIT": HEAD,
    "BUILDKITE_BRANCH": "main",
    "BUILDKITE_BUILD_ID": "9e08",
    "BUILDKITE_BUILD_URL": "https://buildkite.com/octo/hello/builds/1514",
    "BUILDKITE_PIPELINE_SLUG": "hello",
    "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "trunk",
    "BUILDKITE_SOURCE": "webhook",
    "BUILDKITE_REPO": "git@github.com:octo/hello.git",
    "BUILDKITE_RETRY_COUNT": "0",
    "BUILDKITE_PULL_REQUEST": "false",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "",
    "BUILDKITE_PULL_REQUEST_REPO": "",
}
BUILDKITE_REQUEST = {
    **BUILDKITE,
    "BUILDKITE_BRANCH": "feature/one",
    "BUILDKITE_PULL_REQUEST": "5",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "trunk",
    "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/Octo/Hello.git",
}


def test_buildkite_s_push_is_of_the_repository() -> None:
    facts = read_ci(BUILDKITE)
    assert (facts.branch, facts.base_branch, facts.default_branch) == ("main", None, "trunk")
    assert (facts.workflow_run_id, facts.run_attempt, facts.event) == ("9e08", 1, "webhook")
    assert (facts.is_pull_request, facts.pull_request, facts.untrusted, facts.notices) == (
        False,
        None,
        "",
        (),
    )


def test_buildkite_s_retried_job_is_the_next_attempt_of_its_build() -> None:
    assert read_ci({**BUILDKITE, "BUILDKITE_RETRY_COUNT": "2"}).run_attempt == 3


def test_buildkite_s_head_and_tag_are_no_commit_and_no_branch() -> None:
    facts = read_ci({**BUILDKITE, "BUILDKITE_COMMIT": "HEAD", "BUILDKITE_TAG": "v1"})
    assert (facts.commit_sha, facts.branch, facts.notices) == (None, "", ())


def test_buildkite_s_pull_request_of_the_same_repository_is_trusted_however_its_url_is_written() -> None:
    facts = read_ci(BUILDKITE_REQUEST)
    assert (facts.branch, facts.base_branch, facts.pull_request, facts.untrusted) == (
        "feature/one",
        "trunk",
        5,
        "",
    )


@pytest.mark.parametrize(
    ("repository", "untrusted"),
    [
        ("https://github.com/stranger/hello.git", "comes from a fork"),
        ("", "does not tell"),
        ("nonsense", "does not tell"),
    ],
)
def test_buildkite_s_pull_request_of_another_repository_or_of_none_is_not_trusted(
    repository: str, untrusted: str
) -> None:
    assert untrusted in read_ci({**BUILDKITE_REQUEST, "BUILDKITE_PULL_REQUEST_REPO": repository}).untrusted
    facts = read_ci({**BUILDKITE, "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/stranger/hello.git"})
    assert facts.untrusted == "comes from a fork"


def test_an_unknown_ci_says_that_the_run_has_no_number() -> None:
    facts = read_ci({"CI": "true"})
    assert (facts.provider, facts.workflow_run_id, facts.untrusted) == ("unknown", None, "")
    assert len(facts.notices) == 1


@pytest.mark.parametrize(
    "name",
    [
        "TRAVIS_PULL_REQUEST",
        "DRONE_PULL_REQUEST",
        "CI_COMMIT_PULL_REQUEST",
        "BITBUCKET_PR_ID",
        "APPVEYOR_PULL_REQUEST_NUMBER",
        "SEMAPHORE_GIT_PR_NUMBER",
        "CIRRUS_PR",
        "PULL_NUMBER",
        "CF_PULL_REQUEST_NUMBER",
        "BITRISE_PULL_REQUEST",
    ],
)
def test_what_an_unknown_ci_calls_a_pull_request_is_not_trusted(name: str) -> None:
    facts = read_ci({"CI": "true", name: "5"})
    assert (facts.is_pull_request, facts.pull_request) == (True, 5)
    assert "does not tell" in facts.untrusted
    assert f"{name} says that it is a pull request" in facts.notices[0]
    for no in ("", "false", "0", "None"):
        assert not read_ci({"CI": "true", name: no}).is_pull_request


@pytest.mark.parametrize("name", ["DOCKER_PULL_POLICY", "PRODUCT", "SPRING_PROFILE", "PR_TEMPLATE", "PULL"])
def test_other_names_are_no_sign_of_a_pull_request(name: str) -> None:
    assert not read_ci({"CI": "true", name: "always"}).is_pull_request


@pytest.mark.parametrize("sign", ["TEAMCITY_VERSION", "CODEBUILD_BUILD_ID"])
def test_a_ci_that_does_not_call_itself_one_is_known_to_be_one(sign: str) -> None:
    assert read_ci({sign: "x"}).provider == "unknown"
    assert read_ci({sign: "x", "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_UPDATED"}).untrusted


def test_outside_of_a_ci_nothing_is_a_sign_of_a_pull_request() -> None:
    assert read_ci({"PULL_REQUEST": "5"}) == CiFacts()
