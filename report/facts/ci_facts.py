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
    is_pull_request: bool = False
    """The commit is proposed, not merged yet; also where its number is unknown."""
    is_fork_pull_request: bool | None = None
    """Whether it is proposed from another repository; None for no pull request, and where the CI does not tell."""
    is_private: bool | None = None
    conclusion: str | None = None
    """How the run that is reported ended, where it had ended before this one started (`workflow_run`)."""
    notices: tuple[str, ...] = ()

    @property
    def untrusted(self) -> str:
        """Why the commit's code and config may be a stranger's: what follows `The commit …`; '' where they are ours.

        Who is not trusted gets no credential, as the config names the servers; nothing of theirs is trained,
        registered, promoted, deleted or recorded with our rights.
        """
        if self.is_fork_pull_request:
            return "comes from a fork"
        if self.is_pull_request and self.is_fork_pull_request is None:
            return "is of a pull request, and the CI does not tell whether it comes from a fork"
        return ""
