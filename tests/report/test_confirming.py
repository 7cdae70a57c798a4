"""What repeated trainings make of the facts, and what is told of them."""

from __future__ import annotations

from typing import Any

import pytest
from devops_mlops_report.report.confirming import Repeat, is_in_doubt, told_of_repeats, with_repeat
from devops_mlops_report.report.facts.row import TrainingFacts

DOUBT: dict[str, Any] = {
    "verdict": "suspected",
    "direction": "worse",
    "method": "level",
    "standing": "unknown",
}
SETTLED = DOUBT | {"verdict": "steady", "standing": "good"}


def test_values_are_kept_in_order_and_their_median_counts() -> None:
    facts = TrainingFacts(metrics={"loss": 3.0, "only once": 1.0})
    for value in (1.0, 2.0):
        facts = with_repeat(facts, Repeat(1.0, {"loss": value, "unknown before": value}))
    assert facts.metrics == {"loss": 2.0, "only once": 1.0}
    assert facts.repeats == {"loss": (3.0, 1.0, 2.0)}


@pytest.mark.parametrize(
    ("row", "is_doubt"),
    [
        (DOUBT, True),
        (None, False),
        (SETTLED, False),
        (DOUBT | {"direction": "better"}, False),
        (DOUBT | {"direction": None}, False),
        (DOUBT | {"method": "drift"}, False),
        (DOUBT | {"verdict": "regressed"}, False),
    ],
)
def test_only_a_point_that_is_suspected_worse_is_in_doubt(row: dict[str, Any] | None, is_doubt: bool) -> None:
    assert is_in_doubt(row) is is_doubt


@pytest.mark.parametrize(
    ("repeats", "row", "told"),
    [
        (
            [Repeat(61.2)],
            DOUBT | {"standing": "worse", "verdict": "regressed"},
            "once in 61 s, and that is confirmed.",
        ),
        ([Repeat(5), Repeat(7)], SETTLED, "2 times in 12 s, and the suspicion is withdrawn."),
        ([Repeat(5)], DOUBT, "once in 5 s, and that is neither confirmed nor withdrawn yet."),
        (
            [Repeat(5, problem="it logged no `loss`")],
            DOUBT,
            "once in 5 s, without an answer, as it logged no `loss`.",
        ),
    ],
)
def test_the_report_says_what_came_of_it_and_how_long_it_took(
    repeats: list[Repeat], row: dict[str, Any], told: str
) -> None:
    sentence = f"`loss` was suspected to be worse, so it was trained again, {told}"
    assert told_of_repeats("loss", repeats, row) == sentence
