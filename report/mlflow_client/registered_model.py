"""The registered model of a config: what the command `model` asks, moves and brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...history.late_dataclass import dataclass
from ..config import Config
from ..errors import ReportError, UsageError
from ..facts.ci import read_ci
from .address import find_address
from .errors import TrackingMissingError
from .pulling import json_number, pull_model
from .registry import ModelVersion, Registry
from .runs import TrackedRun, run_url, version_url
from .tracking import Tracking, open_tracking


@dataclass(frozen=True)
class RegisteredModel:
    """The registered model of a config, in its store. Every method may raise a `ReportError`."""

    tracking: Tracking
    registry: Registry
    name: str
    alias: str

    @classmethod
    def of(
        cls, config: Config, environment: Mapping[str, str], root: Path, python: str | None
    ) -> RegisteredModel:
        """`python` is the adopter's interpreter. Raises `UsageError` when the config has no registry, or no store."""
        if config.registry is None:
            raise UsageError("the config has no `registry` section: wanted one with `model_name`")
        is_trusted = not read_ci(environment).untrusted
        address = find_address(config, environment, root, is_trusted=is_trusted)
        uris = address.uris
        if not uris:
            places = ", ".join(str(store.path) for store in address.stores)
            raise UsageError(
                "the registry needs an MLflow store: wanted `mlflow.tracking_uri`, a server or a store that is there "
                f"(there is no {places})"
            )
        tracking = open_tracking(address, config, environment, root, python, is_trusted=is_trusted)
        section = config.registry
        return cls(tracking, Registry(tracking.session, uris[0]), section.model_name, section.alias)

    def close(self) -> None:
        """End what asks MLflow."""
        self.tracking.session.close()

    def _aliases(self) -> dict[str, int]:
        found = self.registry.aliases(self.name)
        if found is None:
            raise ReportError(
                f"there is no registered model {self.name} in {self.tracking.address.shown(self.registry.uri)} yet"
            )
        return found

    def listing(self) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and one row a version, newest first."""
        aliases = self._aliases()
        names = [
            "version",
            "aliases",
            "commit_sha",
            "branch",
            "metric",
            "value",
            "promotion",
            "run_id",
            "created_at",
        ]
        rows = [
            (
                each.version,
                " ".join(sorted(alias for alias, version in aliases.items() if version == each.version)),
                each.tag("commit_sha"),
                each.tag("branch"),
                each.tag("metric"),
                each.value,
                each.tag("promotion"),
                each.run_id,
                _time(each.created_ms),
            )
            for each in self.registry.versions(self.name)
        ]
        return names, rows

    def of_alias(self, alias: str) -> int:
        """The version that has an alias."""
        aliases = self._aliases()
        if alias not in aliases:
            known = ", ".join(sorted(aliases)) or "none"
            raise ReportError(f"no version of {self.name} has the alias {alias}; its aliases: {known}")
        return aliases[alias]

    def of_commit(self, commit: str) -> int:
        """The newest version that was trained at a commit; `commit` may be the beginning of its hash."""
        found = [
            each for each in self.registry.versions(self.name) if each.tag("commit_sha").startswith(commit)
        ]
        if not found or len(commit) < 4:
            raise ReportError(f"no version of {self.name} is of commit {commit}")
        commits = {each.tag("commit_sha") for each in found}
        if len(commits) > 1:
            raise ReportError(
                f"{commit} begins {len(commits)} commits that have versions: give more of the hash"
            )
        return found[0].version

    def of_first(self, versions: Sequence[int], metric: str) -> int:
        """The first of these versions that the registry still has."""
        there = {each.version for each in self.registry.versions(self.name)}
        for version in versions:
            if version in there:
                return version
        raise ReportError(f"no version of {self.name} has a value of {metric} in the history")

    def _version(self, version: int) -> tuple[ModelVersion, TrackedRun | None]:
        try:
            found = self.registry.version(self.name, version)
        except TrackingMissingError as error:
            if error.is_endpoint:
                raise
            raise ReportError(f"{self.name} has no version {version}") from error
        try:
            run = self.tracking.run(found.run_id) if found.run_id else None
        except TrackingMissingError:
            run = None  # deleted since: the version lives on without it
        return found, run

    def details(self, version: int) -> dict[str, Any]:
        """One version as a JSON object."""
        found, run = self._version(version)
        return {
            "name": found.name,
            "version": found.version,
            "aliases": sorted(alias for alias, each in self._aliases().items() if each == version),
            "created_at": _time(found.created_ms),
            "status": found.status,
            "source": found.source,
            "tags": dict(found.tags),
            "run_id": found.run_id,
            "metrics": {}
            if run is None
            else {name: json_number(value) for name, value in run.metrics.items()},
            "params": {} if run is None else dict(run.params),
            "url": version_url(self.tracking.address.url, found.name, str(found.version)),
            "run_url": run_url(self.tracking.address.url, run.experiment_id, run.run_id) if run else None,
        }

    def move(self, alias: str, version: int) -> int | None:
        """Move an alias by hand; returns the version that had it."""
        found, _ = self._version(version)
        before = self._aliases().get(alias)
        self.registry.set_alias(self.name, alias, found.version)
        return before

    def pull(self, version: int, target: Path, tell: Callable[[str], None]) -> dict[str, object]:
        """Download a version; returns its provenance. `tell` gets a few words of progress now and then."""
        found, run = self._version(version)
        aliases = [alias for alias, each in self._aliases().items() if each == version]
        return pull_model(self.registry, found, aliases, run, target, tell)


def _time(milliseconds: int) -> str:
    return (
        datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if milliseconds
        else ""
    )
