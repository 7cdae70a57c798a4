"""What the answers of the views do to the run: the stories in `stories/` show when the views say so."""

from __future__ import annotations

from typing import Any

import pytest
from devops_mlops_report.report.verdicts.answers import Answers
from devops_mlops_report.report.verdicts.gate import judge


def _standing(metric: str, **changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"metric": metric, "on_regression": None, "on_suspected": None, "verdict": "steady"}
    row |= {"value": 0.5, "reason": "lower", "is_measured": True, "measured_commit_sha": "b" * 40}
    row |= {"worse_since_commit_sha": "a" * 40, "unmeasured_since_commit_sha": None}
    row |= {"own_since_commit_sha": "a" * 40, "reference_level": 0.9, "reference_kind": "level"}
    return row | changed


@pytest.mark.parametrize(
    ("consequences", "warned_and_failed"),
    [
        ({}, (0, 0)),
        ({"on_regression": "report"}, (0, 0)),
        ({"on_regression": "warn"}, (1, 0)),
        ({"on_regression": "fail"}, (0, 1)),
        ({"on_suspected": "warn"}, (1, 0)),
        ({"on_suspected": "fail"}, (0, 1)),
        ({"on_regression": "fail", "on_suspected": "warn"}, (1, 1)),
    ],
)
def test_a_consequence_warns_or_fails_by_its_own_metric(
    consequences: dict[str, str], warned_and_failed: tuple[int, int]
) -> None:
    gate = judge(Answers(standings=[_standing("f1", **consequences), _standing("other")]))
    assert (len(gate.warned), len(gate.failed)) == warned_and_failed
    assert len(gate.failed_rules) == len(gate.failed)


def test_a_metric_that_is_as_it_was_hides_none_that_is_worse() -> None:
    gate = judge(Answers(standings=[_standing("a"), _standing("f1", on_regression="fail")]))
    assert gate.failed_rules == ("`f1` (`on_regression: fail`)",)


def test_a_sentence_says_since_when_and_of_which_commit_the_value_is() -> None:
    rows = [
        _standing("a", on_regression="fail", verdict="regressed"),
        _standing("b", on_regression="fail"),
        _standing("c", on_regression="fail", is_measured=False),
        _standing("d", on_suspected="fail", verdict="suspected"),
        _standing("e", on_regression="fail", reference_level=None),
        # Better than it was, and not yet as good as before.
        _standing("f", on_regression="fail", verdict="improved"),
    ]
    assert judge(Answers(standings=rows)).failed == (
        "a is worse since aaaaaaa, at 0.5: lower",
        "b is still worse since aaaaaaa: 0.5, usually 0.9",
        "c is still worse since aaaaaaa: 0.5 at bbbbbbb, usually 0.9",
        "d is probably worse, at 0.5: lower",
        "e is still worse since aaaaaaa: 0.5",
        "f is still worse since aaaaaaa: 0.5, usually 0.9",
    )


def test_what_nobody_measures_any_more_warns_and_says_what_ends_it() -> None:
    row = _standing("a", on_regression="warn", unmeasured_since_commit_sha="c" * 40)
    assert judge(Answers(standings=[row])).warned == (
        "a is no longer measured since ccccccc, and was worse since aaaaaaa: wanted a measurement, or no rule for it",
    )
