"""The cause of a training: the range of commits, what the model depends on, and which changed files matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from ...history import History, HistoryError
from ...history.late_dataclass import dataclass
from ...history.stores import Location
from ..config import Config
from ..facts.ci import read_ci
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError, read_commit, run_git
from ..mlflow_client.address import find_address
from ..verdicts.answers import ask_question
from .changed_files import ChangedFiles, KnownCommits, read_changed_files
from .declared_inputs import changed_data, is_pointer
from .finding import is_change
from .inputs import ModelInputs, names_a_training, read_inputs
from .model_code import named_files
from .paths import is_noise

NOTHING = "the model does not depend on it"
SHOWN_FILES = 3


@dataclass(frozen=True)
class FileReason:
    """What one changed file means for the model."""

    path: str
    role: str
    """`Data`, `Script`, or '' for a file that does not matter."""
    reason: str
    named_by: str = ""
    """The script or module that names the file, where nothing declares it."""


@dataclass(frozen=True)
class Cause:
    """Why there is something to train, or that there is not."""

    kind: str
    """`Data`, `Script`, `Both`, or '' for none."""
    files: tuple[FileReason, ...]
    unknown: str = ""
    """Why the cause can't be told; then `kind` says nothing."""

    @property
    def changed_inputs(self) -> tuple[str, ...]:
        """The paths that made the cause."""
        return tuple(each.path for each in self.files if each.role)

    @property
    def undeclared(self) -> tuple[FileReason, ...]:
        """The files that the model's code names and nothing declares: no cause, though it may depend on them."""
        return tuple(each for each in self.files if each.named_by)


def tell_undeclared(cause: Cause) -> list[str]:
    """Sentences on the changed files that code of the model names and nothing declares, with the key to add them to."""
    by_key: dict[str, list[FileReason]] = {}
    for file in cause.undeclared:
        by_key.setdefault(key_for(file.path), []).append(file)
    sentences = []
    for key, files in by_key.items():
        shown = ", ".join(f"`{file.path}`" for file in files[:SHOWN_FILES])
        more = f" and {len(files) - SHOWN_FILES} more" if len(files) > SHOWN_FILES else ""
        them = "it" if len(files) == 1 else "them"
        sentences.append(
            f"{shown}{more} changed, and `{files[0].named_by}` names {them}, but nothing declares {them}: add {them} "
            f"to `{key}`, so that such a change is a reason to train."
        )
    return sentences


def find_cause(root: Path, changed: ChangedFiles, inputs: ModelInputs, names: Sequence[str] = ()) -> Cause:
    """The cause, with the reason for each changed file, in the order of their paths; `names` are the repository's."""
    files = [_reason(root, path, changed, inputs) for path in changed.paths]
    roles = {each.role for each in files} - {""}
    unknown = {each.path for each in files if each.reason == NOTHING}
    named = named_files(root, inputs.modules, unknown, inputs.folder, names) if unknown else {}
    return Cause(
        "Both" if len(roles) == 2 else next(iter(roles), ""),
        tuple(_named_by(each, named[each.path]) if each.path in named else each for each in files),
    )


def _named_by(file: FileReason, module: str) -> FileReason:
    key = key_for(file.path)
    return replace(file, reason=f"{module} names it, and `{key}` does not", named_by=module)


def key_for(path: str) -> str:
    """The config's key that declares such a file."""
    return "project.train_script" if path.endswith(".py") else "project.data_paths"


def _reason(root: Path, path: str, changed: ChangedFiles, inputs: ModelInputs) -> FileReason:
    if is_noise(path):
        return FileReason(path, "", "left behind by a file manager")
    # A folder of data may hold Python files, and they are code all the same only if they are named as such.
    found = inputs.find(path, "Script") or inputs.find(path, "Data")
    if found is not None:
        return FileReason(path, found.role, found.reason)
    if is_pointer(path):
        return _of_pointer(path, changed_data(root, path, changed.base, changed.head), inputs)
    return FileReason(path, "", NOTHING)


def _of_pointer(path: str, pointed: Sequence[str], inputs: ModelInputs) -> FileReason:
    for data in pointed:
        found = inputs.find(data, "Data") or inputs.covers(data)
        if found is not None:
            return FileReason(path, "Data", f"points to {data}: {found.reason}")
    return FileReason(path, "", f"points to data, and {NOTHING}" if pointed else NOTHING)


@dataclass(frozen=True)
class ExplainedCause:
    """What the checkout, the CI's variables and the history tell about a commit."""

    changed: ChangedFiles
    cause: Cause
    may_train: bool
    """There is a cause; or there may be one, as the history could not be read, and a run may be luckier."""
    may_ask_mlflow: bool
    """Whether a run of this commit may ask MLflow: for a training of its own, or one that another step made."""
    notices: tuple[str, ...]


def explain(
    root: Path,
    config: Config,
    environment: Mapping[str, str],
    find_location: Callable[[], Location],
    since: str | None = None,
) -> ExplainedCause:
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
    address = find_address(config, environment, root, is_trusted=not ci.untrusted)
    is_found = bool(address.is_remote or address.uris) and not (inputs.inputs and is_change(ci.event))
    may_ask = is_found or (may_train and (config.project.train or address.is_remote or bool(address.uris)))
    return ExplainedCause(changed, cause, may_train, may_ask, notices)


def _load_known(
    config: Config, ci: CiFacts, commit: CommitFacts, find_location: Callable[[], Location]
) -> tuple[KnownCommits, str]:
    """What the history knows; nothing, and why, where it can't be read."""
    settings = config.to_settings(
        repository=ci.repository or commit.repository or None,
        branch=_branch(ci, commit),
        commit_sha=commit.commit_sha,
        default_branch=ci.default_branch or commit.default_branch,
        report=config.report_name,
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
        return _top_folder(root.absolute()) or root
    except GitError:
        return root


@cache
def _top_folder(root: Path) -> Path | None:
    """Asked once: no checkout moves while it is reported on. None where there is no work tree."""
    top = run_git(root, "rev-parse", "--show-toplevel").strip()
    return Path(top) if top else None
