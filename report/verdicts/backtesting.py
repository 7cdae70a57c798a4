"""A history replayed: what other rules for a metric would have said of each commit as it arrived."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Any

from ...history import History, MetricRule
from ...history.late_dataclass import dataclass
from .answers import CHANGED, WORSE_SIGNS, Row, judged_metrics

CONFIGURED = "as configured"
USUAL_PERCENTS = (1.0, 2.0, 5.0)
USUAL_QUANTILES = (0.95, 0.99)
"""Of the changes for the worse against the baseline: the bounds that are tried as `max_drop`."""


@dataclass(frozen=True)
class Candidate:
    """A rule to try: what it sets beyond the configured one."""

    changes: tuple[tuple[str, Any], ...] = ()
    """Keys of the config's rule, with their values."""

    @property
    def name(self) -> str:
        """`min_effect_percent 2`; `as configured` for no change."""
        return ", ".join(f"{key} {_shown(value)}" for key, value in self.changes) or CONFIGURED

    def applied_to(self, rule: MetricRule) -> MetricRule:
        """The rule with the changes; of the two smallest effects the one that is given holds alone."""
        values = dict(self.changes)
        if {"min_effect", "min_effect_percent"} & set(values):
            values = {"min_effect": None, "min_effect_percent": None} | values
        return replace(rule, **values)


@dataclass(frozen=True)
class Outcome:
    """What one rule would have said."""

    candidate: Candidate
    count_commits: int
    count_judged: int
    """Those that had enough points before them."""
    count_worse: int
    """Those that left the metric worse: what `on_regression` acts on."""
    flagged: list[Row] = field(default_factory=list)
    """The measurements that are not steady, and those that withdraw a suspicion, oldest first."""

    def count(self, *verdicts: str) -> int:
        """Commits with one of these verdicts."""
        return sum(row["verdict"] in verdicts for row in self.flagged)

    @property
    def count_withdrawn(self) -> int:
        """Suspicions that the next commit withdrew."""
        return sum(row["withdrawn_commit_sha"] is not None for row in self.flagged)

    @property
    def count_suspected_worse(self) -> int:
        """Suspicions of a change for the worse: what `on_suspected` acts on."""
        return sum(row["is_suspected_worse"] for row in self.flagged)


def backtest(
    history: History, metric: str, candidates: Iterable[Candidate], branch: str | None = None
) -> list[Outcome]:
    """The outcome of each candidate over the metric's measurements, on a branch or on all.

    Each commit is judged by those before it, as the view `regressions` does. The history's settings are as before
    when it returns.
    """
    before = history.settings
    own = next((rule for rule in before.metric_rules if rule.metric == metric), MetricRule(metric))
    others = tuple(rule for rule in before.metric_rules if rule.metric != metric)
    outcomes = []
    try:
        for candidate in candidates:
            rules = (*others, candidate.applied_to(own))
            history.change_settings(replace(before, metric_rules=rules))
            outcomes.append(_outcome(candidate, judged_metrics(history, branch=branch, metric=metric)))
    finally:
        history.change_settings(before)
    return outcomes


def usual_candidates(history: History, metric: str, branch: str | None = None) -> list[Candidate]:
    """A small grid: no smallest effect, 1, 2 and 5 percent, and bounds that the history's own drops suggest."""
    candidates = [Candidate((("min_effect_percent", percent),)) for percent in (0.0, *USUAL_PERCENTS)]
    drops = sorted(
        WORSE_SIGNS[row["goal"]] * row["baseline_delta"]
        for row in judged_metrics(history, branch=branch, metric=metric)
        if row["goal"] and row["baseline_delta"] is not None
    )
    drops = [drop for drop in drops if drop > 0]
    bounds = [_rounded_up(drops[math.ceil(share * len(drops)) - 1]) for share in USUAL_QUANTILES if drops]
    return candidates + [Candidate((("max_drop", bound),)) for bound in dict.fromkeys(bounds)]


def _outcome(candidate: Candidate, rows: Sequence[Row]) -> Outcome:
    return Outcome(
        candidate=candidate,
        count_commits=len(rows),
        count_judged=sum(row["verdict"] != "too_few" for row in rows),
        count_worse=sum(row["standing"] == "worse" for row in rows),
        flagged=[row for row in rows if row["verdict"] in CHANGED or row["withdrawn_commit_sha"]],
    )


def _rounded_up(value: float) -> float:
    """To two digits that matter, so that the bound is one that a person would write."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / step - 1e-9) * step:.2g}")


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
