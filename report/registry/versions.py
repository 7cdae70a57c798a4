"""A registered model, its versions and its aliases, on an MLflow server.

Source: MLflow's "REST API" reference: registered-models, model-versions, aliases (since MLflow 2.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..tracking.errors import TrackingConflictError, TrackingError, TrackingMissingError
from ..tracking.rest import Rest
from ..tracking.runs import LoggedModel

TAG = "devops_mlops_report."
VERSIONS_AT_MOST = 10_000


@dataclass(frozen=True)
class ModelVersion:
    """One version of a registered model."""

    name: str
    version: int
    run_id: str = ""
    source: str = ""
    created_ms: int = 0
    status: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def tag(self, name: str) -> str:
        """A tag of ours; '' without it."""
        return self.tags.get(TAG + name, "")

    @property
    def value(self) -> float | None:
        """The highlight metric's value that it was registered with."""
        try:
            return float(self.tag("value"))
        except ValueError:
            return None


class Registry:
    """The registry of one server. Every method may raise a `TrackingError`."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    def aliases(self, name: str) -> dict[str, int] | None:
        """Alias -> version of a registered model; None when there is no such model."""
        try:
            model = self.rest.get("registered-models/get", name=name)["registered_model"]
        except TrackingMissingError as error:
            if error.is_endpoint:
                raise
            return None
        return {str(each["alias"]): int(each["version"]) for each in model.get("aliases") or ()}

    def versions(self, name: str, run_id: str | None = None) -> list[ModelVersion]:
        """The versions of a model, newest first; of one run only, where it is given."""
        quoted = name.replace("'", "''")
        query = f"name = '{quoted}'" + (f" and run_id = '{run_id}'" if run_id else "")
        return self._search(query)

    def _search(self, query: str) -> list[ModelVersion]:
        found: list[ModelVersion] = []
        token = ""
        while len(found) < VERSIONS_AT_MOST:
            more = {"page_token": token} if token else {}
            answer = self.rest.get("model-versions/search", filter=query, max_results="1000", **more)
            found += [_version(each) for each in answer.get("model_versions", [])]
            token = answer.get("next_page_token", "")
            if not token:
                break
        return sorted(found, key=lambda each: each.version, reverse=True)

    def version(self, name: str, version: int) -> ModelVersion:
        """One version."""
        answer = self.rest.get("model-versions/get", name=name, version=str(version))
        return _version(answer["model_version"])

    def create_model(self, name: str) -> bool:
        """Make the registered model; False when it was there."""
        try:
            self.rest.call("POST", "registered-models/create", {"name": name}, is_repeatable=False)
        except TrackingConflictError:
            return False
        return True

    def delete_model(self, name: str) -> None:
        """Delete a registered model."""
        self.rest.call("DELETE", "registered-models/delete", {"name": name})

    def create_version(
        self, name: str, model: LoggedModel, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Register a run's model as the next version."""
        body: dict[str, Any] = {
            "name": name,
            "source": model.uri,
            "run_id": run_id,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        if model.model_id:
            body["model_id"] = model.model_id
        answer = self.rest.call("POST", "model-versions/create", body, is_repeatable=False)
        return _version(answer["model_version"])

    def set_tags(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        for key, value in tags.items():
            body = {"name": version.name, "version": str(version.version), "key": key, "value": value}
            self.rest.call("POST", "model-versions/set-tag", body)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias to a version."""
        body = {"name": name, "alias": alias, "version": str(version)}
        self.rest.call("POST", "registered-models/alias", body)

    def is_aliased(self, run_id: str) -> bool:
        """True when a version made of a run bears an alias; False also where there is no registry."""
        try:
            versions = self._search(f"run_id = '{run_id}'")
            # The search does not tell aliases: each model is asked for its own.
            return any(each.version in (self.aliases(each.name) or {}).values() for each in versions)
        except TrackingMissingError:
            return False


def _version(content: Mapping[str, Any]) -> ModelVersion:
    try:
        number = int(content["version"])
    except (KeyError, ValueError) as error:
        raise TrackingError("the registry answered with a model version that has no number") from error
    return ModelVersion(
        name=str(content["name"]),
        version=number,
        run_id=str(content.get("run_id", "")),
        source=str(content.get("source", "")),
        created_ms=int(content.get("creation_timestamp") or 0),
        status=str(content.get("status", "")),
        tags={str(each["key"]): str(each.get("value", "")) for each in content.get("tags") or ()},
    )
