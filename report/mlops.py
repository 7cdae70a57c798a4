"""The MLOps part of a run, step by step: training, registration, promotion, retention. Each degrades to a notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..history import History
from .config import Config
from .facts.collecting import Facts, Inputs
from .facts.row import TrainingFacts
from .registry.promotion import Gate, Promotion
from .registry.registering import register
from .registry.versions import ModelVersion, Registry
from .tracking.errors import TrackingError
from .tracking.links import dagshub_url, run_url, version_url
from .tracking.retention import retain
from .training.making import Maker, Wish, make_maker
from .training.why import known_commits
from .verdicts.answers import ask_question


@dataclass(frozen=True)
class Links:
    """Where a person sees the run and the version."""

    run: str | None = None
    dagshub: str | None = None
    version: str | None = None


class Mlops:
    """One commit's way from cause to champion."""

    def __init__(self, config: Config, inputs: Inputs, facts: Facts, *, is_dry_run: bool) -> None:
        self._config = config
        self._facts = facts
        self._is_dry_run = is_dry_run
        wish = Wish(inputs.mlflow_run, inputs.is_train, is_dry_run)
        self._maker: Maker = make_maker(inputs.root, config, inputs.environment, facts.ci, facts.commit, wish)
        self._version: ModelVersion | None = None

    def make_training(self, history: History) -> TrainingFacts:
        """Find or make the commit's training; in full mode, register its model."""
        known = known_commits(history, self._facts.ci, self._facts.commit)
        training = self._maker.make(self._facts.training, known)
        return self._register(training)

    def _register(self, training: TrainingFacts) -> TrainingFacts:
        section, server = self._config.registry, self._maker.server
        if section is None or training.training != "trained" or training.run is None or self._is_dry_run:
            return training
        if why := self._facts.ci.untrusted:
            return _noted(training, f"The commit {why}, so its model was not registered.")
        if server is None:
            return _noted(
                training, "Nothing was registered: the registry needs an MLflow server as `tracking_uri`."
            )
        metric = self._config.report.highlight_metric or ""
        value = training.metrics.get(metric)
        tags = {
            "commit_sha": self._facts.commit.commit_sha,
            "branch": self._branch,
            "workflow_run_id": self._facts.ci.workflow_run_id or "",
            "metric": metric if value is not None else "",
            "value": "" if value is None else repr(value),
        }
        made = register(server, Registry(server.rest), section.model_name, training.run, tags)
        self._version = made.version
        noted = _noted(training, *made.notices)
        if made.version is None:
            return noted
        return replace(noted, model_name=made.version.name, model_version=str(made.version.version))

    @property
    def _branch(self) -> str:
        return self._facts.commit.branch if self._facts.ci.branch is None else self._facts.ci.branch

    def promote(self, highlight: Mapping[str, Any] | None) -> Promotion | None:
        """Let the gate decide about this run's version; None when there is none."""
        section, server = self._config.registry, self._maker.server
        if section is None or server is None or self._version is None:
            return None
        if self._facts.ci.is_pull_request:
            why = "a pull request's model is promoted after the merge, by the commit that it becomes"
            return Promotion(section.alias, is_promoted=False, reason=why)
        gate = Gate(Registry(server.rest), section.model_name, section.alias, section.promote_if)
        return gate.judge(self._version, highlight)

    def retain(self, history: History, training: TrainingFacts) -> list[str]:
        """Apply `mlflow.keep_runs`, if it is set; returns notices."""
        keep, server = self._config.mlflow.keep_runs, self._maker.server
        if keep is None or self._facts.ci.untrusted:
            return []
        if server is None:
            return ["`mlflow.keep_runs` needs an MLflow server as `tracking_uri`: nothing was deleted."]
        newest = ask_question(history, "newest_mlflow_runs")
        protected = {str(row["mlflow_run_id"]) for row in newest} | {training.mlflow_run_id}
        try:
            experiment = training.mlflow_experiment_id or self._experiment()
            is_aliased = Registry(server.rest).is_aliased
            return retain(server, experiment, keep, protected, is_aliased, is_dry_run=self._is_dry_run)
        except TrackingError as error:
            return [f"`mlflow.keep_runs` was not applied: {error}."]

    def _experiment(self) -> str:
        server, name = self._maker.server, self._config.mlflow.experiment
        if server is None or name is None:
            return "0"
        return next((key for key, value in server.experiments().items() if value == name), "0")

    def links(self, training: TrainingFacts) -> Links:
        """Pages of the run and of the version."""
        url = self._maker.address.url
        return Links(
            run_url(url, training.mlflow_experiment_id, training.mlflow_run_id),
            dagshub_url(url, training.mlflow_run_id),
            version_url(url, training.model_name, training.model_version),
        )


def _noted(training: TrainingFacts, *notices: str) -> TrainingFacts:
    return replace(training, notices=(*training.notices, *notices))
