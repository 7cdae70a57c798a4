"""The questions about runs and experiments, asked through the session."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ..config import Config
from ..redaction import Redaction
from .address import TrackingAddress
from .errors import TrackingError, TrackingMissingError
from .interpreters import find_interpreters
from .runs import COMMIT_TAG, OWN_COMMIT_TAG, Dataset, LoggedModel, TrackedRun, metric_value
from .session import Session

RUNS_AT_MOST = 1000
MODELS_AT_MOST = 100

T = TypeVar("T")


class Tracking:
    """The stores of an address. Every method may raise a `TrackingError`, unless it says otherwise."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.address = session.address
        self.redaction = session.redaction

    @property
    def is_remote(self) -> bool:
        """Whether runs can be prepared there: a store of files is the training's own to make."""
        return self.address.is_remote

    @property
    def uri(self) -> str:
        """The one store that an address names."""
        if not self.address.uri:
            raise TrackingError("no MLflow store is named (`mlflow.tracking_uri`)")
        return self.address.uri

    def run(self, run_id: str) -> TrackedRun:
        """One run that was not deleted."""
        if not is_name(run_id):
            raise TrackingError("that is no id of a run")
        missing: TrackingMissingError | None = None
        for uri in self.address.uris:
            try:
                return _run(self.session.ask("get_run", uri, run_id=run_id).get("run"), uri)
            except TrackingMissingError as error:
                missing = error
        raise missing or TrackingError("there is no such run in the local store")

    def find(self, tags: Mapping[str, Iterable[str]], experiment: str | None = None) -> list[TrackedRun]:
        """The active runs that have one of the tags, newest first of each store; of one experiment or of all."""
        pairs = _pairs(tags)
        if not pairs:
            return []

        def ask(uri: str) -> list[TrackedRun]:
            details = {"tags": pairs, "experiment": experiment, "at_most": RUNS_AT_MOST}
            return _runs(self.session.ask("find_runs", uri, **details), uri)

        return list({run.run_id: run for run in self._of_each_store(ask)}.values())

    def of_commits(self, commits: Iterable[str], experiment: str | None = None) -> list[TrackedRun]:
        """The runs of some commits, by MLflow's own tag or by ours."""
        return self.find(_commit_tags(commits), experiment)

    def models_of_commits(self, commits: Iterable[str], experiment: str | None = None) -> list[LoggedModel]:
        """The logged models that are tied to some commits, with or without a run; the newest last."""
        pairs = _pairs(_commit_tags(commits))
        if not pairs:
            return []

        def ask(uri: str) -> list[LoggedModel]:
            details = {"tags": pairs, "experiment": experiment, "at_most": MODELS_AT_MOST}
            return _models(self.session.ask("find_models", uri, **details), uri)

        found = {model.uri: model for model in self._of_each_store(ask)}
        return sorted(found.values(), key=lambda model: (model.created_ms, model.uri))

    def started_since(self, since_ms: int) -> list[TrackedRun]:
        """The active runs that were started since."""
        return self._of_each_store(
            lambda uri: _runs(self.session.ask("runs_since", uri, since_ms=since_ms), uri)
        )

    def finished(self, experiment: str | None, at_most: int) -> list[TrackedRun]:
        """The finished runs that are not nested, newest first of each store; of one experiment or of all."""
        details = {"experiment": experiment, "at_most": at_most}
        return self._of_each_store(lambda uri: _runs(self.session.ask("finished_runs", uri, **details), uri))

    def _of_each_store(self, ask: Callable[[str], list[T]]) -> list[T]:
        """What the stores have. One that can't be asked is named where another has something, else raised."""
        found: list[T] = []
        failed: list[TrackingError] = []
        for uri in self.address.uris:
            try:
                found += ask(uri)
            except TrackingError as error:
                failed.append(error)
        if failed and not found:
            raise failed[0]
        self.session.notices += [f"{str(error)[:1].upper()}{str(error)[1:]}." for error in failed]
        return found

    def with_models(self, run: TrackedRun, notices: list[str]) -> TrackedRun:
        """The run with the models that it logged, and what was measured of them elsewhere, in an evaluation.

        Raises nothing: without them it is still the run.
        """
        if not run.model_ids or run.models:
            return run
        try:
            answer = self.session.ask("get_models", run.uri, model_ids=list(run.model_ids))
            models = sorted(_models(answer, run.uri), key=lambda model: model.created_ms)
        except TrackingError as error:
            notices.append(f"The models of the MLflow run `{run.run_id}` can't be read: {error}.")
            return run
        measured: dict[str, float] = {}
        for model in models:
            measured |= model.metrics
        return replace(run, models=tuple(models), metrics={**measured, **run.metrics})

    def experiment_id(self, name: str) -> str:
        """The experiment of a name, made when there is none."""
        return _text(self.session.ask("experiment_id", self.uri, name=name), "experiment_id")

    def find_experiment(self, name: str, uri: str) -> str | None:
        """The experiment of a name; None where there is none."""
        answer = self.session.ask("find_experiment", uri, name=name)
        return str(answer["experiment_id"]) if answer.get("experiment_id") else None

    def create(self, experiment_id: str, name: str, started_ms: int, tags: Mapping[str, str]) -> TrackedRun:
        """A new run, in status RUNNING."""
        details = {"experiment_id": experiment_id, "name": name, "started_ms": started_ms, "tags": dict(tags)}
        return _run(self.session.ask("create_run", self.uri, **details).get("run"), self.uri)

    def log_params(self, run: TrackedRun, params: Mapping[str, str]) -> None:
        """Add params to a run."""
        self.session.ask("log_params", run.uri, run_id=run.run_id, params=dict(params))

    def end(self, run: TrackedRun, status: str, ended_ms: int) -> None:
        """Give a run its last status."""
        self.session.ask("end_run", run.uri, run_id=run.run_id, status=status, ended_ms=ended_ms)

    def delete(self, run_id: str, uri: str) -> None:
        """Move a run to the trash."""
        self.session.ask("delete_run", uri, run_id=run_id)

    def tagged(self, experiment_id: str, tag: str, uri: str, tops: int) -> list[TrackedRun]:
        """The active runs of an experiment that have a tag, down to the `tops`-th newest that is not nested.

        Without what they logged, and of their tags those alone that a retention asks for.
        """
        answer = self.session.ask("tagged_runs", uri, experiment_id=experiment_id, tag=tag, tops=tops)
        return _runs(answer, uri)


