"""The commit as its repository knows it: hashes, author, subject, branch, ancestors, releases, the remote's name."""

from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ...history.late_dataclass import dataclass
from ..errors import ReportError, UsageError
from ..redaction import without_withheld

TIMEOUT_SECONDS = 60.0

# `git rev-parse --local-env-vars`, without the variables that carry settings: a hook sets these for its own
# repository, and they would send our questions to that one.
_HOOK_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)


class GitError(ReportError):
    """Git is missing, the folder is no repository, or git refused; the text is one line."""


def run_git(root: Path, *arguments: str, accept: Sequence[int] = (0,)) -> str:
    """Return what `git -C root <arguments>` prints; bytes that are not UTF-8 become U+FFFD.

    `accept` lists the exit codes that are answers, such as 1 of `symbolic-ref --quiet`. Raises `GitError`.
    """
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
            check=False,
            env=quiet_git(),
        )
    except FileNotFoundError as error:
        raise GitError("git was not found on PATH: install git to report about a commit") from error
    except OSError as error:
        raise GitError(f"git can't be started: {error.strerror or error}") from error
    except subprocess.TimeoutExpired as error:
        wanted = f"git {arguments[0]}"
        raise GitError(f"{wanted} did not answer within {TIMEOUT_SECONDS:.0f} s in {root}") from error
    if answer.returncode not in accept:
        raise _refusal(root, arguments[0], answer.stderr.decode("utf-8", "replace"))
    return answer.stdout.decode("utf-8", "replace")


def quiet_git() -> dict[str, str]:
    """The environment that git is started with: no questions, no locks, plain English, no secrets.

    The checkout's own settings may name programs that git starts: those get no secrets either.
    """
    told = without_withheld(os.environ)
    environment = {name: value for name, value in told.items() if name not in _HOOK_VARIABLES}
    return environment | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
        "LANGUAGE": "C",
    }


def resolve_commit(root: Path, revision: str) -> str:
    """Return the full hash of the commit that `revision` names.

    Raises `GitError` for a repository without commits and `UsageError` for a revision that names no commit.
    No revision starts with `-`, so one that does is refused before git could take it for an option.
    """
    found = run_git(root, "rev-parse", "--verify", "--quiet", _as_commit(revision), accept=(0, 1, 128))
    if found.strip():
        return found.strip()
    if not run_git(root, "rev-list", "--all", "--max-count=1").strip():
        raise GitError(f"{root} has no commits yet: make a commit first")
    raise UsageError(
        f"revision {revision!r} names no commit of {root}: give a branch, a tag or a hash that it has"
    )


def _as_commit(revision: str) -> str:
    if revision.startswith("-") or "\0" in revision or not revision:
        raise UsageError(
            f"revision {revision!r} is not a name that git allows: give a branch, a tag or a hash"
        )
    return f"{revision}^{{commit}}"


def _refusal(root: Path, command: str, stderr: str) -> GitError:
    """Return git's refusal in one line, with what to do where we know it."""
    if "dubious ownership" in stderr:
        return GitError(
            f"git does not trust {root}, which belongs to another user: "
            f"run `git config --global --add safe.directory {root}`"
        )
    if "not a git repository" in stderr:
        return GitError(f"{root} is not inside a git repository: give the folder of a clone")
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return GitError(f"git {command} failed in {root}: {(fatal or lines or ['no message'])[0]}")


_CREDENTIAL = re.compile(r"(?<=https)://[^/@\s]+@")
# `user@host:path`, git's scp-like form: no scheme, no slash before the first colon (git-clone(1), GIT URLS).
_SCP_LIKE = re.compile(r"^(?:[^/:@]+@)?(?P<host>\[[^\]]+\]|[^/:@]+):(?P<path>.*)$", re.DOTALL)


def repository_name(url: str) -> str:
    """Return `owner/name` (GitLab: `group/…/name`) of a remote's URL, or '' where it names none.

    Only the path is used: user names, passwords, hosts, ports and query strings never get into the answer. A
    local path, `file://` or a URL with a single path segment has no owner and gives ''.

    >>> repository_name("https://x-access-token:secret@github.com/octo/hello.git")
    'octo/hello'
    >>> repository_name("git@gitlab.com:group/part/hello.git")
    'group/part/hello'
    """
    path = _remote_path(url.strip())
    parts = [part for part in path.split("/") if part]
    if parts:
        parts[-1] = parts[-1].removesuffix(".git")
    if len(parts) < 2 or not parts[-1] or any(part in (".", "..", "~") for part in parts):
        return ""
    return "/".join(parts)


def _remote_path(url: str) -> str:
    if "://" in url:
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        return "" if parts.scheme == "file" else parts.path
    match = _SCP_LIKE.match(url)
    if match is None or len(match["host"]) == 1:  # a single letter is a Windows drive
        return ""
    return match["path"]


# `v1.2`, `1.2.3`, `model-2.0.1`, `release/2026.11`; not `v1`, which some projects move, and no preview of a release.
_VERSION = re.compile(
    r"(?:.*[^0-9.])?v?\d+(?:\.\d+)+(?:[-+._]?(?:post|final|ga)[\w.]*|[-+_]\d+)?", re.IGNORECASE
)


def is_release(tag: str) -> bool:
    """True for the name of a tag that a release has."""
    return _VERSION.fullmatch(tag) is not None


