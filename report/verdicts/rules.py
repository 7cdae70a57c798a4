"""The rule that holds for a metric: each setting with its value, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..config import Config, MetricSection, ReportSection
from .answers import Row

DEFAULT = "default"
NAME = "the metric's name"
NOT_SET = "not set"


@dataclass(frozen=True)
class SettingInForce:
    """One setting of a metric's rule."""

    name: str
    value: Any
    """None: there is none."""
    source: str
    """The key of the config, `default`, or the metric's name, from which goals and usual effects are inferred."""


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
