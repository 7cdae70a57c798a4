"""The badge says the metric and its verdict, else how the workflow ended."""

from __future__ import annotations

import json

from devops_mlops_report.report.rendering.badge import render_badge


def test_a_steady_metric_shows_its_value_alone() -> None:
    badge = json.loads(
        render_badge({"metric": "val_accuracy", "value": 0.91234, "verdict": "steady"}, "success")
    )
    assert badge == {"schemaVersion": 1, "label": "val_accuracy", "message": "0.9123", "color": "green"}


def test_a_regression_is_red_and_named() -> None:
    badge = json.loads(
        render_badge({"metric": "loss", "value": float("nan"), "verdict": "regressed"}, "success")
    )
    assert (badge["message"], badge["color"]) == ("NaN regressed", "red")


def test_without_the_metric_it_is_about_the_workflow() -> None:
    badge = json.loads(render_badge(None, "failure"))
    assert (badge["label"], badge["message"], badge["color"]) == ("CI", "failure", "red")
