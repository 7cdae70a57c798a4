"""What else changed at the commit that a verdict is about: the data, the code, params, dependencies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...history import History
from ..facts.dependencies import changed_dependencies
from ..facts.git import GitError
from .answers import CHANGED, Row, ask_question

_HASH = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True)
class Attribution:
    """Changes beside a change of a metric: they may be its cause, or may not."""

    commit_sha: str
    """Where the metric changed, as far as is known."""
    previous_sha: str
    """The measured commit before it; '' for none."""
    cause: str = ""
    """`Data`, `Script`, `Both` or ''."""
    changed_inputs: tuple[str, ...] = ()
    params: tuple[Row, ...] = ()
    """Rows of `param_changes`, the most telling first: param, old_value, new_value, is_data_set."""
    dependencies: tuple[str, ...] | None = ()
    """Lock files and the like; None where no checkout tells."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known to have changed."""
        return not (self.cause or self.changed_inputs or self.params or self.dependencies)


def find_attribution(history: History, row: Row, root: Path | None) -> Attribution | None:
    """What changed where `row`, a metric at a commit, says that the metric did; None where it says no such thing.

    `root` is a checkout that may have the commits. A drift has no commit at which it happened.
    """
    if row["verdict"] not in CHANGED or row["method"] == "drift":
        return None
    commit_sha = row["since_commit_sha"] if row["method"] == "changed" else row["commit_sha"]
    previous = row["previous_commit_sha"]
    if commit_sha != row["commit_sha"]:
        asked = {name: row[name] for name in ("repository", "kind", "metric")}
        before = ask_question(history, "measured_before", **asked, commit_sha=commit_sha)
        previous = before[0]["commit_sha"] if before else None
    there = {"repository": row["repository"], "commit_sha": commit_sha}
    [told] = ask_question(history, "changes_at_commit", **there) or [{}]
    return Attribution(
        commit_sha=commit_sha,
        previous_sha=previous or "",
        cause=told.get("cause") or "",
        changed_inputs=tuple(told.get("changed_inputs") or ()),
        params=tuple(ask_question(history, "changed_params", **there)),
        dependencies=_dependencies(root, previous or "", commit_sha),
    )


def _dependencies(root: Path | None, base: str, head: str) -> tuple[str, ...] | None:
    if root is None or not _HASH.fullmatch(base) or not _HASH.fullmatch(head):
        return None
    try:
        return changed_dependencies(root, base, head)
    except GitError:
        # A shallow clone, or another repository's history: said by None, and by the notice about the clone.
        return None
