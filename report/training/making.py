"""The training of one commit: found, made, or not needed; whatever happens, facts and reasons come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from ...history.late_dataclass import dataclass
from ..config import Config
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError
from ..facts.row import TrainingFacts
from ..mlflow_client.address import find_address
from ..mlflow_client.errors import TrackingError
from ..mlflow_client.runs import REPEAT_TAG, TrackedRun
from ..mlflow_client.tracking import Tracking, open_tracking
from .cause import Cause, tell_undeclared, top_folder, why_train
from .changed_files import KnownCommits, read_changed_files
from .finding import ENVIRONMENT_TAG, Finder, are_documentation, is_change, of_run, tags_of, with_given
from .inputs import ModelInputs, names_a_training
from .process import Ended, last_error
from .starting import Start, StartError, plan_start, python_if_there
from .training import Trained, Trainer

_UNSTARTED = "The training was not started"
_UNREADABLE = "The training's run can't be read"


@dataclass(frozen=True)
class TrainingWish:
    """What the command line asks for."""

    run_id: str | None = None
    """Read this MLflow run."""
    is_train: bool | None = None
    """True: train, also without a cause; False: don't; None: as the config says."""
    is_dry_run: bool = False


@dataclass(frozen=True)
class Maker:
    """One commit, and everything that its training may need."""

    root: Path
    config: Config
    environment: Mapping[str, str]
    ci: CiFacts
    commit: CommitFacts
    wish: TrainingWish
    tracking: Tracking
    machine: Mapping[str, str] = field(default_factory=dict)
    """Where the run takes place, part by part."""
    made: list[tuple[Start, ModelInputs, Cause]] = field(default_factory=list)
    """The training that was made, for one that repeats it."""

    def make(self, given: TrainingFacts, known: KnownCommits) -> TrainingFacts:
        """The facts of this commit's training. `given` are those of the files on the command line."""
        notices: list[str] = []
        inputs, cause = self._why(known, notices)
        facts = replace(
            given,
            is_mlflow_project=inputs.project is not None,
            cause=cause.kind,
            changed_inputs=cause.changed_inputs,
        )
        if cause.unknown:
            facts = replace(facts, is_mlflow_project=None)
        if self.wish.run_id:
            facts = self._read(self.wish.run_id, facts, given, notices)
        elif self._may_be_found(inputs, cause, known) and (found := self._find(notices)):
            facts = with_given(of_run(facts, found), given)
        elif given.training == "none":
            facts = self._train(facts, inputs, cause, notices)
        told = () if facts.note else tell_undeclared(cause)
        return replace(facts, notices=(*facts.notices, *told, *notices))

    def _why(self, known: KnownCommits, notices: list[str]) -> tuple[ModelInputs, Cause]:
        try:
            changed, inputs, cause = why_train(self.root, self.config, self.ci, self.commit, known=known)
        except GitError as error:
            is_concerned = names_a_training(top_folder(self.root), self.config.project)
            return ModelInputs(), Cause("", (), unknown=str(error) if is_concerned else "")
        if inputs.inputs:
            notices += changed.notices
        notices += inputs.notices
        return inputs, cause

    def _read(
        self, run_id: str, facts: TrainingFacts, given: TrainingFacts, notices: list[str]
    ) -> TrainingFacts:
        """The run that the command line names; metrics and params of files go over its own."""
        try:
            run = self._finder.named(run_id, notices)
        except TrackingError as error:
            note = f"The MLflow run `{run_id}` can't be read: {error}."
            unread = replace(facts, training=_given_or_failed(given), mlflow_run_id=run_id, note=note)
            return (
                replace(unread, headline=given.headline or _UNREADABLE)
                if unread.training == "failed"
                else unread
            )
        if run.status in ("FAILED", "KILLED"):
            note = f"The MLflow run `{run_id}` ended as {run.status}: what it measured is no model's."
            found = replace(of_run(facts, run), metrics=given.metrics, note=note)
            return replace(found, training=_given_or_failed(given))
        if run.status != "FINISHED":
            notices.append(f"The MLflow run `{run_id}` is {run.status}: its values may change yet.")
        return with_given(of_run(facts, run), given)

    def _may_be_found(self, inputs: ModelInputs, cause: Cause, known: KnownCommits) -> bool:
        """Whether a run of this commit may be there. To ask costs an import of MLflow."""
        address = self.tracking.address
        if self.wish.is_train or not (address.is_remote or address.uris):
            return False
        if cause.kind or not is_change(self.ci.event):
            return True
        # Where nothing tells what the model depends on, another step trains at any commit but one of documentation.
        return not inputs.inputs and not self._changed_documentation_alone(known)

    def _changed_documentation_alone(self, known: KnownCommits) -> bool:
        """Since the last commit that was reported."""
        reported = KnownCommits(trained=known.trained | known.without_cause | known.left)
        try:
            changed = read_changed_files(top_folder(self.root), self.commit, self.ci, known=reported)
        except GitError:
            return False
        return are_documentation(changed.paths)

    def _find(self, notices: list[str]) -> TrackedRun | None:
        # A pull request's job may train the merge commit that the CI made of it.
        commits = (self.commit.commit_sha, self.environment.get("GITHUB_SHA", ""), self.ci.after or "")
        return self._finder.of_commits(commits, notices)

    @property
    def _finder(self) -> Finder:
        section, metric = self.config.mlflow, self.config.report.highlight_metric
        return Finder(self.tracking, section.experiment, metric, self.config.report_name)

    def _train(
        self, facts: TrainingFacts, inputs: ModelInputs, cause: Cause, notices: list[str]
    ) -> TrainingFacts:
        """Train, if there is a reason to and nothing against it."""
        if cause.unknown:
            # Of a commit without an answer a later one asks again.
            note = f"What changed can't be told, so nothing was trained: {cause.unknown}."
            return replace(facts, training="", note=note)
        if not inputs.inputs:
            return facts
        skipped = replace(facts, training="skipped")
        if self.wish.is_train is None and not cause.kind:
            return _without_cause(skipped, inputs, cause)
        if refusal := self._refusal():
            return replace(skipped, note=refusal)
        try:
            start = plan_start(top_folder(self.root), self.config.project, inputs)
        except StartError as error:
            return _unstarted(facts, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        if start is None:
            note = (
                "Nothing was trained: neither `project.train_script` nor an `MLproject` says what to start."
            )
            return replace(skipped, note=note)
        return self._start(start, facts, inputs, cause, notices)

    def _start(
        self, start: Start, facts: TrainingFacts, inputs: ModelInputs, cause: Cause, notices: list[str]
    ) -> TrainingFacts:
        """Start it, and read what came of it."""
        trainer = Trainer(
            top_folder(self.root),
            self.config,
            self.environment,
            self.tracking,
            self._tags(cause),
        )
        try:
            trained = trainer.train(start, inputs)
        except TrackingError as error:
            return _unstarted(facts, f"Its run could not be prepared: {error}.")
        notices += trained.notices
        found = of_run(facts, trained.run) if trained.run else replace(facts, training="trained")
        found = replace(found, training_seconds=round(trained.ended.seconds, 3))
        if trained.ended.problem is None:
            if trained.run is not None:
                self.made.append((start, inputs, cause))
            return found
        # What a failed training measured is no measurement of a model.
        failed = replace(found, training="failed", metrics={}, output_tail=trained.ended.tail)
        return replace(
            failed, headline=_headline(trained.ended), note=_why_failed(start.shown, trained.ended)
        )

    def repeat(self, run_id: str) -> Trained | None:
        """The training that was made, once more, its run tagged as that of `run_id` again; None where none was made.

        Raises `TrackingError` where its run can't be prepared.
        """
        if not self.made or self._refusal():
            return None
        start, inputs, cause = self.made[-1]
        tags = {**self._tags(cause), REPEAT_TAG: run_id}
        trainer = Trainer(top_folder(self.root), self.config, self.environment, self.tracking, tags)
        return trainer.train(start, inputs)

    def _refusal(self) -> str | None:
        """Why there is no training although there is a cause."""
        if self.ci.untrusted:
            return f"The commit {self.ci.untrusted}, so it was not trained: its code may be a stranger's."
        if self.wish.is_dry_run:
            return "A dry run: nothing was trained."
        if self.wish.is_train is False or (self.wish.is_train is None and not self.config.project.train):
            return (
                "The training is left to another step, and no finished MLflow run of this commit was found: give "
                "its run with `--mlflow-run`, or its numbers with `--metrics`."
            )
        return None

    def _tags(self, cause: Cause) -> dict[str, str]:
        branch = self.commit.branch if self.ci.branch is None else self.ci.branch
        repository = self.ci.repository or self.commit.repository
        run_id, attempt = self.ci.workflow_run_id, self.ci.run_attempt
        name = self.config.report_name
        tags = tags_of(repository, self.commit.commit_sha, branch, run_id, attempt, cause.kind, name)
        return tags | {f"{ENVIRONMENT_TAG}{part}": value for part, value in self.machine.items()}


def make_maker(
    root: Path,
    config: Config,
    environment: Mapping[str, str],
    ci: CiFacts,
    commit: CommitFacts,
    wish: TrainingWish,
    machine: Mapping[str, str],
) -> Maker:
    """Ready to make; asks MLflow nothing yet."""
    is_trusted = not ci.untrusted
    address = find_address(config, environment, root, is_trusted=is_trusted)
    top = top_folder(root)
    tracking = open_tracking(
        address, config, environment, top, python_if_there(top, config.project), is_trusted=is_trusted
    )
    return Maker(root, config, environment, ci, commit, wish, tracking, machine)


def _without_cause(skipped: TrainingFacts, inputs: ModelInputs, cause: Cause) -> TrainingFacts:
    """Nothing to train, as far as that is known: without declared data nothing is said of data."""
    note = " ".join(tell_undeclared(cause))
    if inputs.has_data:
        return replace(skipped, note=note)
    undeclared = (
        "Which data the training reads is not declared (`project.data_paths`): a change of data alone is no reason to "
        "train."
    )
    headline = "no training: no script of the model changed"
    return replace(skipped, headline=headline, note=note, notices=(*skipped.notices, undeclared))


def _unstarted(facts: TrainingFacts, why: str) -> TrainingFacts:
    return replace(facts, training="failed", headline=_UNSTARTED, note=why)


def _headline(ended: Ended) -> str:
    if not ended.is_started:
        return _UNSTARTED
    return "The training ended, but its run can't be read" if ended.exit_code == 0 else ""


def _why_failed(shown: str, ended: Ended) -> str:
    """How it ended, and the last error that it printed: what a person looks for first."""
    error = "" if ended.exit_code == 0 else last_error(ended.tail)
    return f"`{shown}` {ended.problem}{f': `{error}`' if error else ''}."


def _given_or_failed(given: TrainingFacts) -> str:
    """Numbers of the command line's files are a training, whatever became of its run."""
    return "trained" if given.training == "trained" else "failed"
