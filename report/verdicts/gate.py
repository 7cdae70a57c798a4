"""What a regression does to the run: nothing, a warning, or exit code 3. The views judge; this only obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..config import MetricSection
from ..rendering.quantities import number, signed
from .answers import Answers, Row


@dataclass(frozen=True)
class Gate:
    """Sentences about metrics that regressed or are suspected to have, by what their rules say."""

    warned: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    failed_rules: tuple[str, ...] = ()
    """For the summary: `metric` and the rule that it failed."""


def judge(answers: Answers, rules: Mapping[str, MetricSection]) -> Gate:
    """The metrics of the commit that got worse and whose rule is `warn` or `fail`.

    A suspected change fails nothing unless `on_suspected` asks for it, and none for the better does.
    """
    sentences: dict[str, list[str]] = {"report": [], "warn": [], "fail": []}
    failed_rules = []
    for row in answers.metrics:
        rule = rules.get(row["metric"], MetricSection())
        if row["verdict"] == "regressed":
            key, consequence, words = "on_regression", rule.on_regression, "regressed to"
        elif row["is_suspected_worse"]:
            key, consequence, words = "on_suspected", rule.on_suspected, "is suspected to have changed to"
        else:
            continue
        sentences[consequence].append(_sentence(row, words))
        if consequence == "fail":
            failed_rules.append(f"`{row['metric'].replace('`', ' ')}` (`{key}: fail`)")
    return Gate(tuple(sentences["warn"]), tuple(sentences["fail"]), tuple(failed_rules))


def _sentence(row: Row, words: str) -> str:
    change = signed(row["baseline_delta"])
    return f"{row['metric']} {words} {number(row['value'])} ({change}): {row['reason']}"
