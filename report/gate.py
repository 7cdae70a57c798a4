"""What a regression does to the run: nothing, a warning, or exit code 3. The views judge; this only obeys."""

from __future__ import annotations

from dataclasses import dataclass

from .answers import Answers
from .rendering.quantities import number, signed


@dataclass(frozen=True)
class Gate:
    """Sentences about metrics that regressed, by what their rules say."""

    warned: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def judge(answers: Answers) -> Gate:
    """The metrics of the commit that regressed and whose rule is `warn` or `fail`."""
    sentences: dict[str, list[str]] = {"report": [], "warn": [], "fail": []}
    for row in answers.metrics:
        if row["verdict"] == "regressed":
            change = signed(row["baseline_delta"])
            sentences[row["on_regression"]].append(
                f"{row['metric']} regressed to {number(row['value'])} ({change}): {row['reason']}"
            )
    return Gate(warned=tuple(sentences["warn"]), failed=tuple(sentences["fail"]))
