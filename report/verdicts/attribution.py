"""What else changed at the commit that a verdict is about: data, environment, code, params, dependencies."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from ...history import History
from ...history.late_dataclass import dataclass
from .answers import CHANGED, Row, ask_changed_params, ask_question
from .changes import Changes, read_changes

_NAMES = frozenset(
    {
        *("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "pylock.toml", "conda-lock.yml"),
        *(
            "environment.yml",
            "environment.yaml",
            "conda.yaml",
            "python_env.yaml",
            "renv.lock",
            "Manifest.toml",
        ),
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "Cargo.lock", "go.sum"),
    }
)
_REQUIREMENTS = re.compile(r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|lock)", re.IGNORECASE)


def is_dependency_file(path: str) -> bool:
    """True for a lock file of a package manager, or a list of requirements."""
    name = posixpath.basename(path)
    in_folder = posixpath.basename(posixpath.dirname(path)) == "requirements" and name.endswith(".txt")
    return name in _NAMES or in_folder or _REQUIREMENTS.fullmatch(name) is not None


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
    environment: tuple[Row, ...] = ()
    """Where it was measured, against the measurement before: part, old_value, new_value; packages come last."""
    dependencies: tuple[str, ...] | None = ()
    """Lock files and the like; None where no checkout tells."""
    changes: Changes | None = None
    """All files that changed; None where no checkout tells."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known to have changed."""
        told = self.cause or self.changed_inputs or self.params or self.environment or self.dependencies
        return not told


def find_attribution(
    history: History, row: Row, root: Path | None, changes: Changes | None = None
) -> Attribution | None:
    """What changed where the standing `row` says that its metric did; None where it says no such thing.

    While the metric is worse that is where it became so, in a pull request at the first of its own commits. `root` is
    a checkout that may have the commits, `changes` what is known of the reported one.
    """
    worse_since = row["own_since_commit_sha"] or row["worse_since_commit_sha"]
    return attribution_at(history, row, worse_since or event_commit(row), root, changes)


def event_commit(row: Row) -> str | None:
    """Where the change began that a verdict tells of; a drift has no commit at which it happened."""
    if row["verdict"] not in CHANGED or row["method"] == "drift":
        return None
    sha: str = row["since_commit_sha"] if row["is_confirmation"] else row["commit_sha"]
    return sha


def attribution_at(
    history: History, row: Row, commit_sha: str | None, root: Path | None, known: Changes | None = None
) -> Attribution | None:
    """What changed at a commit against the one that the metric of `row` was measured at before; None for no commit."""
    if commit_sha is None:
        return None
    asked = {name: row[name] for name in ("repository", "report", "kind", "metric", "workflow")}
    before = ask_question(history, "measured_before", **asked, commit_sha=commit_sha)
    previous = before[0]["commit_sha"] if before else ""
    there = {"repository": row["repository"], "commit_sha": commit_sha}
    changes = known
    if known is None or (known.base_sha, known.head_sha) != (previous, commit_sha):
        changes = read_changes(root, previous, commit_sha) if root is not None else None
    [told] = ask_question(history, "changes_at_commit", **there) or [{}]
    return Attribution(
        commit_sha=commit_sha,
        previous_sha=previous,
        cause=told.get("cause") or "",
        changed_inputs=tuple(told.get("changed_inputs") or ()),
        params=tuple(ask_changed_params(history, **there)),
        dependencies=dependencies_of(changes),
        changes=changes,
        environment=tuple(
            ask_question(
                history, "changed_environment", **asked, commit_sha=commit_sha, previous_sha=previous
            )
        ),
    )


def dependencies_of(changes: Changes | None) -> tuple[str, ...] | None:
    """The dependency files among those that changed."""
    if changes is None:
        return None
    names = {name for file in changes.files for name in (file.path, file.old_path) if name}
    return tuple(sorted(filter(is_dependency_file, names)))
