"""HEAD's first parents as the rows of the history tell them, where no checkout does, or where its history ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import duckdb

from .late_dataclass import dataclass

_AT_MOST = 10_000
"""Commits; as many as are read of a checkout."""
_HAS_COMMIT = "nullif(commit_sha, '') is not null"

_Report = tuple[str | None, str | None, str, str | None]
"""Repository, branch, commit and its parent."""


def recorded_ancestry(
    connection: duckdb.DuckDBPyConnection, head: str | None = None
) -> list[tuple[str, int]]:
    """Pairs of a hash and its distance from `head`, by default the commit that reported last for the first time.

    The rows' `parent_sha` are followed. In the place of a parent that never reported stands the commit that reported
    before on the same branch. Empty where no row tells a parent that reported: then time alone has an order.
    """
    commits = _reported(connection)
    head = head or (list(commits)[-1] if commits else "")
    return list(_followed(commits, head).items()) if head in commits else []


def recorded_ancestries(
    connection: duckdb.DuckDBPyConnection, heads: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str, int]]:
    """The same for every repository, from the head that is given, else from its newest commit: repository, hash and
    distance.
    """
    for repository, reports in groupby(_reports_by_repository(connection), key=lambda report: report[0]):
        commits = _commits_of(reports)
        head = (heads or {}).get(repository or "", "")
        head = head if head in commits else list(commits)[-1]
        for commit_sha, distance in _followed(commits, head).items():
            yield repository, commit_sha, distance


def behind_cut(connection: duckdb.DuckDBPyConnection, line: Sequence[str]) -> list[str]:
    """The commits behind `line`, first parents up to where a shallow clone ends, as the rows tell them, nearest first.

    Followed from the oldest of the line that reported; empty where none did, or its row tells no parent.
    """
    commits = _reported(connection)
    oldest = next((commit_sha for commit_sha in reversed(line) if commit_sha in commits), "")
    if not oldest or not commits[oldest].parent_sha:
        return []
    known = set(line)
    return [commit_sha for commit_sha in _followed(commits, oldest) if commit_sha not in known]


@dataclass
class _Recorded:
    """A commit as its rows tell it."""

    first_on: tuple[str, str]
    """The repository and the branch that it reported on first."""
    parent_sha: str = ""


def _reported(connection: duckdb.DuckDBPyConnection) -> dict[str, _Recorded]:
    reports = connection.execute(
        f"select repository, branch, commit_sha, parent_sha from commits where {_HAS_COMMIT} order by rowid"
    )
    return _commits_of(reports.fetchall())


def _reports_by_repository(connection: duckdb.DuckDBPyConnection) -> list[_Report]:
    """Rows without a repository belong to the only one that there is, as the views have it."""
    reports = connection.execute(
        "with named as (select any_value(repository) as repository from commits "
        "where nullif(repository, '') is not null having count(distinct repository) = 1) "
        "select coalesce(nullif(commits.repository, ''), named.repository, '') as belongs_to, "
        "branch, commit_sha, parent_sha "
        f"from commits left join named on true where {_HAS_COMMIT} order by belongs_to, commits.rowid"
    )
    return reports.fetchall()


def _commits_of(reports: Iterable[_Report]) -> dict[str, _Recorded]:
    """In the order of their first reports."""
    commits: dict[str, _Recorded] = {}
    for repository, branch, commit_sha, parent_sha in reports:
        known = commits.setdefault(commit_sha, _Recorded((repository or "", branch or "")))
        known.parent_sha = parent_sha or known.parent_sha
    return commits


def _followed(commits: dict[str, _Recorded], head: str) -> dict[str, int]:
    """Commit -> its distance from `head`; empty where no parent that reported is told."""
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
    return line if is_told else {}
