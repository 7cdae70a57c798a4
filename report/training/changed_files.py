"""Which files a push or a pull request changed: the whole range, not just its last commit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...history.late_dataclass import dataclass
from ..errors import UsageError
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError, is_shallow, read_first_parents, resolve_commit, run_git

# `git hash-object -t tree /dev/null`: git knows the empty tree in every repository.
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_DEEPENED_BY = 100
"""Commits that a shallow checkout gets more of, to find where a branch began."""
_NEAR = 100
"""Commits of the line that a last training is looked for among at first."""
_PATIENCE = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=10")


@dataclass(frozen=True)
class ChangedFiles:
    """What differs between two states of the repository."""

    paths: tuple[str, ...]
    """Paths from the repository's root, sorted; of a rename both names, of a deletion the old one."""
    base: str
    """The hash that the commit is compared with; `EMPTY_TREE` when everything counts as new."""
    head: str
    reason: str
    """Why this range: words for a person."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownCommits:
    """What the history knows of the trainings of commits, by their hashes."""

    trained: frozenset[str] = frozenset()
    without_cause: frozenset[str] = frozenset()
    """Nothing was trained, and nothing had to be."""
    left: frozenset[str] = frozenset()
    """There was a cause, and no training that ended well."""

    def __bool__(self) -> bool:
        return bool(self.trained or self.without_cause or self.left)

    def base_on(self, line: Sequence[str]) -> tuple[str, str] | None:
        """The hash that a commit is compared with and why, by its first parents, nearest first; None: unknown.

        A model is as new as the last training, whatever happened since. Before the first one the oldest commit that the
        history knows is the beginning: each later one that had no cause had none since then.
        """
        trained = next((sha for sha in line if sha in self.trained), None)
        if trained:
            return trained, "since the nearest ancestor that was trained"
        known = [sha for sha in line if sha in self.without_cause or sha in self.left]
        if not known:
            return None
        if known[-1] in self.left:
            return EMPTY_TREE, "no ancestor was trained, so everything"
        return known[-1], "since the first ancestor in the history, as none was trained"


_NOTHING_KNOWN = KnownCommits()


def read_changed_files(
    root: Path,
    commit: CommitFacts,
    ci: CiFacts,
    *,
    known: KnownCommits = _NOTHING_KNOWN,
    since: str | None = None,
) -> ChangedFiles:
    """Return what changed since the commit's base.

    The base is the first of: `since`; the pull request's merge base; the ancestor that `known` tells; the commit
    before the push; for a new branch its merge base with the default branch; the first parent.
    A base that can't be had makes everything count as changed, with a notice: rather one training too many.
    Raises `UsageError` for a `since` that names no commit, and `GitError` where git can't tell.
    """
    notices: list[str] = []
    base, reason = _base(root, commit, ci, known, since, notices)
    paths = _difference(root, base, commit.commit_sha)
    return ChangedFiles(paths, base, commit.commit_sha, reason, tuple(notices))


def _base(
    root: Path, commit: CommitFacts, ci: CiFacts, known: KnownCommits, since: str | None, notices: list[str]
) -> tuple[str, str]:
    if since is not None:
        return resolve_commit(root, since), f"since {since}"
    if ci.base_branch:
        base = _merge_base(root, ci.base_branch, commit.commit_sha, commit)
        if base:
            return base, f"the pull request's merge base with {ci.base_branch}"
        return _everything(f"the merge base with `{ci.base_branch}` is not in this checkout", notices)
    return _known_base(root, commit, known, notices) or _range_of_push(root, commit, ci, notices)


def _known_base(
    root: Path, commit: CommitFacts, known: KnownCommits, notices: list[str]
) -> tuple[str, str] | None:
    """The base by the history; None where that knows no ancestor of the commit."""
    if not known:
        return None
    is_cut = commit.is_shallow
    found = _base_on_line(root, commit, known, is_cut=is_cut)
    if is_cut and (found is None or found[0] == EMPTY_TREE):
        _fetch(root, f"--deepen={_DEEPENED_BY}", "origin", commit.commit_sha)
        is_cut = is_shallow(root)
        found = _base_on_line(root, commit, known, is_cut=is_cut)
    if found is None:
        return _everything("no commit that was reported is in this checkout", notices) if is_cut else None
    # What git lists is there; of the commit beyond a cut the hash alone is known.
    is_beyond = is_cut and found[0] != EMPTY_TREE and not _has(root, found[0])
    if is_beyond and not _fetched(root, found[0], commit):
        return _everything(f"the last trained commit (`{found[0][:7]}`) is not in this checkout", notices)
    return found


def _base_on_line(
    root: Path, commit: CommitFacts, known: KnownCommits, *, is_cut: bool
) -> tuple[str, str] | None:
    # The nearest ones first: most often one of them was trained, and git takes its time to list a long line.
    near = read_first_parents(root, commit.commit_sha, is_cut=False, limit=_NEAR)
    if known.trained.isdisjoint(near):
        near = read_first_parents(root, commit.commit_sha, is_cut=is_cut)
    return known.base_on(near)


def _range_of_push(root: Path, commit: CommitFacts, ci: CiFacts, notices: list[str]) -> tuple[str, str]:
    head = commit.commit_sha
    if ci.before and ci.before != head:
        if _has(root, ci.before) or _fetched(root, ci.before, commit):
            return ci.before, "since the push before"
        return _everything(
            f"the commit before this push (`{ci.before[:7]}`) is not in this checkout", notices
        )
    default = ci.default_branch or commit.default_branch
    branch = ci.branch if ci.branch is not None else commit.branch
    if ci.event == "push" and branch and default and branch != default:
        base = _merge_base(root, default, head, commit)
        if base:
            return base, f"a new branch: since its merge base with {default}"
    if not commit.parent_sha:
        return EMPTY_TREE, "the first commit"
    if _has(root, commit.parent_sha) or _fetched(root, commit.parent_sha, commit):
        return commit.parent_sha, "since its first parent"
    return _everything("the commit's parent is not in this checkout", notices)


def _everything(why: str, notices: list[str]) -> tuple[str, str]:
    notices.append(
        f"What changed can't be told, as {why}: every file counts as changed. Fetch all history (`fetch-depth: 0`)."
    )
    return EMPTY_TREE, "unknown, so everything"


def _has(root: Path, sha: str) -> bool:
    try:
        return bool(resolve_commit(root, sha))
    except (UsageError, GitError):
        return False


def _fetched(root: Path, sha: str, commit: CommitFacts) -> bool:
    """Fetch one commit from `origin`, by its hash; False where that is not possible."""
    depth = ("--depth=1",) if commit.is_shallow else ()
    return _fetch(root, *depth, "origin", sha) and _has(root, sha)


def _merge_base(root: Path, branch: str, head: str, commit: CommitFacts) -> str:
    """The merge base of `head` with a branch, as `origin` has it or as it is here; '' when unknown."""
    remote, local = f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"
    known = next((name for name in (remote, local) if _has(root, name)), None)
    if known is None:
        known = remote
        depth = ("--depth=1",) if commit.is_shallow else ()
        if not _fetch(root, *depth, "origin", f"+refs/heads/{branch}:{remote}"):
            return ""
    found = run_git(root, "merge-base", known, head, accept=(0, 1)).strip()
    if found or not commit.is_shallow:
        return found
    # A shallow checkout lacks where the two parted: fetched as far back as most pull requests reach.
    deeper = f"--deepen={_DEEPENED_BY}"
    if not _fetch(root, deeper, "origin", f"+refs/heads/{branch}:{remote}", head):
        return ""
    return run_git(root, "merge-base", known, head, accept=(0, 1)).strip()


def _fetch(root: Path, *what: str) -> bool:
    """Fetch from a remote; False where that is not possible, or not in time."""
    try:
        run_git(root, *_PATIENCE, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *what)
    except GitError:
        return False
    return True


def _difference(root: Path, base: str, head: str) -> tuple[str, ...]:
    """The paths that differ: without a search for renames, so that of each both names are there."""
    flags = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none")
    return tuple(sorted(filter(None, run_git(root, "diff-tree", "-r", *flags, base, head).split("\0"))))
