"""The settings that the views read: the rows of the tables `settings` and `metric_rules`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import HistoryError

Goal = Literal["maximize", "minimize"]
Baseline = Literal["previous", "default_branch", "best", "release", "commit"]
"""`release`: the nearest ancestor with a release's tag; `commit`: the one that `baseline_commit` names."""
OnRegression = Literal["report", "warn", "fail"]


@dataclass(frozen=True)
class MetricRule:
    """What is expected of one metric. `None` leaves the answer to the settings or to the metric's name."""

    metric: str
    goal: Goal | None = None
    baseline: Baseline | None = None
    baseline_commit: str | None = None
    """A hash, or its first seven digits or more, for the baseline `commit`."""
    min_effect: float | None = None
    """Smallest change that counts, in the metric's own unit."""
    min_effect_percent: float | None = None
    """Smallest change that counts, in percent of the level. Where a rule gives one of the two, that one alone holds."""
    on_regression: OnRegression = "report"
    on_suspected: OnRegression = "report"
    max_drop: float | None = None
    """How much worse than its baseline a value may be, in the metric's own unit; beyond it is `regressed` at once."""
    target: float | None = None
    """What a value must reach: at least (maximize) or at most (minimize)."""


@dataclass(frozen=True)
class AcceptedChange:
    """A change that is meant: from this commit on, the level begins anew."""

    commit_sha: str
    metric: str | None = None
    """`None` accepts the changes of every metric."""


@dataclass(frozen=True)
class Settings:
    """One row of the table `settings`; the defaults are those of a run without a config."""

    highlight_metric: str | None = None
    timezone: str = "UTC"
    """IANA name. Naive times of older layouts are in it; reports show times in it."""
    default_branch: str = "main"
    baseline: Baseline = "previous"
    baseline_commit: str | None = None
    """A hash, or its first seven digits or more, for the baseline `commit`."""
    trend_window: int = 10
    """How many points the chart and the table show."""
    sharp_delta: float = 0.15
    """A change of at least this much (absolute) is sharp."""
    minimum_points: int = 5
    """Below this many earlier points the verdict is `too_few`."""
    min_effect: float = 0.0
    min_effect_percent: float = 1.0
    mad_factor: float = 4.0
    """Was the spread that a simpler rule allowed for; configs may still set it, the verdicts do not read it."""
    repository: str | None = None
    """The repository, branch and commit that a report is about; empty for ad-hoc queries."""
    branch: str | None = None
    commit_sha: str | None = None
    report: str | None = None
    """The name of that report, '' for the only one of its repository; `None` for ad-hoc queries, which see all."""
    workflow: str | None = None
    """The workflow whose run the report is about, likewise."""
    metric_rules: tuple[MetricRule, ...] = ()
    accepted_changes: tuple[AcceptedChange, ...] = ()
    keep: int | None = None
    """How many rows stay in the history's file; older ones move to its archive. `None`: all."""
    keep_days: int | None = None
    """How many days before the newest row; what is older moves to the archive."""

    def __post_init__(self) -> None:
        """Raises `HistoryError` for two rules about one metric: it would have two verdicts."""
        metrics = [rule.metric for rule in self.metric_rules]
        twice = sorted({metric for metric in metrics if metrics.count(metric) > 1})
        if twice:
            raise HistoryError(
                f"there are several rules for the metric {', '.join(twice)}; wanted one for each"
            )