def read_releases(root: Path, revision: str = "HEAD") -> list[tuple[str, str]]:
    """`(commit_sha, tag)` of the releases that are ancestors of the commit, or the commit itself, by tag.

    Raises `GitError` where git can't tell, and `UsageError` for a revision that names no commit.
    """
    sha = resolve_commit(root, revision)
    listing = run_git(
        root,
        "for-each-ref",
        f"--merged={sha}",
        "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)",
        "refs/tags",
    )
    found = [line.split("\0") for line in listing.splitlines()]
    # An annotated tag is an object of its own, which points to the commit.
    return sorted((peeled or own, tag) for tag, own, peeled in found if is_release(tag))


def commit_of_tag(root: Path, tag: str) -> str:
    """The full hash of the commit that a tag names. Raises `GitError`, or `UsageError` where there is no such tag."""
    return resolve_commit(root, f"refs/tags/{tag}")


_ORIGIN = "refs/remotes/origin/"
_FULL_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


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
    show = ["-c", "log.showSignature=false", "show", "--no-patch", "--encoding=UTF-8"]
    show.append("--format=%H%x00%P%x00%an%x00%s%x00%ct")
    shown = run_git(root, *show, _as_commit(revision), "--", accept=(0, 128))
    # Where there is nothing to show, asking for the name tells why.
    shown = shown or run_git(root, *show, resolve_commit(root, revision))
    sha, parents, author, subject, committed = shown.rstrip("\n").split("\0")
    notices: list[str] = []
    is_cut = is_shallow(root)
    if is_cut:
        notices.append(
            "The clone is shallow, so earlier commits are unknown: fetch all history (`fetch-depth: 0`)."
        )
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


def read_first_parents(root: Path, sha: str, *, is_cut: bool, limit: int = 10_000) -> list[str]:
    """The commit's first parent, that one's, and so on: at most `limit`. Raises `GitError`.

    In a shallow clone (`is_cut`) the last of them is the first commit beyond the cut, whose hash alone is known.
    """
    line = run_git(root, "rev-list", "--first-parent", f"--max-count={limit}", sha).split()
    beyond = _parent_beyond_cut(root, line[-1]) if is_cut else ""
    return [*line[1:], beyond] if beyond else line[1:]


def read_ancestry(
    root: Path, revision: str = "HEAD", limit: int = 10_000, *, is_cut: bool = False
) -> list[tuple[str, int, int]]:
    """Return `(commit_sha, distance, merge_distance)` of the commit (distance 0) and its ancestors, nearest first.

    Along first parents the distance counts the steps, and the merge distance is the same. What came in by a merge is as
    many steps behind that one, whose distance is its merge distance: the oldest one's that brought it in. At most
    `limit` commits, the newest that git lists; in a shallow clone (`is_cut`) also the first commit beyond the cut, of
    which the hash alone is known. Raises as `read_commit` does.
    """
    sha = revision if _FULL_HASH.fullmatch(revision) else resolve_commit(root, revision)
    listing = run_git(root, "rev-list", "--parents", f"--max-count={max(limit, 1)}", sha)
    parents = {commit: rest for commit, *rest in (line.split() for line in listing.splitlines())}
    line = [sha]
    while parents[line[-1]] and parents[line[-1]][0] in parents:
        line.append(parents[line[-1]][0])
    if is_cut and not parents[line[-1]] and (beyond := _parent_beyond_cut(root, line[-1])):
        line.append(beyond)
        parents[beyond] = []
    places = {commit: (place, place) for place, commit in enumerate(line)}
    for place, commit in reversed(list(enumerate(line))):
        _place_merged(commit, place, parents, places)
    return sorted(((commit, *place) for commit, place in places.items()), key=_by_distance)


@dataclass(frozen=True)
class ListedCommit:
    """One commit of a log, as its author wrote it."""

    commit_sha: str
    parent_sha: str
    author: str
    commit_message: str
    committed_at: datetime | None


def read_log(root: Path, *, is_whole: bool, limit: int = 200_000) -> list[ListedCommit]:
    """The commits of HEAD's first parents' line, or of the whole repository, newest first. Raises `GitError`."""
    which = ["--all"] if is_whole else ["--first-parent", "HEAD"]
    form = "--format=%H%x00%P%x00%an%x00%s%x00%ct%x1e"
    told = run_git(root, "-c", "log.showSignature=false", "log", *which, f"--max-count={limit}", form)
    records = [record.strip("\n").split("\0") for record in told.split("\x1e") if record.strip()]
    return [
        ListedCommit(sha, parents.partition(" ")[0], author, subject, _utc(committed, []))
        for sha, parents, author, subject, committed in records
    ]


def _by_distance(found: tuple[str, int, int]) -> tuple[int, int]:
    """Nearest first; among equals the first parents' line."""
    _, distance, merge_distance = found
    return distance, -merge_distance


def _place_merged(
    merge: str, distance: int, parents: Mapping[str, Sequence[str]], places: dict[str, tuple[int, int]]
) -> None:
    """Add to `places` what `merge` brought in and no older commit of the line did: distance and merge distance."""
    queue = deque([(merge, distance)])
    while queue:
        commit, steps = queue.popleft()
        for parent in parents[commit]:
            if parent in parents and parent not in places:
                places[parent] = (steps + 1, distance)
                queue.append((parent, steps + 1))


def read_origin(root: Path) -> str:
    """The URL of the remote `origin`, without a user name and a password; '' without one. Raises `GitError`."""
    return _CREDENTIAL.sub("://", _origin(root))


def _origin(root: Path) -> str:
    return run_git(root, "config", "--get", "remote.origin.url", accept=(0, 1)).strip()


def _repository(root: Path, notices: list[str]) -> str:
    url = _origin(root)
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
