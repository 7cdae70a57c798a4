"""What the command `model` asks the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...history import History
from ..config import Config
from ..errors import ReportError, UsageError
from ..facts.ci import read_ci
from ..tracking.address import TrackingAddress, find_address
from ..tracking.errors import TrackingError, TrackingMissingError
from ..tracking.links import run_url, version_url
from ..tracking.opening import open_server
from ..tracking.runs import TrackedRun
from ..tracking.server import TrackingServer
from ..verdicts.answers import ask_question
from .pulling import json_number, pull_model
from .versions import ModelVersion, Registry


@dataclass(frozen=True)
class RegistryAnswers:
    """The registered model of a config, on its server. Every method may raise a `ReportError`."""

    config: Config
    address: TrackingAddress
    registry: Registry
    server: TrackingServer
    name: str
    alias: str

    @classmethod
    def of(cls, config: Config, environment: Mapping[str, str], root: Path) -> RegistryAnswers:
        """Raises `UsageError` when the config has no registry, or no server."""
        if config.registry is None:
            raise UsageError("the config has no `registry` section: wanted one with `model_name`")
        address = find_address(config, environment, root, is_trusted=not read_ci(environment).untrusted)
        server = open_server(address, config.mlflow)
        if server is None:
            raise UsageError(
                "the registry needs an MLflow server: wanted `mlflow.tracking_uri`, http or https"
            )
        section = config.registry
        return cls(config, address, Registry(server.rest), server, section.model_name, section.alias)

    def _aliases(self) -> dict[str, int]:
        found = self.registry.aliases(self.name)
        if found is None:
            raise ReportError(f"there is no registered model {self.name} on {self.address.url} yet")
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
            run = self.server.run(found.run_id) if found.run_id else None
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
            "url": version_url(self.address.url, found.name, str(found.version)),
            "run_url": run_url(self.address.url, run.experiment_id, run.run_id) if run else None,
        }

    def move(self, alias: str, version: int) -> int | None:
        """Move an alias by hand; returns the version that had it."""
        found, _ = self._version(version)
        before = self._aliases().get(alias)
        self.registry.set_alias(self.name, alias, found.version)
        return before

    def pull(self, version: int, target: Path) -> dict[str, object]:
        """Download a version; returns its provenance."""
        found, run = self._version(version)
        aliases = [alias for alias, each in self._aliases().items() if each == version]
        timeout = self.config.mlflow.timeout_seconds
        return pull_model(self.address, found, aliases, run, target, timeout_seconds=timeout)


def best_commits(history: History, name: str, metric: str) -> list[int]:
    """Versions of a model in the history, the best value of a metric first. Raises where it has no goal."""
    rows = ask_question(history, "versions_by_metric", model_name=name, metric=metric)
    if rows and rows[0]["goal"] is None:
        raise TrackingError(f"{metric} has no goal, so no version is the best: set `metrics.{metric}.goal`")
    return [int(row["model_version"]) for row in rows if str(row["model_version"]).isdecimal()]


def _time(milliseconds: int) -> str:
    return (
        datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if milliseconds
        else ""
    )
