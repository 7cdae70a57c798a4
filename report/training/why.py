"""Range, inputs and cause of one commit, from the checkout and the CI's variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..configuration import Config
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError, read_ancestry, read_commit
from ..facts.git_command import run_git
from .cause import Cause, find_cause
from .changed_files import FIRST_PARENT, ChangedFiles, read_changed_files
from .inputs import ModelInputs, read_inputs


@dataclass(frozen=True)
class Explanation:
    """What the checkout and the CI's variables tell about a commit, without the history."""

    changed: ChangedFiles
    cause: Cause
    may_train: bool
    """There is a cause; or there may be one, as the history may know of commits that were never reported."""
    notices: tuple[str, ...]


def explain(
    root: Path, config: Config, environment: Mapping[str, str], since: str | None = None
) -> Explanation:
    """The range, the cause and what stood in the way, for the commit that the CI names, else HEAD."""
    ci = read_ci(environment)
    commit = read_commit(root, ci.commit_sha or "HEAD")
    changed, inputs, cause = why_train(
        root, config, ci, commit, ancestry=read_ancestry(root, commit.commit_sha), since=since
    )
    notices = (*ci.notices, *changed.notices, *inputs.notices)
    if not inputs.inputs:
        notices += ("There is nothing to train: neither the config nor an `MLproject` names a script.",)
    may_train = bool(inputs.inputs) and (bool(cause.kind) or changed.reason == FIRST_PARENT)
    return Explanation(changed, cause, may_train, notices)


def why_train(
    root: Path,
    config: Config,
    ci: CiFacts,
    commit: CommitFacts,
    *,
    ancestry: Sequence[tuple[str, int]],
    recorded: Collection[str] = (),
    since: str | None = None,
) -> tuple[ChangedFiles, ModelInputs, Cause]:
    """What changed, what counts, and the cause that follows. Raises as `read_changed_files` does."""
    top = top_folder(root)
    changed = read_changed_files(top, commit, ci, ancestry=ancestry, recorded=recorded, since=since)
    names = {(ci.repository or commit.repository).rpartition("/")[2], top.resolve().name} - {""}
    inputs = read_inputs(top, config.project, changed.paths, sorted(names))
    return changed, inputs, find_cause(top, changed, inputs)


def top_folder(root: Path) -> Path:
    """The top of the work tree that holds `root`: git's paths and the config's start there."""
    try:
        return Path(run_git(root, "rev-parse", "--show-toplevel").strip() or root)
    except (GitError, UsageError):
        return root
