"""The badge says the metric and its state, as the headline does, else how the workflow ended."""

from __future__ import annotations

import json

import pytest
from devops_mlops_report.report.rendering.badge import render_badge


def _badge(state: str, value: float) -> tuple[str, str, str]:
    badge = json.loads(render_badge({"metric": "loss", "value": value, "state": state}, "success"))
    assert badge["schemaVersion"] == 1
    return badge["label"], badge["message"], badge["color"]


@pytest.mark.parametrize(
    ("state", "message", "colour"),
    [
        ("as usual", "0.9123", "green"),
        ("not measured", "0.9123", "green"),
        ("first", "0.9123", "blue"),
        ("worse", "0.9123 worse", "red"),
        ("worse since", "0.9123 worse", "red"),
        ("partly back", "0.9123 partly back", "red"),
        ("already worse", "0.9123 already worse", "orange"),
        ("probably worse", "0.9123 probably worse", "orange"),
        ("recovered", "0.9123 recovered", "brightgreen"),
    ],
)
def test_it_says_in_a_word_what_the_headline_says(state: str, message: str, colour: str) -> None:
    assert _badge(state, 0.91234) == ("loss", message, colour)


def test_what_is_no_number_is_named() -> None:
    assert _badge("worse", float("nan")) == ("loss", "NaN worse", "red")


def test_without_the_metric_it_is_about_the_workflow() -> None:
    badge = json.loads(render_badge(None, "failure"))
    assert (badge["label"], badge["message"], badge["color"]) == ("CI", "failure", "red")
