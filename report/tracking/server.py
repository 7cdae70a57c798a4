"""An MLflow tracking server: what the report reads from it, and the run that it prepares there.

Source: MLflow's "REST API" reference, version 2.0 of the API; `outputs` and logged models since MLflow 3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import TrackingConflictError, TrackingError, TrackingMissingError
from .rest import Rest
from .runs import Dataset, LoggedModel, TrackedRun, metric_value

RUNS_AT_MOST = 1000
EXPERIMENTS_AT_MOST = 1000
_BATCH = 100


class TrackingServer:
    """Runs, experiments and logged models of one server. Every method may raise a `TrackingError`."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest
        self._experiments: dict[str, str] | None = None

    def run(self, run_id: str) -> TrackedRun:
        """One run."""
        return _run(self.rest.get("runs/get", run_id=run_id)["run"])

    def find(self, tag: str, value: str, experiment_ids: Sequence[str] = ()) -> list[TrackedRun]:
        """The runs with a tag, newest first. `value` is a hash or an id: MLflow's filters know no escapes."""
        if not value.isalnum():
            return []
        return self.search(f"tags.`{tag}` = '{value}'", experiment_ids)

    def search(
        self,
        query: str = "",
        experiment_ids: Sequence[str] = (),
        order: str = "attributes.start_time DESC",
        at_most: int = RUNS_AT_MOST,
    ) -> list[TrackedRun]:
        """The first runs that a filter of MLflow's finds, of all experiments by default."""
        wanted = list(experiment_ids) or sorted(self.experiments())
        found: list[TrackedRun] = []
        token = ""
        while wanted and len(found) < at_most:
            body: dict[str, Any] = {
                "experiment_ids": wanted,
                "filter": query,
                "max_results": 200,
                "order_by": [order],
            }
            answer = self.rest.call("POST", "runs/search", body | ({"page_token": token} if token else {}))
            found += [_run(run) for run in answer.get("runs", [])]
            token = answer.get("next_page_token", "")
            if not token:
                break
        return found

    def experiments(self) -> dict[str, str]:
        """Id -> name of the active experiments."""
        if self._experiments is None:
            found: dict[str, str] = {}
            token = ""
            while len(found) < EXPERIMENTS_AT_MOST:
                body = {"max_results": 200} | ({"page_token": token} if token else {})
                answer = self.rest.call("POST", "experiments/search", body)
                found |= {
                    str(each["experiment_id"]): str(each["name"]) for each in answer.get("experiments", [])
                }
                token = answer.get("next_page_token", "")
                if not token:
                    break
            self._experiments = found
        return self._experiments

    def forget_experiments(self) -> None:
        """Ask for the experiments again: others may have made some."""
        self._experiments = None

    def experiment_id(self, name: str) -> str:
        """The experiment of a name, made when there is none."""
        try:
            found = self.rest.get("experiments/get-by-name", experiment_name=name)
            return str(found["experiment"]["experiment_id"])
        except TrackingMissingError:
            pass
        try:
            made = self.rest.call("POST", "experiments/create", {"name": name}, is_repeatable=False)
            return str(made["experiment_id"])
        except TrackingConflictError:
            found = self.rest.get("experiments/get-by-name", experiment_name=name)
            return str(found["experiment"]["experiment_id"])

    def experiment_name(self, experiment_id: str) -> str:
        """The name of an experiment."""
        found = self.rest.get("experiments/get", experiment_id=experiment_id)
        return str(found["experiment"].get("name", ""))

    def create(self, experiment_id: str, name: str, started_ms: int, tags: Mapping[str, str]) -> TrackedRun:
        """A new run, in status RUNNING."""
        body = {
            "experiment_id": experiment_id,
            "run_name": name,
            "start_time": started_ms,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        return _run(self.rest.call("POST", "runs/create", body, is_repeatable=False)["run"])

    def log_params(self, run_id: str, params: Mapping[str, str]) -> None:
        """Add params to a run."""
        entries = [{"key": key, "value": value} for key, value in params.items()]
        for at in range(0, len(entries), _BATCH):
            self.rest.call("POST", "runs/log-batch", {"run_id": run_id, "params": entries[at : at + _BATCH]})

    def end(self, run_id: str, status: str, ended_ms: int) -> None:
        """Give a run its last status."""
        self.rest.call("POST", "runs/update", {"run_id": run_id, "status": status, "end_time": ended_ms})

    def delete(self, run_id: str) -> None:
        """Move a run to the server's trash."""
        self.rest.call("POST", "runs/delete", {"run_id": run_id})

    def models(self, run: TrackedRun) -> list[LoggedModel]:
        """The models that a run logged, the newest last: MLflow 3's own, else folders of its artifacts."""
        found: list[tuple[int, LoggedModel]] = []
        for model_id in run.model_ids:
            try:
                info = self.rest.get(f"logged-models/{model_id}")["model"]["info"]
            except TrackingMissingError:
                continue
            model = LoggedModel(f"models:/{model_id}", model_id, str(info.get("name", "")))
            found.append((int(info.get("creation_timestamp_ms") or 0), model))
        if found:
            return [model for _, model in sorted(found, key=lambda each: each[0])]
        try:
            entries = json.loads(run.tags.get("mlflow.log-model.history", "[]"))
        except ValueError as error:
            raise TrackingError("the run's tag `mlflow.log-model.history` is not JSON") from error
        paths = [
            str(entry["artifact_path"])
            for entry in entries
            if isinstance(entry, dict) and "artifact_path" in entry
        ]
        return [
            LoggedModel(f"{run.artifact_uri.rstrip('/')}/{path}", None, path) for path in dict.fromkeys(paths)
        ]


def _run(content: Mapping[str, Any]) -> TrackedRun:
    info, data = content["info"], content.get("data", {})
    inputs, outputs = content.get("inputs") or {}, content.get("outputs") or {}
    return TrackedRun(
        run_id=str(info.get("run_id") or info["run_uuid"]),
        experiment_id=str(info["experiment_id"]),
        status=str(info.get("status", "")),
        started_ms=_whole(info.get("start_time")),
        ended_ms=_whole(info.get("end_time")),
        artifact_uri=str(info.get("artifact_uri", "")),
        params=_pairs(data.get("params")),
        metrics={str(each["key"]): metric_value(each.get("value", 0)) for each in data.get("metrics") or ()},
        tags=_pairs(data.get("tags")),
        datasets=tuple(_dataset(each) for each in inputs.get("dataset_inputs") or ()),
        model_ids=tuple(
            str(each["model_id"]) for each in outputs.get("model_outputs") or () if "model_id" in each
        ),
    )


def _dataset(content: Mapping[str, Any]) -> Dataset:
    dataset = content.get("dataset") or {}
    tags = _pairs(content.get("tags"))
    return Dataset(
        str(dataset.get("name", "")), str(dataset.get("digest", "")), tags.get("mlflow.data.context", "")
    )


def _pairs(entries: Any) -> dict[str, str]:
    return {str(each["key"]): str(each.get("value", "")) for each in entries or ()}


def _whole(value: Any) -> int | None:
    return int(value) if value else None