def models_of(run: TrackedRun) -> list[LoggedModel]:
    """The models that a run logged, the newest last: MLflow 3's own, else folders of its artifacts."""
    if run.models:
        return list(run.models)
    try:
        entries = json.loads(run.tags.get("mlflow.log-model.history", "[]"))
    except (ValueError, RecursionError) as error:
        raise TrackingError("the run's tag `mlflow.log-model.history` is not JSON") from error
    entries = entries if isinstance(entries, list) else []
    paths = [
        str(entry["artifact_path"])
        for entry in entries
        if isinstance(entry, dict) and "artifact_path" in entry
    ]
    return [
        LoggedModel(f"{run.artifact_uri.rstrip('/')}/{path}", None, path) for path in dict.fromkeys(paths)
    ]


def _commit_tags(commits: Iterable[str]) -> dict[str, list[str]]:
    shas = list(commits)
    return {COMMIT_TAG: shas, OWN_COMMIT_TAG: shas}


def is_name(value: str) -> bool:
    """True for a hash or an id: MLflow's filters know no escapes, and its file store makes paths of ids."""
    return value.replace("-", "").replace("_", "").isalnum() and value.isascii()


def _pairs(tags: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    return [(tag, value) for tag, values in tags.items() for value in dict.fromkeys(values) if is_name(value)]


def _runs(answer: Mapping[str, Any], uri: str) -> list[TrackedRun]:
    return [_run(each, uri) for each in _list(answer, "runs")]


def _run(content: Any, uri: str) -> TrackedRun:
    if not isinstance(content, dict) or not content.get("run_id"):
        raise _nonsense("a run without an id")
    try:
        return TrackedRun(
            run_id=str(content["run_id"]),
            experiment_id=str(content.get("experiment_id") or ""),
            status=str(content.get("status") or ""),
            started_ms=_whole(content.get("started_ms")),
            ended_ms=_whole(content.get("ended_ms")),
            artifact_uri=str(content.get("artifact_uri") or ""),
            params=_texts(content, "params"),
            metrics={str(name): metric_value(value) for name, value in _dict(content, "metrics").items()},
            tags=_texts(content, "tags"),
            datasets=tuple(
                Dataset(*(str(each.get(name) or "") for name in ("name", "digest", "context")))
                for each in _list(content, "datasets")
            ),
            model_ids=tuple(str(each) for each in _list(content, "model_ids")),
            uri=uri,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise _nonsense(str(error)) from error


def _models(answer: Mapping[str, Any], uri: str) -> list[LoggedModel]:
    try:
        return [
            LoggedModel(
                uri=str(each["uri"]),
                model_id=str(each["model_id"]),
                name=str(each.get("name") or ""),
                store=uri,
                experiment_id=str(each.get("experiment_id") or ""),
                source_run_id=str(each.get("source_run_id") or ""),
                created_ms=_whole(each.get("created_ms")) or 0,
                status=str(each.get("status") or ""),
                params=_texts(each, "params"),
                metrics={str(name): metric_value(value) for name, value in _dict(each, "metrics").items()},
                tags=_texts(each, "tags"),
            )
            for each in _list(answer, "models")
            if each.get("model_id")
        ]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise _nonsense(str(error)) from error


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str | int) or value == "":
        raise _nonsense(f"no {name}")
    return str(value)


def _dict(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name) or {}
    if not isinstance(value, dict):
        raise _nonsense(f"{name} that are no object")
    return value


def _texts(content: Mapping[str, Any], name: str) -> dict[str, str]:
    return {str(key): "" if value is None else str(value) for key, value in _dict(content, name).items()}


def _list(content: Mapping[str, Any], name: str) -> list[Any]:
    value = content.get(name) or []
    if not isinstance(value, list):
        raise _nonsense(f"{name} that are no list")
    return value


def _whole(value: Any) -> int | None:
    return int(value) if value else None


def _nonsense(what: str) -> TrackingError:
    return TrackingError(f"MLflow's answer is none of a tracking store ({' '.join(what.split())[:100]})")


def open_tracking(
    address: TrackingAddress,
    config: Config,
    environment: Mapping[str, str],
    checkout: Path,
    adopters_python: str | None,
    *,
    is_trusted: bool = True,
) -> Tracking:
    """The stores of an address; no process is started yet."""
    limits = config.mlflow
    interpreters = find_interpreters(
        adopters_python, address, limits, environment, checkout, is_trusted=is_trusted
    )
    folder = checkout / config.project.workdir
    redaction = Redaction.of({**environment, **address.secret_variables})
    return Tracking(
        Session(
            address,
            interpreters,
            folder if folder.is_dir() else checkout,
            limits.total_seconds,
            redaction,
        )
    )
