"""The commit as its repository knows it: hashes, author, subject, branch, and its ancestors."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .git_command import GitError, resolve_commit, run_git
from .origin import repository_name

__all__ = [
    "CommitFacts",
    "GitError",
    "is_shallow",
    "read_ancestry",
    "read_commit",
    "read_default_branch",
    "read_first_parents",
]

_ORIGIN = "refs/remotes/origin/"


@dataclass(frozen=True)
class CommitFacts:
    """One commit of one repository; names and messages are as their authors wrote them, never escaped."""

    repository: str
    """`owner/name` from the URL of the remote `origin`; '' without one."""
    commit_sha: str
    parent_sha: str
    """The first parent; '' for a root commit."""
    branch: str
    """The checked-out branch; detached: the only branch of `origin` that points at the commit, else ''."""
    author: str
    commit_message: str
    """The subject line."""
    committed_at: datetime | None
    """The committer's date, aware, in UTC; None where it lies outside of years 1 to 9999."""
    default_branch: str | None
    is_shallow: bool
    """The clone's history is cut off: ancestors beyond the cut are unknown."""
    notices: tuple[str, ...] = ()


def read_commit(root: Path, revision: str = "HEAD") -> CommitFacts:
    """Return the facts about `revision` of the repository that holds `root`.

    Raises `GitError` (a line) where git is missing, `root` is in no repository, the repository has no commits
    or is not trusted by git, and `UsageError` for a revision that names no commit.
    """
    sha = resolve_commit(root, revision)
    notices: list[str] = []
    is_cut = is_shallow(root)
    if is_cut:
        notices.append(
            "The clone is shallow, so earlier commits are unknown: fetch all history (`fetch-depth: 0`)."
        )
    show = ["-c", "log.showSignature=false", "show", "--no-patch", "--encoding=UTF-8"]
    text = run_git(root, *show, "--format=%P%x00%an%x00%s%x00%ct", sha)
    parents, author, subject, committed = text.rstrip("\n").split("\0")
    repository = _repository(root, notices)
    return CommitFacts(
        repository=repository,
        commit_sha=sha,
        parent_sha=(parents.split() or [_parent_beyond_cut(root, sha) if is_cut else ""])[0],
        branch=_branch(root, revision, sha),
        author=author,
        commit_message=subject,
        committed_at=_utc(committed, notices),
        default_branch=read_default_branch(root),
        is_shallow=is_cut,
        notices=tuple(notices),
    )


def is_shallow(root: Path) -> bool:
    """True where the clone's history is cut off. Raises `GitError`."""
    return run_git(root, "rev-parse", "--is-shallow-repository").strip() == "true"


def read_first_parents(root: Path, sha: str, limit: int = 10_000) -> list[str]:
    """The commit's first parent, that one's, and so on: at most `limit`. Raises `GitError`.

    In a shallow clone the last of them is the first commit beyond the cut, whose hash alone is known.
    """
    line = run_git(root, "rev-list", "--first-parent", f"--max-count={limit}", sha).split()
    beyond = _parent_beyond_cut(root, line[-1]) if is_shallow(root) else ""
    return [*line[1:], beyond] if beyond else line[1:]


def read_ancestry(root: Path, revision: str = "HEAD", limit: int = 10_000) -> list[tuple[str, int]]:
    """Return `(commit_sha, distance)` of the commit (distance 0) and its ancestors, nearest first.

    The distance is the least number of parent steps; among equals the first parents' line comes first. At
    most `limit` commits, the newest that git lists. Raises as `read_commit` does.
    """
    sha = resolve_commit(root, revision)
    listing = run_git(root, "rev-list", "--parents", f"--max-count={max(limit, 1)}", sha)
    parents = {commit: rest for commit, *rest in (line.split() for line in listing.splitlines())}
    distances = {sha: 0}
    queue = deque([sha])
    while queue:
        commit = queue.popleft()
        for parent in parents[commit]:
            if parent in parents and parent not in distances:
                distances[parent] = distances[commit] + 1
                queue.append(parent)
    return list(distances.items())  # breadth-first, so already ordered by distance


def _repository(root: Path, notices: list[str]) -> str:
    url = run_git(root, "config", "--get", "remote.origin.url", accept=(0, 1)).strip()
    name = repository_name(url)
    if not url:
        notices.append(
            "The repository has no remote `origin`, so its name is unknown: add one with `git remote add`."
        )
    elif not name:
        notices.append(
            "The URL of the remote `origin` has no `owner/name`, so the repository's name is unknown."
        )
    return name


def _parent_beyond_cut(root: Path, sha: str) -> str:
    """Return the first parent that the commit itself names: at a shallow clone's edge, git shows none."""
    header = run_git(root, "cat-file", "commit", sha).partition("\n\n")[0]
    return next((line[7:] for line in header.splitlines() if line.startswith("parent ")), "")


def _branch(root: Path, revision: str, sha: str) -> str:
    if revision == "HEAD":
        branch = run_git(root, "symbolic-ref", "--quiet", "HEAD", accept=(0, 1)).strip()
        if branch:
            return branch.removeprefix("refs/heads/")
    elif f"refs/heads/{revision}" in _references(root, f"refs/heads/{revision}"):
        return revision
    pointing = run_git(root, "for-each-ref", "--format=%(refname)", f"--points-at={sha}", _ORIGIN).split()
    branches = {name.removeprefix(_ORIGIN) for name in pointing} - {"HEAD"}
    return branches.pop() if len(branches) == 1 else ""


def read_default_branch(root: Path) -> str | None:
    """The branch that `origin` calls its default, else `main` or `master`, whichever there is. Raises `GitError`."""
    head = run_git(root, "symbolic-ref", "--quiet", f"{_ORIGIN}HEAD", accept=(0, 1)).strip()
    if head.startswith(_ORIGIN):
        return head.removeprefix(_ORIGIN)
    for branch in ("main", "master"):
        names = {f"refs/heads/{branch}", f"{_ORIGIN}{branch}"}
        if names & _references(root, *names):  # a pattern also matches what lies below `main/`
            return branch
    return None


def _references(root: Path, *patterns: str) -> set[str]:
    return set(run_git(root, "for-each-ref", "--format=%(refname)", *patterns).split())


def _utc(epoch_seconds: str, notices: list[str]) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(epoch_seconds), UTC)
    except (ValueError, OverflowError, OSError):
        notices.append("The commit's date can't be read, so its time is unknown.")
        return None
