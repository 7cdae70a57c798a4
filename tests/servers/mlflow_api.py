"""What a test makes and looks up on a real MLflow server, by its REST API: none of it by the code under test."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class MlflowApi:
    """One server."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """The answer to a POST; raises where that is an error."""
        return self._send("POST", path, json.dumps(body).encode())

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """The answer to a GET."""
        return self._send("GET", f"{path}?{urllib.parse.urlencode(parameters)}", None)

    def put(self, path: str, content: bytes) -> None:
        """Store an artifact; `path` begins with the run's folder."""
        self._open("PUT", f"{self.url}/api/2.0/mlflow-artifacts/artifacts{path}", content)

    def _send(self, method: str, path: str, content: bytes | None) -> dict[str, Any]:
        found = json.loads(self._open(method, f"{self.url}/api/2.0/mlflow/{path}", content))
        assert isinstance(found, dict)
        return found

    def _open(self, method: str, url: str, content: bytes | None) -> bytes:
        headers = self.headers | {"Content-Type": "application/json"}
        request = urllib.request.Request(url, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    # Runs

    def experiment(self, name: str) -> str:
        """A new experiment."""
        return str(self.post("experiments/create", name=name)["experiment_id"])

    def create_run(
        self, experiment_id: str = "0", *, started_ms: int = 1000, tags: dict[str, str] | None = None
    ) -> str:
        """A new run."""
        pairs = _pairs(tags or {})
        made = self.post("runs/create", experiment_id=experiment_id, start_time=started_ms, tags=pairs)
        return str(made["run"]["info"]["run_id"])

    def log(
        self, run_id: str, metrics: dict[str, float | str] | None = None, params: dict[str, str] | None = None
    ) -> None:
        """Log metrics, NaN and infinities by name, and params."""
        for key, value in (metrics or {}).items():
            self.post("runs/log-metric", run_id=run_id, key=key, value=value, timestamp=1)
        for key, text in (params or {}).items():
            self.post("runs/log-parameter", run_id=run_id, key=key, value=text)

    def end_run(self, run_id: str, status: str = "FINISHED", ended_ms: int = 3500) -> None:
        """Give a run its last status."""
        self.post("runs/update", run_id=run_id, status=status, end_time=ended_ms)

    def finished_run(
        self, tags: dict[str, str], metrics: dict[str, float | str], experiment_id: str = "0", **times: int
    ) -> str:
        """A run that measured something and ended."""
        run_id = self.create_run(experiment_id, tags=tags, **times)
        self.log(run_id, metrics)
        self.end_run(run_id)
        return run_id

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as the server has it: `info` and `data`."""
        found: dict[str, Any] = self.get("runs/get", run_id=run_id)["run"]
        return found

    def tags(self, run_id: str) -> dict[str, str]:
        """The tags of a run."""
        return {each["key"]: each["value"] for each in self.run(run_id)["data"].get("tags", ())}

    def artifact_uri(self, run_id: str) -> str:
        """Where the artifacts of a run are."""
        return str(self.run(run_id)["info"]["artifact_uri"])

    def active_runs(self, *experiment_ids: str, query: str = "") -> set[str]:
        """The ids of the runs that were not deleted."""
        found = self.post("runs/search", experiment_ids=list(experiment_ids), filter=query, max_results=1000)
        return {each["info"]["run_id"] for each in found.get("runs", ())}

    def log_dataset(self, run_id: str) -> None:
        """An input of a run: `rows`, of digest `abc`, to train."""
        dataset = {"name": "rows", "digest": "abc", "source_type": "local", "source": "{}"}
        tags = _pairs({"mlflow.data.context": "train"})
        self.post("runs/log-inputs", run_id=run_id, datasets=[{"dataset": dataset, "tags": tags}])

    # Logged models

    def log_model(
        self, run_id: str | None, name: str, experiment_id: str = "0", tags: dict[str, str] | None = None
    ) -> str:
        """A logged model, an output of the run where there is one."""
        source = {"source_run_id": run_id} if run_id else {}
        made = self.post(
            "logged-models", experiment_id=experiment_id, name=name, tags=_pairs(tags or {}), **source
        )
        model_id = str(made["model"]["info"]["model_id"])
        if run_id:
            self.post("runs/outputs", run_id=run_id, models=[{"model_id": model_id, "step": 0}])
        return model_id

    def log_model_metric(self, run_id: str, model_id: str, key: str, value: float, step: int = 0) -> None:
        """A metric of a logged model, measured in a run."""
        self.post(
            "runs/log-metric", run_id=run_id, key=key, value=value, timestamp=1, step=step, model_id=model_id
        )

    # Registry

    def register(
        self, name: str, run_id: str, tags: dict[str, str] | None = None, *, source: str | None = None
    ) -> int:
        """The next version of a registered model, which is made when there is none."""
        if not self.has_model(name):
            self.post("registered-models/create", name=name)
        source = source or f"{self.artifact_uri(run_id)}/model"
        made = self.post(
            "model-versions/create", name=name, source=source, run_id=run_id, tags=_pairs(tags or {})
        )
        return int(made["model_version"]["version"])

    def has_model(self, name: str) -> bool:
        """Whether there is a registered model of this name."""
        found = self.get("registered-models/search", filter=f"name = '{name}'")
        return bool(found.get("registered_models"))

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias."""
        self.post("registered-models/alias", name=name, alias=alias, version=str(version))

    def aliases(self, name: str) -> dict[str, int]:
        """Alias -> version."""
        found = self.get("registered-models/get", name=name)["registered_model"]
        return {each["alias"]: int(each["version"]) for each in found.get("aliases", ())}

    def versions(self, name: str) -> dict[int, dict[str, Any]]:
        """Version -> what the server tells of it, its tags as an object."""
        found = self.get("model-versions/search", filter=f"name = '{name}'").get("model_versions", ())
        return {
            int(each["version"]): each | {"tags": {tag["key"]: tag["value"] for tag in each.get("tags", ())}}
            for each in found
        }


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
