"""The CI run that the report is made in: GitHub Actions, GitLab CI, or what another CI's variables tell.

Where a pull request comes from is told by each CI in its own way, if at all. One whose origin is not told is not
trusted, as a fork's is not (`CiFacts.untrusted`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

from .ci_facts import CiFacts, Variables, whole_number
from .git import repository_name
from .github_actions import read_github_actions

__all__ = ["CiFacts", "read_ci"]

# Of CIs that do not set CI: TeamCity, AWS CodeBuild.
_SIGNS = ("TEAMCITY_VERSION", "CODEBUILD_BUILD_ID")
# Variables by which other CIs tell a pull request: TRAVIS_PULL_REQUEST, DRONE_PULL_REQUEST, CIRRUS_PR, BITBUCKET_PR_ID,
# APPVEYOR_PULL_REQUEST_NUMBER, SEMAPHORE_GIT_PR_NUMBER, CI_COMMIT_PULL_REQUEST (Woodpecker), PULL_NUMBER (Prow).
_PULL_REQUEST = re.compile(
    r"(?:.*_)?(?:(?:PR|PULL_?REQUEST|MERGE_?REQUEST)|(?:PR|PULL|PULL_?REQUEST|MERGE_?REQUEST)_(?:NUMBER|NUM|ID|IID|KEY))"
)
_NO = frozenset({"", "0", "false", "no", "none", "null", "undefined"})
# Plugins of Jenkins that build changes without a multibranch project.
_JENKINS_CHANGES = (
    "ghprbPullId",
    "gitlabMergeRequestIid",
    "BITBUCKET_PULL_REQUEST_ID",
    "GERRIT_CHANGE_NUMBER",
)


def read_ci(environment: Mapping[str, str]) -> CiFacts:
    """Return what the variables in `environment` (and GitHub's event file) tell about the run.

    Never raises: what is malformed leaves a notice and None.
    """
    variables = Variables(environment)
    if environment.get("GITHUB_ACTIONS") == "true":
        return read_github_actions(variables)
    for sign, read in _READERS.items():
        if variables.text(sign):
            return read(variables)
    is_ci = (variables.text("CI") or "").lower() in ("true", "1")
    return _unknown(variables) if is_ci or variables.text(*_SIGNS) else CiFacts()


def _gitlab(variables: Variables) -> CiFacts:
    """Source: GitLab, "Predefined CI/CD variables reference".

    A retried job keeps its pipeline's id, so the attempt is always 1: it reports about the same pipeline again.
    """
    get = variables.text
    before = variables.commit("CI_COMMIT_BEFORE_SHA")
    visibility = get("CI_PROJECT_VISIBILITY")
    branch = get(
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
        "CI_COMMIT_BRANCH",
    )
    source = "MERGE_REQUEST_SOURCE_PROJECT_ID", "EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY"
    target = "MERGE_REQUEST_PROJECT_ID", "EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY"
    is_proposed = get("CI_PIPELINE_SOURCE") in ("merge_request_event", "external_pull_request_event") or bool(
        get("CI_MERGE_REQUEST_ID", "CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID")
        or (get("CI_COMMIT_REF_NAME") or "").startswith("refs/merge-requests/")
    )
    return CiFacts(
        provider="gitlab",
        repository=variables.repository("CI_PROJECT_PATH"),
        commit_sha=variables.commit(
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
            "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA",
            "CI_COMMIT_SHA",
        ),
        branch="" if branch is None and get("CI_COMMIT_TAG") else branch,
        base_branch=get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"),
        pull_request=variables.number("CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID"),
        event=get("CI_PIPELINE_SOURCE"),
        workflow=get("CI_PIPELINE_NAME"),
        workflow_run_id=get("CI_PIPELINE_ID"),
        run_attempt=1,
        run_url=variables.url("CI_PIPELINE_URL"),
        server_url=variables.url("CI_SERVER_URL"),
        default_branch=get("CI_DEFAULT_BRANCH"),
        actor=get("GITLAB_USER_LOGIN"),
        before=before if before is not None and before.strip("0") else None,
        after=variables.commit("CI_COMMIT_SHA"),
        is_pull_request=is_proposed,
        is_fork_pull_request=_differ(
            get(*(f"CI_{name}" for name in source)), get(*(f"CI_{name}" for name in target))
        )
        if is_proposed
        else None,
        is_private=None if visibility is None else visibility != "public",
        notices=variables.notices,
    )


def _jenkins_project(job: str | None, branch: str | None) -> str | None:
    """The job, of a multibranch project its name without the branch: all branches have one workflow.

    Source: the plugin Branch API, `MultiBranchProject`: a job below it is called as the branch, percent-encoded.
    """
    project, _, name = (job or "").rpartition("/")
    return project if project and branch and unquote(name) == branch else job


def _jenkins(variables: Variables) -> CiFacts:
    """Sources: Jenkins, "Using environment variables"; the plugin Branch API, `BranchNameContributor`.

    `CHANGE_FORK` is there for a fork's change alone, and since the same version of the plugin as `CHANGE_BRANCH`:
    without the latter nothing is known. A build's number is unique within its job alone, so the run's id has both.
    """
    get = variables.text
    job, number = get("JOB_NAME"), get("BUILD_NUMBER")
    branch = get("CHANGE_BRANCH", "BRANCH_NAME") or (get("GIT_BRANCH") or "").removeprefix("origin/") or None
    is_proposed = bool(get("CHANGE_ID", "CHANGE_FORK", "CHANGE_TARGET", *_JENKINS_CHANGES))
    is_fork = True if get("CHANGE_FORK") else False if get("CHANGE_ID") and get("CHANGE_BRANCH") else None
    return CiFacts(
        provider="jenkins",
        commit_sha=variables.commit("GIT_COMMIT"),
        branch="" if get("TAG_NAME") else branch,
        base_branch=get("CHANGE_TARGET"),
        pull_request=whole_number(get("CHANGE_ID", *_JENKINS_CHANGES)),
        workflow=_jenkins_project(job, get("BRANCH_NAME")),
        workflow_run_id=f"{job}#{number}" if job and number else number,
        run_attempt=1 if number else None,
        run_url=variables.url("BUILD_URL"),
        is_pull_request=is_proposed,
        is_fork_pull_request=is_fork if is_proposed else None,
        notices=variables.notices,
    )


def _circleci(variables: Variables) -> CiFacts:
    """Source: CircleCI, "Built-in environment variables".

    `CIRCLE_PR_…` are there for a fork's pull request alone; its branch is called `pull/5`. A workflow that is run
    again has a new id.
    """
    get = variables.text
    branch = get("CIRCLE_BRANCH") or ""
    number = get("CIRCLE_PR_NUMBER") or (get("CIRCLE_PULL_REQUEST") or "").rpartition("/")[2]
    of_fork = [get(f"CIRCLE_PR_{name}") for name in ("USERNAME", "REPONAME", "NUMBER")]
    is_of_fork = any(of_fork) or re.fullmatch(r"pull/\d+(/.*)?", branch) is not None
    is_proposed = is_of_fork or bool(get("CIRCLE_PULL_REQUEST", "CIRCLE_PULL_REQUESTS"))
    is_fork = _differ(
        _joined(*of_fork[:2]), _joined(get("CIRCLE_PROJECT_USERNAME"), get("CIRCLE_PROJECT_REPONAME"))
    )
    return CiFacts(
        provider="circleci",
        commit_sha=variables.commit("CIRCLE_SHA1"),
        branch="" if get("CIRCLE_TAG") else branch or None,
        pull_request=whole_number(number) if is_proposed else None,
        workflow=get("CIRCLE_JOB"),
        workflow_run_id=get("CIRCLE_WORKFLOW_ID"),
        run_attempt=1 if get("CIRCLE_WORKFLOW_ID") else None,
        run_url=variables.url("CIRCLE_BUILD_URL"),
        actor=get("CIRCLE_USERNAME"),
        is_pull_request=is_proposed,
        is_fork_pull_request=(is_fork if is_of_fork else False) if is_proposed else None,
        notices=variables.notices,
    )


def _buildkite(variables: Variables) -> CiFacts:
    """Source: Buildkite, "Environment variables". A job that is retried belongs to the same build."""
    get = variables.text
    request = get("BUILDKITE_PULL_REQUEST") or "false"
    is_proposed = request != "false" or bool(get("BUILDKITE_PULL_REQUEST_REPO"))
    source, target = (
        repository_name(get(name) or "") or None for name in ("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO")
    )
    build = get("BUILDKITE_BUILD_ID")
    retries = get("BUILDKITE_RETRY_COUNT") or "0"
    return CiFacts(
        provider="buildkite",
        # A build that a person started may be for `HEAD`.
        commit_sha=None if get("BUILDKITE_COMMIT") == "HEAD" else variables.commit("BUILDKITE_COMMIT"),
        branch="" if get("BUILDKITE_TAG") else get("BUILDKITE_BRANCH"),
        base_branch=get("BUILDKITE_PULL_REQUEST_BASE_BRANCH") if is_proposed else None,
        pull_request=whole_number(request),
        event=get("BUILDKITE_SOURCE"),
        workflow=get("BUILDKITE_PIPELINE_SLUG"),
        workflow_run_id=build,
        run_attempt=1 + (whole_number(retries) or 0) if build else None,
        run_url=variables.url("BUILDKITE_BUILD_URL"),
        default_branch=get("BUILDKITE_PIPELINE_DEFAULT_BRANCH"),
        actor=get("BUILDKITE_BUILD_CREATOR"),
        is_pull_request=is_proposed,
        is_fork_pull_request=_differ(source, target) if is_proposed else None,
        notices=variables.notices,
    )


def _azure(variables: Variables) -> CiFacts:
    """Source: Azure Pipelines, "Use predefined variables" (IsFork is `False` for pushes too).

    What is run again, a stage or a job, keeps the build's id and counts its attempts.
    """
    get = variables.text
    ref, build = get("BUILD_SOURCEBRANCH") or "", get("BUILD_BUILDID")
    number = get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID")
    is_fork = variables.is_true("SYSTEM_PULLREQUEST_ISFORK")
    is_proposed = (
        bool(number)
        or ref.startswith("refs/pull/")
        or get("BUILD_REASON") == "PullRequest"
        or is_fork is True
    )
    attempts = [whole_number(get(name)) or 1 for name in ("SYSTEM_STAGEATTEMPT", "SYSTEM_JOBATTEMPT")]
    source = get("SYSTEM_PULLREQUEST_SOURCEBRANCH")
    return CiFacts(
        provider="azure",
        commit_sha=variables.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"),
        branch=_branch_of(source if is_proposed else ref or get("BUILD_SOURCEBRANCHNAME")),
        base_branch=_branch_of(get("SYSTEM_PULLREQUEST_TARGETBRANCH")) if is_proposed else None,
        pull_request=whole_number(number),
        event=get("BUILD_REASON"),
        workflow=get("BUILD_DEFINITIONNAME"),
        workflow_run_id=build,
        run_attempt=max(attempts) if build else None,
        run_url=_azure_url(variables, build),
        actor=get("BUILD_REQUESTEDFOR"),
        is_pull_request=is_proposed,
        is_fork_pull_request=is_fork if is_proposed else None,
        notices=variables.notices,
    )


def _branch_of(ref: str | None) -> str | None:
    """`feature/one` of `refs/heads/feature/one` and of itself; '' of a tag; None of what is no branch."""
    if ref is None or not ref.startswith("refs/"):
        return ref
    if ref.startswith("refs/tags/"):
        return ""
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None


def _azure_url(variables: Variables, build: str | None) -> str | None:
    server, project = variables.url("SYSTEM_COLLECTIONURI"), variables.text("SYSTEM_TEAMPROJECT")
    if not (server and project and build):
        return None
    return f"{server.rstrip('/')}/{quote(project)}/_build/results?buildId={quote(build)}"


def _unknown(variables: Variables) -> CiFacts:
    """A CI that nobody taught us. What it may call a pull request is one, of an origin that is not told."""
    said = [name for name in variables.environment if _PULL_REQUEST.fullmatch(name.upper())]
    said = [name for name in sorted(said) if (variables.text(name) or "").lower() not in _NO]
    if (variables.text("CODEBUILD_WEBHOOK_EVENT") or "").startswith("PULL_REQUEST"):
        said.append("CODEBUILD_WEBHOOK_EVENT")
    told = "This CI is not one that the report knows, so the run has no number: git alone tells the commit. "
    if said:
        told += f"{said[0]} says that it is a pull request, which is not trusted, as nothing tells where it comes from."
    else:
        told += "It is taken for the repository's own: builds of forks are to have no secrets."
    numbers = (whole_number(variables.text(name)) for name in said)
    return CiFacts(
        provider="unknown",
        pull_request=next((number for number in numbers if number is not None), None),
        is_pull_request=bool(said),
        notices=(told,),
    )


def _differ(source: str | None, target: str | None) -> bool | None:
    """Whether two names are of two repositories; None where one is unknown. No forge tells names apart by case."""
    return source.casefold() != target.casefold() if source and target else None


def _joined(owner: str | None, name: str | None) -> str | None:
    return f"{owner}/{name}" if owner and name else None


_READERS: dict[str, Callable[[Variables], CiFacts]] = {
    "GITLAB_CI": _gitlab,
    "JENKINS_URL": _jenkins,
    "CIRCLECI": _circleci,
    "BUILDKITE": _buildkite,
    "TF_BUILD": _azure,
}
"""By the variable that gives the CI away."""
