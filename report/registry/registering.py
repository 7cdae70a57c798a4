"""Make the trained run's model a version of the registered model, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..tracking.errors import TrackingError, TrackingMissingError
from ..tracking.runs import TrackedRun
from ..tracking.server import TrackingServer
from .versions import TAG, ModelVersion, Registry


@dataclass(frozen=True)
class Registered:
    """The run's version; None with the reasons why there is none."""

    version: ModelVersion | None
    notices: tuple[str, ...] = ()


def register(
    server: TrackingServer, registry: Registry, name: str, run: TrackedRun, tags: Mapping[str, str]
) -> Registered:
    """Register the newest model of `run` as a version of `name`, with tags of ours (without their prefix).

    A version that the script registered itself is found, and gets the tags. A registry that is not there, is
    read-only or down costs the version, not the report: the reason is among the notices.
    """
    named = {TAG + key: value for key, value in tags.items() if value}
    try:
        found = registry.versions(name, run.run_id) if registry.aliases(name) is not None else []
        if found:
            missing = {key: value for key, value in named.items() if key not in found[0].tags}
            registry.set_tags(found[0], missing)
            return Registered(registry.version(name, found[0].version))
        models = server.models(run)
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


def _take_back(registry: Registry, name: str) -> None:
    """An empty registered model is nothing that anybody wants; if even that fails, it stays."""
    try:
        registry.delete_model(name)
    except TrackingError:
        return
