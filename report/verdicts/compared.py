"""What a commit is seen against, file by file: what a reader of its report means by "what changed"."""

from __future__ import annotations

from pathlib import Path

from ...history import History
from ..facts.changes import Changes, merge_base, read_changes
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts
from .answers import ask_question


def changes_of_commit(history: History, commit: CommitFacts, ci: CiFacts, root: Path) -> Changes | None:
    """The files that the commit changed, of a pull request all that it proposes; None where the checkout can't tell.

    Else it is compared with the nearest ancestor that was reported, so that a push of several commits is told in
    whole, and without one with its first parent.
    """
    head = commit.commit_sha
    base = merge_base(root, ci.base_branch, head) if ci.base_branch else ""
    if not base and not ci.base_branch:
        before = ask_question(history, "reported_before")
        base = before[0]["commit_sha"] if before else commit.parent_sha
    return read_changes(root, base, head) if base else None
