"""How verdicts came about: all that the history and the checkout tell of a commit's metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...history import History
from ...history.late_dataclass import dataclass
from ..config import Config, MetricSection, ReportSection
from ..errors import UsageError
from ..facts.git import GitError, is_shallow, read_ancestry, resolve_commit
from .answers import CHANGED, Row, ask_question, ask_standings, judged_metrics
from .attribution import Attribution, attribution_at, event_commit
from .named_commits import tell_compared_releases

COUNT_BEFORE, COUNT_AFTER = 6, 3
MOST_METRICS = 10
"""That are explained when none is named."""


DEFAULT = "default"
NAME = "the metric's name"
NOT_SET = "not set"
"""Where a setting comes from, if not from a key of the config."""


@dataclass(frozen=True)
class SettingInForce:
    """One setting of a metric's rule."""

    name: str
    value: Any
    """None: there is none."""
    source: str
    """The key of the config, `default`, or the metric's name, from which goals and usual effects are inferred."""


@dataclass(frozen=True)
class MetricExplanation:
    """One metric at the commit."""

    row: Row
    """Its deltas and its verdict (the question `judged_metrics`)."""
    judged: Row
    """Its level and noise (the question `judged_measurement`)."""
    rule: MetricSection
    """What the config says of the metric."""
    settings: list[SettingInForce]
    """The rule in force: the config's, the defaults, and what the metric's name tells."""
    attribution: Attribution | None
    outcome: Row | None
    """The later commit that confirmed or withdrew it (the question `what_became`)."""
    neighbours: list[Row]


@dataclass(frozen=True)
class Explanation:
    """One commit."""

    commit_sha: str
    commit: Row
    """Message, author, branch, time (the question `changes_at_commit`)."""
    has_ancestry: bool
    """Whether a checkout, or the rows, told what came before; else the order is that of the branch."""
    metrics: list[MetricExplanation]
    others: list[Row]
    """The commit's metrics that are not explained, as they are steady and nobody asked."""
    standings: list[Row]
    """Where a commit without metrics leaves those of before (the question `standings_at_commit`)."""


def find_commit(history: History, root: Path, wanted: str | None) -> str:
    """The full hash of a commit of the history: by its (abbreviated) hash, or by what git calls it.

    Without a name: HEAD, where the history has it, else the commit that was recorded last. Raises `UsageError`.
    """
    if wanted is None:
        newest = ask_question(history, "newest_commit")
        if not newest:
            raise UsageError(
                "the history is empty: there is no commit to explain; `devops-mlops-report run` adds one"
            )
        head = _resolved(root, "HEAD")
        return head if head and _with_prefix(history, head) else str(newest[0]["commit_sha"])
    found = _with_prefix(history, wanted.lower()) if re.fullmatch(r"\w{4,64}", wanted) else []
    if not found:
        sha = _resolved(root, wanted)
        found = _with_prefix(history, sha) if sha else []
    if len(found) > 1:
        raise UsageError(
            f"commit {wanted!r} stands for {len(found)} commits of the history: give more of the hash"
        )
    if not found:
        raise UsageError(
            f"commit {wanted!r} is not in the history: give the hash of a commit that was reported, "
            "as the table `commits` has it"
        )
    return found[0]


def explain(
    history: History, config: Config, root: Path, commit_sha: str, metric: str | None = None
) -> Explanation:
    """Explain the verdicts at a commit of the history as they were given when it arrived.

    Without `metric`: the highlight metric and those that are not steady. Raises `UsageError` for a metric that the
    commit has no value of.
    """
    ancestry, is_cut = _ancestry(root, commit_sha)
    ancestry = ancestry or history.recorded_ancestry(commit_sha)
    history.set_ancestry(ancestry, is_cut=is_cut)
    tell_compared_releases(history, config, root, commit_sha)
    repository = ask_question(history, "repository_of_commit", commit_sha=commit_sha)[0]["repository"]
    there = {"repository": repository, "commit_sha": commit_sha}
    rows = judged_metrics(history, **there)
    chosen = _chosen(rows, metric, commit_sha)
    [commit] = ask_question(history, "changes_at_commit", **there)
    return Explanation(
        commit_sha=commit_sha,
        commit=commit,
        has_ancestry=len(ancestry) > 1,
        metrics=[_explained(history, config, root, row) for row in chosen],
        others=[row for row in rows if row not in chosen] if metric is None else [],
        standings=[] if rows else _standings(history, commit_sha, commit),
    )


