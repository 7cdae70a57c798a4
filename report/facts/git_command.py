"""Run git: argument lists, no shell, no prompt, a time limit, and errors that fit on one line."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

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
    # The checkout's own settings may name programs that git starts: those get no secrets either.
    told = without_withheld(os.environ)
    environment = {name: value for name, value in told.items() if name not in _HOOK_VARIABLES}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "LANGUAGE": "C"}
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
            check=False,
            env=environment,
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


def resolve_commit(root: Path, revision: str) -> str:
    """Return the full hash of the commit that `revision` names.

    Raises `GitError` for a repository without commits and `UsageError` for a revision that names no commit.
    No revision starts with `-`, so one that does is refused before git could take it for an option.
    """
    if revision.startswith("-") or "\0" in revision or not revision:
        raise UsageError(
            f"revision {revision!r} is not a name that git allows: give a branch, a tag or a hash"
        )
    found = run_git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", accept=(0, 1, 128))
    if found.strip():
        return found.strip()
    if not run_git(root, "rev-list", "--all", "--max-count=1").strip():
        raise GitError(f"{root} has no commits yet: make a commit first")
    raise UsageError(
        f"revision {revision!r} names no commit of {root}: give a branch, a tag or a hash that it has"
    )


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
