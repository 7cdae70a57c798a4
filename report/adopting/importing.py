"""Rows of a history made of what others have kept, and taken in once, however often that is done.

A row's key is the commit and a `workflow_run_id` that names the source and its own record of it, so the same record
gives the same row each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path

from ...history import History
from ...history.cell_texts import row_as_csv
from ...history.late_dataclass import dataclass
from ..errors import ReportError
from ..facts.git import ListedCommit, read_commit, read_log
from ..facts.row import without_secrets
from ..redaction import Redaction

Row = Mapping[str, object]

SHORTEST_HASH = 7


@dataclass
class Found:
    """What a source holds."""

    rows: list[Row] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Sentences about what was left out, and what was assumed."""


class Commits:
    """The commits of a checkout, as far as there is one: what a source leaves out of them is filled in."""

    def __init__(self, root: Path, branch: str | None) -> None:
        """`branch` is the one that the rows stand on; without it, the checkout's own."""
        try:
            head = read_commit(root)
            listed = read_log(root, is_whole=True)
            self.line: Sequence[ListedCommit] = read_log(root, is_whole=False)
        except ReportError:
            # An import needs no checkout: the source names its commits.
            self.repository, self._branch = "", branch or ""
            self._by_sha: dict[str, ListedCommit] = {}
            self.line = ()
            return
        self.repository = head.repository
        self._branch = branch or head.default_branch or head.branch
        self._by_sha = {commit.commit_sha: commit for commit in listed}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._by_sha)

    def full(self, sha: str) -> str:
        """The full hash of the one commit that a hash, or the beginning of one, names; else what was given."""
        sha = sha.lower()
        if sha in self._by_sha or not self._by_sha:
            return sha
        found = [each for each in self._by_sha if each.startswith(sha)]
        return found[0] if len(found) == 1 else sha

    def before(self, moment: datetime) -> ListedCommit | None:
        """The newest commit of HEAD's line that was there at a time."""
        there = (each for each in self.line if each.committed_at is not None and each.committed_at <= moment)
        return next(there, None)

    def row(
        self,
        sha: str,
        source: str,
        record: str,
        recorded_at: datetime | None,
        cells: Row,
        *,
        repository: str = "",
    ) -> Row:
        """One row. What `cells` leave empty is told by the checkout, where it has the commit."""
        known = self._by_sha.get(sha)
        told: dict[str, object] = {"commit_sha": sha}
        if known is not None:
            told |= {
                "parent_sha": known.parent_sha or None,
                "author": known.author,
                "commit_message": known.commit_message,
                "committed_at": known.committed_at,
            }
        told |= {
            "repository": self.repository or repository,
            "branch": self._branch or None,
            "event": "import",
            "workflow_run_id": f"{source}:{record}" if record else source,
            "run_attempt": 1,
        }
        filled = {name: value for name, value in cells.items() if value not in (None, "", {}, [])}
        row = {**told, **filled}
        if known is not None:
            # The checkout knows its own commits better than a copy of what was said of them.
            row |= {name: told[name] for name in ("parent_sha", "author", "commit_message", "committed_at")}
        row["recorded_at"] = recorded_at or row.get("committed_at")
        return row


def is_hash(text: str) -> bool:
    """Whether a text is a commit's hash, or the beginning of one."""
    is_long = SHORTEST_HASH <= len(text) <= 64
    return is_long and all(character in "0123456789abcdefABCDEF" for character in text)


def take_in(history: History, rows: Iterable[Row], environment: Mapping[str, str]) -> int:
    """Merge the rows into the history, without the secrets of the environment; returns how many are new."""
    redaction = Redaction.of(environment)
    before = history.count_rows + history.count_archived
    header, lines = b"", []
    for row in rows:
        header, _, line = row_as_csv(without_secrets(dict(row), redaction)).partition(b"\n")
        lines.append(line)
    if lines:
        history.merge(header + b"\n" + b"".join(lines))
    return history.count_rows + history.count_archived - before


def time_span(rows: Sequence[Row]) -> str:
    """From when to when the rows reach, for people; '' where no time is known."""
    times = sorted(str(row["recorded_at"])[:10] for row in rows if row.get("recorded_at"))
    return f"{times[0]} to {times[-1]}" if times else ""
