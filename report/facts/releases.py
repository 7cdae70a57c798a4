"""The releases among a commit's ancestors: tags that look like a version."""

from __future__ import annotations

import re
from pathlib import Path

from .git_command import resolve_commit, run_git

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
