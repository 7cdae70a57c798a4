"""The CI run that the report is made in: GitHub Actions, GitLab CI, or what another CI's variables tell."""

from __future__ import annotations

from collections.abc import Mapping

from .ci_facts import CiFacts
from .github_actions import read_github_actions

__all__ = ["CiFacts", "read_ci"]

# provider, the variable that gives it away, and its variables in the order of _GENERIC_FIELDS.
# Sources: "Using environment variables" of Jenkins, the "built-in environment variables" of CircleCI,
# "Environment variables" of Buildkite, "Predefined variables" of Azure Pipelines.
_GENERIC_FIELDS = ("commit_sha", "branch", "workflow", "workflow_run_id", "run_url")
_GENERIC = (
    ("jenkins", "JENKINS_URL", ("GIT_COMMIT", "BRANCH_NAME", "JOB_NAME", "BUILD_NUMBER", "BUILD_URL")),
    (
        "circleci",
        "CIRCLECI",
        ("CIRCLE_SHA1", "CIRCLE_BRANCH", "CIRCLE_JOB", "CIRCLE_WORKFLOW_ID", "CIRCLE_BUILD_URL"),
    ),
    (
        "buildkite",
        "BUILDKITE",
        (
            "BUILDKITE_COMMIT",
            "BUILDKITE_BRANCH",
            "BUILDKITE_PIPELINE_SLUG",
            "BUILDKITE_BUILD_ID",
            "BUILDKITE_BUILD_URL",
        ),
    ),
    (
        "azure",
        "TF_BUILD",
        ("BUILD_SOURCEVERSION", "BUILD_SOURCEBRANCHNAME", "BUILD_DEFINITIONNAME", "BUILD_BUILDID", ""),
    ),
)


def read_ci(environment: Mapping[str, str]) -> CiFacts:
    """Return what the variables in `environment` (and GitHub's event file) tell about the run.

    Never raises: what is malformed leaves a notice and None.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return read_github_actions(environment)
    if environment.get("GITLAB_CI"):
        return _gitlab(environment)
    for provider, sign, variables in _GENERIC:
        if environment.get(sign):
            values = {
                field: environment.get(variable) or None
                for field, variable in zip(_GENERIC_FIELDS, variables, strict=True)
            }
            return CiFacts(
                provider=provider,
                commit_sha=values["commit_sha"],
                branch=values["branch"],
                workflow=values["workflow"],
                workflow_run_id=values["workflow_run_id"],
                run_attempt=1 if values["workflow_run_id"] else None,
                run_url=values["run_url"],
            )
    if environment.get("CI", "").lower() in ("true", "1"):
        notice = (
            "This CI is not one that the report knows, so the run has no number: git alone tells the commit."
        )
        return CiFacts(provider="unknown", notices=(notice,))
    return CiFacts()


def _gitlab(environment: Mapping[str, str]) -> CiFacts:
    """GitLab's predefined variables; a retried job keeps its pipeline's id, so the attempt is always 1."""

    def get(*names: str) -> str | None:
        return next((environment[name] for name in names if environment.get(name)), None)

    number = get("CI_MERGE_REQUEST_IID")
    before = get("CI_COMMIT_BEFORE_SHA")
    source = get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    visibility = get("CI_PROJECT_VISIBILITY")
    branch = get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH")
    return CiFacts(
        provider="gitlab",
        repository=get("CI_PROJECT_PATH"),
        commit_sha=get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
        branch="" if branch is None and get("CI_COMMIT_TAG") else branch,
        base_branch=get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        pull_request=int(number) if number is not None and number.isdecimal() else None,
        event=get("CI_PIPELINE_SOURCE"),
        workflow=get("CI_PIPELINE_NAME"),
        workflow_run_id=get("CI_PIPELINE_ID"),
        run_attempt=1,
        run_url=get("CI_PIPELINE_URL"),
        server_url=get("CI_SERVER_URL"),
        default_branch=get("CI_DEFAULT_BRANCH"),
        actor=get("GITLAB_USER_LOGIN"),
        before=before if before is not None and before.strip("0") else None,
        after=get("CI_COMMIT_SHA"),
        is_fork_pull_request=source is not None
        and source != get("CI_MERGE_REQUEST_PROJECT_ID", "CI_PROJECT_ID"),
        is_private=None if visibility is None else visibility != "public",
    )
