"""The MLOps part of a run, step by step: training, registration, promotion, retention. Each degrades to a notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..history import History
from .config import Config
from .confirming import Repeat
from .facts.collecting import Facts, Inputs
from .facts.row import TrainingFacts
from .mlflow_client.errors import TrackingError
from .mlflow_client.promotion import Promotion, PromotionGate
from .mlflow_client.registry import ModelVersion, Registry, register
from .mlflow_client.retention import retain
from .training.cause import known_commits
from .training.making import Maker, TrainingWish, make_maker
from .verdicts.answers import ask_question


class Mlops:
    """One commit's way from cause to champion."""

    def __init__(self, config: Config, inputs: Inputs, facts: Facts, *, is_dry_run: bool) -> None:
        self._config = config
        self._facts = facts
        self._is_dry_run = is_dry_run
        wish = TrainingWish(inputs.mlflow_run, inputs.is_train, is_dry_run)
        self._maker: Maker = make_maker(
            *(inputs.root, config, inputs.environment, facts.ci, facts.commit, wish, facts.environment)
        )
        self._version: ModelVersion | None = None
        self._registry: Registry | None = None

    def make_training(self, history: History) -> TrainingFacts:
        """Find or make the commit's training; in full mode, register its model."""
        known = known_commits(history, self._facts.ci, self._facts.commit)
        training = self._register(self._maker.make(self._facts.training, known))
        return _noted(training, *self._maker.tracking.session.notices)

    def train_again(self, training: TrainingFacts) -> Repeat | None:
        """The training that this run made, once more; None where it made none."""
        try:
            trained = self._maker.repeat(training.mlflow_run_id)
        except TrackingError as error:
            return Repeat(0.0, problem=f"its run could not be prepared: {error}")
        if trained is None:
            return None
        if trained.ended.problem is not None:
            return Repeat(trained.ended.seconds, problem=f"it {trained.ended.problem}")
        metrics = trained.run.metrics if trained.run else {}
        return Repeat(trained.ended.seconds, metrics, "" if metrics else "it logged no metrics")

    def _register(self, training: TrainingFacts) -> TrainingFacts:
        section = self._config.registry
        if section is None or training.training != "trained" or training.run is None or self._is_dry_run:
            return training
        if why := self._facts.ci.untrusted:
            return _noted(training, f"The commit {why}, so its model was not registered.")
        metric = self._config.report.highlight_metric or ""
        value = training.metrics.get(metric)
        tags = {
            "commit_sha": self._facts.commit.commit_sha,
            "branch": self._branch,
            "workflow_run_id": self._facts.ci.workflow_run_id or "",
            "metric": metric if value is not None else "",
            "value": "" if value is None else repr(value),
        }
        self._registry = Registry(self._maker.tracking.session, training.run.uri)
        made = register(self._registry, section.model_name, training.run, tags)
        self._version = made.version
        if made.version is None:
            # Said where the model is, else among what is absent.
            return replace(
                training if training.metrics else _noted(training, *made.notices),
                unregistered=" ".join(made.notices),
            )
        noted = _noted(training, *made.notices)
        return replace(noted, model_name=made.version.name, model_version=str(made.version.version))

    @property
    def _branch(self) -> str:
        return self._facts.commit.branch if self._facts.ci.branch is None else self._facts.ci.branch

    def promote(self, highlight: Mapping[str, Any] | None) -> Promotion | None:
        """Let the gate decide about this run's version; None when there is none."""
        section = self._config.registry
        if section is None or self._registry is None or self._version is None:
            return None
        if self._facts.ci.is_pull_request:
            why = "a pull request's model is promoted after the merge, by the commit that it becomes"
            return Promotion(section.alias, is_promoted=False, reason=why)
        gate = PromotionGate(self._registry, section.model_name, section.alias, section.promote_if)
        return gate.judge(self._version, highlight)

    def retain(self, history: History, training: TrainingFacts) -> list[str]:
        """Apply `mlflow.keep_runs`, if it is set; returns notices. What asked MLflow nothing yet asks nothing now."""
        keep, tracking = self._config.mlflow.keep_runs, self._maker.tracking
        is_asked = tracking.session.was_asked or self._is_dry_run
        if keep is None or self._facts.ci.untrusted or not is_asked:
            return []
        newest = ask_question(history, "newest_mlflow_runs")
        protected = {str(row["mlflow_run_id"]) for row in newest} | {training.mlflow_run_id}
        uri = training.run.uri if training.run else next(iter(tracking.address.uris), "")
        repository = self._facts.ci.repository or self._facts.commit.repository
        try:
            experiment = self._experiment(training, uri)
            if experiment is None:
                return [self._no_experiment()]
            registry = Registry(tracking.session, uri)
            return retain(
                tracking, registry, experiment, keep, protected, repository, is_dry_run=self._is_dry_run
            )
        except TrackingError as error:
            return [f"`mlflow.keep_runs` was not applied: {error}."]

    def _experiment(self, training: TrainingFacts, uri: str) -> str | None:
        """The experiment that is named, else the one of the commit's run: none of another's, where neither is there."""
        name = self._config.mlflow.experiment
        if not uri:
            return None
        if name is not None:
            return self._maker.tracking.find_experiment(name, uri)
        return training.mlflow_experiment_id or None

    def _no_experiment(self) -> str:
        name = self._config.mlflow.experiment
        why = "it needs `mlflow.experiment`" if name is None else f"there is no experiment `{name}`"
        return f"`mlflow.keep_runs` deleted nothing: {why}."

    def close(self) -> None:
        """End what asks MLflow."""
        self._maker.tracking.session.close()

    @property
    def server_url(self) -> str | None:
        """The MLflow server's address as a browser may show it; None where runs are tracked elsewhere."""
        return self._maker.tracking.address.url


def _noted(training: TrainingFacts, *notices: str) -> TrainingFacts:
    return replace(training, notices=(*training.notices, *notices))
