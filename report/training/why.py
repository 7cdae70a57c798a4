"""Range, inputs and cause of one commit, from the checkout, the CI's variables and the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...history import History, HistoryError
from ...history.stores import Location
from ..config import Config
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError, read_commit
from ..facts.git_command import run_git
from ..verdicts.answers import ask_question
from .cause import Cause, find_cause
from .changed_files import ChangedFiles, KnownCommits, read_changed_files
from .inputs import ModelInputs, names_a_training, read_inputs


@dataclass(frozen=True)
class Explanation:
    """What the checkout, the CI's variables and the history tell about a commit."""

    changed: ChangedFiles
    cause: Cause
    may_train: bool
    """There is a cause; or there may be one, as the history could not be read, and a run may be luckier."""
    notices: tuple[str, ...]


def explain(
    root: Path,
    config: Config,
    environment: Mapping[str, str],
    find_location: Callable[[], Location],
    since: str | None = None,
) -> Explanation:
    """The range, the cause and what stood in the way, for the commit that the CI names, else HEAD.

    As a run at this moment has them. The history is found and loaded only where there is something to train.
    """
    ci = read_ci(environment)
    commit = read_commit(root, ci.commit_sha or "HEAD")
    has_training = names_a_training(top_folder(root), config.project)
    known, problem = KnownCommits(), ""
    if has_training and since is None:
        known, problem = _load_known(config, ci, commit, find_location)
    changed, inputs, cause = why_train(root, config, ci, commit, known=known, since=since)
    notices = (*ci.notices, *((problem,) if problem else ()), *changed.notices, *inputs.notices)
    if not inputs.inputs:
        notices += ("There is nothing to train: neither the config nor an `MLproject` names a script.",)
    may_train = bool(inputs.inputs) and bool(cause.kind or problem)
    return Explanation(changed, cause, may_train, notices)


def _load_known(
    config: Config, ci: CiFacts, commit: CommitFacts, find_location: Callable[[], Location]
) -> tuple[KnownCommits, str]:
    """What the history knows; nothing, and why, where it can't be read."""
    settings = config.to_settings(
        repository=ci.repository or commit.repository or None,
        branch=_branch(ci, commit),
        commit_sha=commit.commit_sha,
        default_branch=ci.default_branch or commit.default_branch,
    )
    try:
        return known_commits(find_location().load(settings), ci, commit), ""
    except HistoryError as error:
        return KnownCommits(), f"The history could not be read, so the CI's own range counts: {error}"


def known_commits(history: History, ci: CiFacts, commit: CommitFacts) -> KnownCommits:
    """What a history knows of trainings that a run on this branch can rely on."""
    repository = ci.repository or commit.repository
    rows = ask_question(history, "known_trainings", repository=repository or "", branch=_branch(ci, commit))
    trained = {row["commit_sha"] for row in rows if row["is_trained"]}
    left = {row["commit_sha"] for row in rows if row["is_left"]} - trained
    return KnownCommits(
        trained=frozenset(trained),
        without_cause=frozenset({row["commit_sha"] for row in rows} - trained - left),
        left=frozenset(left),
    )


def _branch(ci: CiFacts, commit: CommitFacts) -> str:
    return commit.branch if ci.branch is None else ci.branch


def why_train(
    root: Path,
    config: Config,
    ci: CiFacts,
    commit: CommitFacts,
    *,
    known: KnownCommits,
    since: str | None = None,
) -> tuple[ChangedFiles, ModelInputs, Cause]:
    """What changed, what counts, and the cause that follows. Raises as `read_changed_files` does."""
    top = top_folder(root)
    changed = read_changed_files(top, commit, ci, known=known, since=since)
    names = sorted({(ci.repository or commit.repository).rpartition("/")[2], top.resolve().name} - {""})
    inputs = read_inputs(top, config.project, changed.paths, names)
    return changed, inputs, find_cause(top, changed, inputs, names)


def top_folder(root: Path) -> Path:
    """The top of the work tree that holds `root`: git's paths and the config's start there."""
    try:
        return Path(run_git(root, "rev-parse", "--show-toplevel").strip() or root)
    except (GitError, UsageError):
        return root
