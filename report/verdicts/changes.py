"""What a commit changed, file by file: against what it is seen, how many lines came, and how many went."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...history import History
from ...history.late_dataclass import dataclass
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError, run_git
from .answers import ask_question

_BIG_FILES = "core.bigFileThreshold=4m"
"""Larger ones count as binary: a data set of gigabytes is not read line by line for a number."""
_NO_MORE_RENAMES = "-l400"
_HASH = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True)
class FileChange:
    """One file that differs."""

    path: str
    """From the repository's root; of a renamed file the new one."""
    added: int | None
    """Lines; None for a binary or a very large file."""
    removed: int | None
    old_path: str = ""
    """Of a renamed file."""

    @property
    def count_lines(self) -> int:
        """Of both kinds."""
        return (self.added or 0) + (self.removed or 0)


@dataclass(frozen=True)
class Changes:
    """What a commit changed against another."""

    base_sha: str
    head_sha: str
    files: tuple[FileChange, ...]
    """By path."""

    @property
    def added(self) -> int:
        """Lines in all files."""
        return sum(file.added or 0 for file in self.files)

    @property
    def removed(self) -> int:
        """Lines in all files."""
        return sum(file.removed or 0 for file in self.files)


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


def read_changes(root: Path, base: str, head: str) -> Changes | None:
    """What `head` changed against `base`, both full hashes; None where the checkout lacks one of them."""
    if not _HASH.fullmatch(base) or not _HASH.fullmatch(head):
        return None
    flags = ("--numstat", "-z", "-M", _NO_MORE_RENAMES, "--no-ext-diff", "--no-textconv")
    try:
        listing = run_git(root, "-c", _BIG_FILES, "diff", *flags, base, head, "--")
    except GitError:
        return None  # A shallow clone, or another repository's history: the notice about the clone says so.
    return Changes(base, head, tuple(sorted(_files(listing), key=lambda file: file.path)))


def merge_base(root: Path, branch: str, head: str) -> str:
    """Where `head` parted from a branch, as `origin` has it or as it is here; '' where the checkout does not tell."""
    for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
        try:
            return run_git(root, "merge-base", name, head).strip()
        except GitError:
            continue
    return ""


def _files(listing: str) -> Iterator[FileChange]:
    """Of `git diff --numstat -z`: `3 TAB 1 TAB path NUL`, of a renamed file `3 TAB 1 TAB NUL old NUL new NUL`."""
    parts = iter(listing.split("\0"))
    for part in parts:
        if not part:
            continue
        added, removed, path = part.split("\t", 2)
        old = "" if path else next(parts)
        yield FileChange(path or next(parts), _lines(added), _lines(removed), old)


def _lines(text: str) -> int | None:
    return None if text == "-" else int(text)
