"""The training of one commit: found, made, or not needed; whatever happens, facts and reasons come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..config import Config
from ..facts.ci_facts import CiFacts
from ..facts.git import CommitFacts, GitError
from ..facts.row import TrainingFacts
from ..mlflow_client.address import find_address
from ..mlflow_client.errors import TrackingError
from ..mlflow_client.opening import open_tracking
from ..mlflow_client.runs import TrackedRun
from ..mlflow_client.tracking import Tracking
from .belonging import tags_of
from .cause import Cause
from .changed_files import KnownCommits
from .finding import Finder, is_worth_asking
from .inputs import ModelInputs
from .run_facts import of_run, with_given
from .starting import StartError, plan_start, python_if_there
from .training import Trainer
from .why import top_folder, why_train


@dataclass(frozen=True)
class Wish:
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
    wish: Wish
    tracking: Tracking

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
        if self.wish.run_id:
            facts = self._read(self.wish.run_id, facts, given, notices)
        elif self._may_be_found(inputs, cause) and (found := self._find(notices)):
            facts = with_given(of_run(facts, found), given)
        elif given.training == "none":
            facts = self._train(facts, inputs, cause, notices)
        return replace(facts, notices=(*facts.notices, *notices))

    def _why(self, known: KnownCommits, notices: list[str]) -> tuple[ModelInputs, Cause]:
        try:
            changed, inputs, cause = why_train(self.root, self.config, self.ci, self.commit, known=known)
        except GitError as error:
            notices.append(f"What changed can't be told, so nothing is trained: {error}.")
            return ModelInputs(), Cause("", ())
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
            notices.append(f"The MLflow run `{run_id}` can't be read: {error}.")
            return replace(facts, training=_given_or_failed(given), mlflow_run_id=run_id)
        if run.status in ("FAILED", "KILLED"):
            notices.append(
                f"The MLflow run `{run_id}` ended as {run.status}: what it measured is no model's."
            )
            return replace(of_run(facts, run), training=_given_or_failed(given), metrics=given.metrics)
        if run.status != "FINISHED":
            notices.append(f"The MLflow run `{run_id}` is {run.status}: its values may change yet.")
        return with_given(of_run(facts, run), given)

    def _may_be_found(self, inputs: ModelInputs, cause: Cause) -> bool:
        if self.wish.is_train:
            return False
        is_named = self.tracking.address.is_remote or bool(self.tracking.address.uris)
        return is_worth_asking(self.ci.event, inputs, cause, is_named=is_named)

    def _find(self, notices: list[str]) -> TrackedRun | None:
        # A pull request's job may train the merge commit that the CI made of it.
        commits = (self.commit.commit_sha, self.environment.get("GITHUB_SHA", ""), self.ci.after or "")
        return self._finder.of_commits(commits, notices)

    @property
    def _finder(self) -> Finder:
        section, metric = self.config.mlflow, self.config.report.highlight_metric
        return Finder(self.tracking, section.experiment, metric)

    def _train(
        self, facts: TrainingFacts, inputs: ModelInputs, cause: Cause, notices: list[str]
    ) -> TrainingFacts:
        if not inputs.inputs:
            return facts
        skipped = replace(facts, training="skipped")
        if self.wish.is_train is None and not cause.kind:
            return skipped
        refusal = self._refusal()
        if refusal:
            notices.append(refusal)
            return skipped
        failed = replace(facts, training="failed")
        try:
            start = plan_start(top_folder(self.root), self.config.project, inputs)
            if start is None:
                notices.append(
                    "Nothing was trained: neither `project.train_script` nor an `MLproject` says what to start."
                )
                return skipped
            trainer = Trainer(
                top_folder(self.root),
                self.config,
                self.environment,
                self.tracking,
                self._tags(cause),
            )
            trained = trainer.train(start, inputs)
        except StartError as error:
            notices.append(f"The training was not started: {error}.")
            return failed
        except TrackingError as error:
            notices.append(f"The training was not started, as its run could not be prepared: {error}.")
            return failed
        notices += trained.notices
        found = of_run(facts, trained.run) if trained.run else replace(facts, training="trained")
        found = replace(found, training_seconds=round(trained.ended.seconds, 3))
        if trained.ended.problem is None:
            return found
        notices.append(f"The training (`{start.shown}`) {trained.ended.problem}.")
        # What a failed training measured is no measurement of a model.
        return replace(found, training="failed", metrics={}, output_tail=trained.ended.tail)

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
        return tags_of(repository, self.commit.commit_sha, branch, run_id, attempt, cause.kind)


def make_maker(
    root: Path,
    config: Config,
    environment: Mapping[str, str],
    ci: CiFacts,
    commit: CommitFacts,
    wish: Wish,
) -> Maker:
    """Ready to make; asks MLflow nothing yet."""
    is_trusted = not ci.untrusted
    address = find_address(config, environment, root, is_trusted=is_trusted)
    top = top_folder(root)
    tracking = open_tracking(
        address, config, environment, top, python_if_there(top, config.project), is_trusted=is_trusted
    )
    return Maker(root, config, environment, ci, commit, wish, tracking)


def _given_or_failed(given: TrainingFacts) -> str:
    """Numbers of the command line's files are a training, whatever became of its run."""
    return "trained" if given.training == "trained" else "failed"
