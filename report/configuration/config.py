"""The config that the rest of the report works with, whichever version the file has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...history.settings import AcceptedChange, MetricRule, Settings
from .accepted import AcceptedSection
from .baselines import NamedBaseline
from .models import (
    ConfigFile,
    MetricSection,
    MlflowSection,
    ProjectSection,
    RegistrySection,
    ReportSection,
    StorageSection,
)


@dataclass(frozen=True)
class Config:
    """What to report, where the history is kept, what is trained. Made by `load_config`."""

    timezone: str
    storage: StorageSection
    report: ReportSection
    metrics: Mapping[str, MetricSection]
    accept: tuple[AcceptedSection, ...]
    """Changes that are meant; a hash may be abbreviated."""
    mlflow: MlflowSection
    registry: RegistrySection | None
    """None: nothing is registered."""
    project: ProjectSection
    source: Path | None = None
    """The file that it was read from; None for the defaults."""
    notices: tuple[str, ...] = ()
    """What the user should know about the file: one line each, for the summary."""

    @classmethod
    def defaults(cls) -> Config:
        """A run without a config: DevOps only, the history in a local file."""
        return cls.from_file(ConfigFile(report=ReportSection(highlight_metric=None)))

    @classmethod
    def from_file(
        cls, file: ConfigFile, *, source: Path | None = None, notices: tuple[str, ...] = ()
    ) -> Config:
        """The config that a valid file stands for."""
        return cls(
            timezone=file.timezone,
            storage=file.storage,
            report=file.report,
            metrics=MappingProxyType(file.metrics),
            accept=file.accept,
            mlflow=file.mlflow,
            registry=file.registry,
            project=file.project,
            source=source,
            notices=notices,
        )

    def to_settings(
        self,
        *,
        repository: str | None,
        branch: str | None,
        commit_sha: str | None,
        default_branch: str | None,
    ) -> Settings:
        """The settings of the views, for a report on one commit.

        The config's default branch wins over the one that the CI names; without either it is `main`.
        """
        report = self.report
        return Settings(
            highlight_metric=report.highlight_metric,
            timezone=self.timezone,
            default_branch=report.default_branch or default_branch or Settings.default_branch,
            **_baseline(report.baseline),
            trend_window=report.trend_window,
            sharp_delta=report.sharp_delta,
            minimum_points=report.minimum_points,
            min_effect=report.min_effect,
            min_effect_percent=report.min_effect_percent,
            repository=repository,
            branch=branch,
            commit_sha=commit_sha,
            keep=self.storage.keep,
            keep_days=self.storage.keep_days,
            metric_rules=tuple(
                MetricRule(
                    metric=name,
                    goal=rule.goal,
                    **_baseline(rule.baseline),
                    min_effect=rule.min_effect,
                    min_effect_percent=rule.min_effect_percent,
                    on_regression=rule.on_regression,
                    max_drop=rule.max_drop,
                    target=rule.target,
                )
                for name, rule in self.metrics.items()
            ),
            accepted_changes=tuple(AcceptedChange(each.commit, each.metric) for each in self.accept),
        )


def _baseline(chosen: str | NamedBaseline | None) -> dict[str, Any]:
    """The two settings that a baseline stands for. A tag that no checkout resolved stands for no commit."""
    if isinstance(chosen, NamedBaseline):
        return {"baseline": "commit", "baseline_commit": chosen.commit}
    return {"baseline": chosen, "baseline_commit": None}
