"""What a verdict does to the run, by the rules of the config."""

from __future__ import annotations

from typing import Any

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.verdicts.answers import Answers
from devops_mlops_report.report.verdicts.gate import judge


def _judged(rule: str, verdict: str, is_worse: bool = False) -> tuple[int, int]:
    """How many sentences warn, how many fail."""
    config = parse_config(f"report: {{highlight_metric: f1}}\nmetrics: {{f1: {{{rule}}}}}\n")
    row: dict[str, Any] = {"metric": "f1", "verdict": verdict, "is_suspected_worse": is_worse}
    row |= {"value": 0.5, "baseline_delta": -0.4, "reason": "lower"}
    gate = judge(Answers(metrics=[row, row | {"metric": "other"}]), config.metrics)
    assert len(gate.failed_rules) == len(gate.failed)
    return len(gate.warned), len(gate.failed)


@pytest.mark.parametrize(
    ("rule", "verdict", "is_worse", "warned_and_failed"),
    [
        ("", "regressed", False, (0, 0)),
        ("on_regression: warn", "regressed", False, (1, 0)),
        ("on_regression: fail", "regressed", False, (0, 1)),
        ("on_regression: fail", "suspected", True, (0, 0)),
        ("on_regression: fail", "improved", False, (0, 0)),
        ("on_suspected: fail", "suspected", True, (0, 1)),
        ("on_suspected: warn", "suspected", True, (1, 0)),
        ("on_suspected: fail", "suspected", False, (0, 0)),
        ("on_suspected: fail", "regressed", False, (0, 0)),
    ],
)
def test_a_rule_acts_on_its_own_verdict_and_on_its_own_metric(
    rule: str, verdict: str, is_worse: bool, warned_and_failed: tuple[int, int]
) -> None:
    assert _judged(rule, verdict, is_worse) == warned_and_failed


def test_a_metric_that_is_as_it_was_hides_none_that_is_worse() -> None:
    config = parse_config("report: {highlight_metric: f1}\nmetrics: {f1: {on_regression: fail}}\n")
    row = {"value": 0.5, "baseline_delta": -0.4, "reason": "lower", "is_suspected_worse": False}
    rows = [
        row | {"metric": name, "verdict": verdict} for name, verdict in (("a", "steady"), ("f1", "regressed"))
    ]
    assert len(judge(Answers(metrics=rows), config.metrics).failed) == 1
