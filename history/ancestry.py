"""HEAD's first parents as the rows of the history tell them, where no checkout does."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

_AT_MOST = 10_000
"""Commits; as many as are read of a checkout."""


def recorded_ancestry(
    connection: duckdb.DuckDBPyConnection, head: str | None = None
) -> list[tuple[str, int]]:
    """Pairs of a hash and its distance from `head`, by default the commit that reported last for the first time.

    The rows' `parent_sha` are followed. In the place of a parent that never reported stands the commit that reported
    before on the same branch. Empty where no row tells a parent that reported: then time alone has an order.
    """
    reports = connection.execute(
        "select repository, branch, commit_sha, parent_sha from commits "
        "where nullif(commit_sha, '') is not null order by rowid"
    ).fetchall()
    commits: dict[str, _Recorded] = {}
    for repository, branch, commit_sha, parent_sha in reports:
        known = commits.setdefault(commit_sha, _Recorded((repository or "", branch or "")))
        known.parent_sha = parent_sha or known.parent_sha
    head = head or (list(commits)[-1] if commits else "")
    if head not in commits:
        return []
    return _followed(commits, head)


@dataclass
class _Recorded:
    """A commit as its rows tell it."""

    first_on: tuple[str, str]
    """The repository and the branch that it reported on first."""
    parent_sha: str = ""


def _followed(commits: dict[str, _Recorded], head: str) -> list[tuple[str, int]]:
    before: dict[str, str] = {}
    newest: dict[tuple[str, str], str] = {}
    for commit_sha, commit in commits.items():
        before[commit_sha] = newest.get(commit.first_on, "")
        newest[commit.first_on] = commit_sha
    line = {head: 0}
    is_told = False
    while len(line) < _AT_MOST:
        commit_sha = next(reversed(line))
        parent = commits[commit_sha].parent_sha
        is_told = is_told or parent in commits
        parent = parent if parent in commits else before[commit_sha]
        if not parent or parent in line:
            break
        line[parent] = len(line)
    return list(line.items()) if is_told else []
