"""What a CI system tells about the run, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CiFacts:
    """One workflow run attempt; a field is None where the CI does not tell it, as all are outside of a CI."""

    provider: str | None = None
    """`github`, `gitlab`, the name of another CI, or None outside of one."""
    repository: str | None = None
    """`owner/name` of the repository that the run belongs to (a pull request's target)."""
    commit_sha: str | None = None
    """The commit that is reported: a pull request's head, never the merge commit that a CI builds."""
    branch: str | None = None
    """The head branch; '' where the run is for a tag."""
    base_branch: str | None = None
    pull_request: int | None = None
    event: str | None = None
    workflow: str | None = None
    workflow_run_id: str | None = None
    run_attempt: int | None = None
    run_url: str | None = None
    server_url: str | None = None
    default_branch: str | None = None
    actor: str | None = None
    before: str | None = None
    """The commit before a push; None for a new branch."""
    after: str | None = None
    is_fork_pull_request: bool | None = None
    is_private: bool | None = None
    conclusion: str | None = None
    """How the run that is reported ended, where it had ended before this one started (`workflow_run`)."""
    notices: tuple[str, ...] = ()