def _standings(history: History, commit_sha: str, commit: Row) -> list[Row]:
    row = {"commit_sha": commit_sha, "branch": commit["branch"], "pull_request": "", "base_branch": ""}
    return ask_standings(history, row)[0]


def _chosen(rows: Sequence[Row], metric: str | None, commit_sha: str) -> list[Row]:
    if metric is None:
        return [row for row in rows if row["is_highlight"] or row["verdict"] in CHANGED][:MOST_METRICS]
    named = [row for row in rows if row["metric"] == metric]
    if not named:
        known = ", ".join(sorted({row["metric"] for row in rows})[:20]) or "no metric at all"
        raise UsageError(f"metric {metric!r} has no value at {commit_sha[:7]}, which has {known}")
    return named


def _explained(history: History, config: Config, root: Path, row: Row) -> MetricExplanation:
    told_by = ("repository", "report", "commit_sha", "kind", "metric", "workflow")
    there = {name: row[name] for name in told_by}
    [judged] = ask_question(history, "judged_measurement", **there)
    outcome = ask_question(history, "what_became", **there)
    neighbours = ask_question(
        history,
        "neighbours",
        **there,
        branch=row["branch"],
        count_before=COUNT_BEFORE,
        count_after=COUNT_AFTER,
    )
    return MetricExplanation(
        row=row,
        judged=judged,
        rule=config.metrics.get(row["metric"], MetricSection()),
        settings=rule_in_force(config, row, judged),
        attribution=attribution_at(history, row, event_commit(row) or row["worse_since_commit_sha"], root),
        outcome=next(iter(outcome), None),
        neighbours=neighbours,
    )


def rule_in_force(config: Config, row: Row, judged: Row) -> list[SettingInForce]:
    """What the verdict on `row` was judged by; `judged` is its row of the question `judged_measurement`."""
    metric = row["metric"]
    rule, report = config.metrics.get(metric, MetricSection()), config.report
    prefix = f"metrics.{metric}"
    settings = [_goal(row, rule, prefix)]
    baseline = f"{prefix}.baseline" if rule.baseline else _of_report(report, "baseline")
    settings.append(SettingInForce("baseline", row["baseline_kind"], baseline))
    has_own = rule.min_effect is not None or rule.min_effect_percent is not None
    for name in ("min_effect", "min_effect_percent"):
        value = judged[name]
        if has_own:
            is_own = getattr(rule, name) is not None
            source = f"{prefix}.{name}" if is_own else f"{prefix} names the other one"
        elif value is not None and value > getattr(report, name):
            source = NAME
        else:
            source = _of_report(report, name)
        settings.append(SettingInForce(name, value, source))
    for name in ("max_drop", "target"):
        value = getattr(rule, name)
        settings.append(SettingInForce(name, value, NOT_SET if value is None else f"{prefix}.{name}"))
    for name in ("sharp_delta", "minimum_points"):
        settings.append(SettingInForce(name, getattr(report, name), _of_report(report, name)))
    for name in ("on_regression", "on_suspected"):
        source = f"{prefix}.{name}" if name in rule.model_fields_set else DEFAULT
        settings.append(SettingInForce(name, getattr(rule, name), source))
    return settings


def _goal(row: Row, rule: MetricSection, prefix: str) -> SettingInForce:
    source = f"{prefix}.goal" if rule.goal else NAME if row["goal"] else f"{NAME} tells none"
    return SettingInForce("goal", row["goal"], source)


def _of_report(report: ReportSection, name: str) -> str:
    return f"report.{name}" if name in report.model_fields_set else DEFAULT


def _with_prefix(history: History, prefix: str) -> list[str]:
    return [row["commit_sha"] for row in ask_question(history, "commits_by_prefix", prefixes=[prefix])]


def _resolved(root: Path, revision: str) -> str:
    """The commit that git means; '' where it knows none, or there is no checkout."""
    try:
        return resolve_commit(root, revision)
    except (GitError, UsageError):
        return ""


def _ancestry(root: Path, commit_sha: str) -> tuple[Sequence[tuple[str, int] | tuple[str, int, int]], bool]:
    """What the checkout knows of the commit's ancestors, and whether they end as a shallow clone does.

    Empty where it does not have the commit.
    """
    try:
        is_cut = is_shallow(root)
        return read_ancestry(root, commit_sha, is_cut=is_cut), is_cut
    except (GitError, UsageError):
        return [], False
