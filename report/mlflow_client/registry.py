"""A registered model, its versions and its aliases; and how a trained run's model becomes a version, once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from ...history.late_dataclass import dataclass
from .errors import TrackingDownError, TrackingError, TrackingMissingError
from .runs import LoggedModel, TrackedRun
from .session import Session
from .tracking import models_of

TAG = "devops_mlops_report."


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
    """The registry of one store. Every method may raise a `TrackingError`."""

    def __init__(self, session: Session, uri: str) -> None:
        self.session = session
        self.uri = uri

    def _ask(self, question: str, **details: Any) -> dict[str, Any]:
        return self.session.ask(question, self.uri, **details)

    def aliases(self, name: str) -> dict[str, int] | None:
        """Alias -> version of a registered model; None when there is no such model."""
        found = self._ask("aliases", name=name).get("aliases")
        if found is None:
            return None
        try:
            return {str(alias): int(version) for alias, version in found.items()}
        except (AttributeError, ValueError, TypeError) as error:
            raise TrackingError("the registry answered with aliases that are none") from error

    def versions(self, name: str, run_id: str | None = None) -> list[ModelVersion]:
        """The versions of a model, newest first; of one run only, where it is given."""
        found = self._ask("versions", name=name, run_id=run_id).get("versions")
        return sorted(map(_version, found or ()), key=lambda each: each.version, reverse=True)

    def version(self, name: str, version: int) -> ModelVersion:
        """One version."""
        return _version(self._ask("version", name=name, version=version).get("version"))

    def create_model(self, name: str) -> bool:
        """Make the registered model; False when it was there."""
        return self._ask("create_model", name=name).get("is_new") is True

    def delete_model(self, name: str) -> None:
        """Delete a registered model."""
        self._ask("delete_model", name=name)

    def create_version(
        self, name: str, model: LoggedModel, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Register a run's model as the next version."""
        details = {"source": model.uri, "run_id": run_id or None, "model_id": model.model_id}
        return _version(self._ask("create_version", name=name, tags=dict(tags), **details).get("version"))

    def set_tags(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        if tags:
            self._ask("set_tags", name=version.name, version=version.version, tags=dict(tags))

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias to a version."""
        self._ask("set_alias", name=name, alias=alias, version=version)

    def aliased_runs(self, run_ids: Collection[str]) -> set[str]:
        """Those of the runs of which a version bears an alias, of whatever model; none where there is no registry."""
        if not run_ids:
            return set()
        return set(map(str, self._ask("aliased_runs", run_ids=sorted(run_ids)).get("run_ids") or ()))


def _version(content: Any) -> ModelVersion:
    try:
        return ModelVersion(
            name=str(content["name"]),
            version=int(content["version"]),
            run_id=str(content.get("run_id") or ""),
            source=str(content.get("source") or ""),
            created_ms=int(content.get("created_ms") or 0),
            status=str(content.get("status") or ""),
            tags={str(key): str(value) for key, value in (content.get("tags") or {}).items()},
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TrackingError("the registry answered with a model version that is none") from error


@dataclass(frozen=True)
class Registered:
    """The run's version; None with the reasons why there is none."""

    version: ModelVersion | None
    notices: tuple[str, ...] = ()


def register(registry: Registry, name: str, run: TrackedRun, tags: Mapping[str, str]) -> Registered:
    """Register the newest model of `run` as a version of `name`, with tags of ours (without their prefix).

    A version that the script registered itself is found, and gets the tags. A registry that is not there, is
    read-only or down costs the version, not the report: the reason is among the notices.
    """
    named = {TAG + key: value for key, value in tags.items() if value}
    try:
        found = _versions_of(registry, name, run) if registry.aliases(name) is not None else []
        if found:
            missing = {key: value for key, value in named.items() if key not in found[0].tags}
            registry.set_tags(found[0], missing)
            return Registered(registry.version(name, found[0].version))
        models = models_of(run)
        if not models:
            return Registered(None, ("The run logged no model, so there is nothing to register.",))
        notices: tuple[str, ...] = ()
        if len(models) > 1:
            notices = (
                f"The run logged {len(models)} models; the last, `{models[-1].name}`, was registered.",
            )
        is_new = registry.create_model(name)
        try:
            version = registry.create_version(name, models[-1], run.run_id, named)
        except TrackingDownError:
            raise  # it may have been made all the same
        except TrackingError:
            if is_new:
                _take_back(registry, name)
            raise
        return Registered(version, notices)
    except TrackingMissingError as error:
        if error.is_endpoint:
            return Registered(
                None, (f"The server has no model registry, so nothing was registered: {error}.",)
            )
        return Registered(None, (f"The model was not registered: {error}.",))
    except TrackingError as error:
        return Registered(None, (f"The model was not registered: {error}.",))


def _versions_of(registry: Registry, name: str, run: TrackedRun) -> list[ModelVersion]:
    """The versions that were made of a run; of a logged model without one, those that were made of the model."""
    if run.run_id:
        return registry.versions(name, run.run_id)
    sources = {model.uri for model in run.models}
    return [version for version in registry.versions(name) if version.source in sources]


def _take_back(registry: Registry, name: str) -> None:
    """An empty registered model is nothing that anybody wants; if even that fails, it stays."""
    try:
        if not registry.versions(name):
            registry.delete_model(name)
    except TrackingError:
        return
