"""A metric's chart in a notebook: asked of the history by name, and what the report draws."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import altair as alt
import pytest
import vl_convert
from csv_samples import csv_bytes, many_rows
from devops_mlops_report import HistoryError, open_history
from devops_mlops_report.history.charting.data import ChartLabels
from devops_mlops_report.history.charting.specification import chart_specification

SCORES = [0.9, 0.91, 0.905, 0.902, 0.908, 0.906, 0.904, 0.7, 0.701, 0.699]


def content() -> bytes:
    """A score that got worse, a loss that ended early, a duration of the run; a branch with two commits of its own."""
    rows = many_rows(12)
    for number, row in enumerate(rows):
        row["author"], row["commit_message"] = "Ada", f"Step {number} {{{{x}}}}"
        row["parent_sha"] = f"{number - 1:040x}" if number else ""
        metrics = {"score": SCORES[number]} if number < 10 else {"score": 0.5}
        row["metrics"] = json.dumps(metrics | ({"loss": 0.3 - 0.01 * number} if number < 4 else {}))
        row["ci_metrics"] = json.dumps({"duration_seconds": 60 + number})
        if number > 9:
            row["branch"], row["parent_sha"] = "feature", f"{number - 1:040x}"
    return csv_bytes(rows)


def values(chart: alt.LayerChart) -> list[float | None]:
    return [record["value"] for record in chart.to_dict()["datasets"]["values"]]


def test_the_chart_is_the_reports_with_what_each_point_says_on_hovering() -> None:
    with open_history(content()) as history:
        chart = history.chart("score", branch="main")
    assert isinstance(chart, alt.LayerChart)
    drawn = chart.to_dict()
    svg = vl_convert.vegalite_to_svg(drawn)
    assert values(chart) == SCORES
    assert {"became worse", "usual level", "score", "0.75"} <= set(re.findall(r">([^<>]+)</text>", svg))
    told = drawn["datasets"]["tooltips"][7]
    assert told["value"] == 0.7
    assert (told["commit"], told["author"], told["branch"]) == ("0000000", "Ada", "main")
    assert (told["message"], told["recorded"]) == ("Step 7 {{x}}", "2026-01-01 00:07 UTC")
    assert told["verdict"] == "regressed"
    assert told["usual"] == pytest.approx(0.905)
    tooltips = next(layer for layer in drawn["layer"] if layer.get("data") == {"name": "tooltips"})
    assert [told["field"] for told in tooltips["encoding"]["tooltip"]] == [
        *("commit", "message", "author", "branch", "recorded", "value", "usual", "verdict", "reason")
    ]


def test_a_chart_follows_heads_line_and_shows_the_last_points_of_any_metric_of_any_kind() -> None:
    with open_history(content()) as history:
        assert values(history.chart("score")) == [*SCORES, 0.5, 0.5]
        assert values(history.chart("score", last=3)) == [0.699, 0.5, 0.5]
        assert values(history.chart("loss")) == pytest.approx([0.3, 0.29, 0.28, 0.27])
        assert values(history.chart("duration_seconds", branch="feature")) == [70, 71]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"metric": "scores"}, "'scores' was never measured; wanted a metric of the history, such as score$"),
        (
            {"metric": "?"},
            "'.' was never measured; wanted a metric .* such as duration_seconds, loss, score$",
        ),
        ({"metric": "loss", "branch": "feature"}, "'loss' was never measured on the branch feature; wanted"),
        ({"metric": "score", "last": 0}, "last is 0, wanted how many points are to be shown, 1 or more"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(asked: dict[str, object], said: str) -> None:
    with open_history(content()) as history, pytest.raises(HistoryError, match=said):
        history.chart(**asked)  # type: ignore[arg-type]


def test_a_metric_without_a_finite_value_and_an_empty_history_are_told_apart() -> None:
    [row] = many_rows(1)
    content = csv_bytes([row | {"metrics": '{"loss":"NaN"}'}])
    with open_history(content) as history, pytest.raises(HistoryError, match="'loss' has no finite value"):
        history.chart("loss")
    with open_history(None) as history, pytest.raises(HistoryError, match="the history has none"):
        history.chart("loss")


def test_a_picture_carries_nothing_that_only_hovering_shows() -> None:
    with open_history(content()) as history:
        rows = history.rows("select *, 1 as position from regressions where metric = 'score' limit 1")
    specification = chart_specification([rows[0] | {"short_sha": "a"}], ChartLabels("score"))
    assert specification is not None
    assert specification["datasets"]["tooltips"] == []


def test_a_script_that_draws_nothing_imports_no_altair() -> None:
    asked = (
        "import sys; from devops_mlops_report import open_history; history = open_history(None); "
        "history.rows('from deltas'); print('altair' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
