"""One specification of a chart and the small ones below it."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import vl_convert
from devops_mlops_report.history.charting.data import ChartLabels
from devops_mlops_report.history.charting.specification import Panel, chart_specification, compiled_chart

MAIN = ChartLabels("val_accuracy", "maximize")
HOSTILE = 'x_domain"},{"expr":"1'


def points(values: list[float | None], first: int = 1, **columns: Any) -> list[dict[str, Any]]:
    """One row a value, from the commit number `first` on, positions from 1; the last one is this commit."""
    return [
        {
            "position": position,
            "commit_sha": f"{first + position - 1:040x}",
            "short_sha": f"c{first + position - 1:06x}",
            "value": value,
            "level_mean": 0.5,
            "threshold": 0.1,
            "is_current": position == len(values),
            **columns,
        }
        for position, value in enumerate(values, 1)
    ]


def drawn(*panels: Panel) -> dict[str, Any]:
    specification = chart_specification(points([0.5, 0.6, 0.4, 0.5]), MAIN, panels)
    assert specification is not None
    return specification


def positions(specification: dict[str, Any], data: str) -> list[int]:
    return [record["position"] for record in specification["datasets"][data]]


def test_panels_stand_two_side_by_side_below_the_chart_under_one_legend_and_fit_a_phone() -> None:
    worse = points([0.5, 0.1], 3)
    worse[1] |= {"began": "regressed", "standing": "worse", "worse_since_commit_sha": worse[1]["commit_sha"]}
    worse[1] |= {"level_mean": 0.1, "reference_level": 0.5}
    panels = [Panel(worse, ChartLabels("f1", "maximize"))]
    panels += [Panel(points([0.1, 0.2, None]), ChartLabels(f"loss_{n}", "minimize")) for n in range(5)]
    svg = vl_convert.vegalite_to_svg(drawn(*panels))
    texts = re.findall(r">([^<>]+)</text>", svg)
    assert {"val_accuracy", "f1 ↑", "0.1, usually 0.5", "loss_4 ↓", "no value, usually 0.5"} <= set(texts)
    assert texts.count("became worse") == 1, "the legend of all tells the panels' marks too"
    # A phone shows 370 pixels of a page, and letters of 7 pixels can be read.
    width = float(re.findall(r'width="([\d.]+)"', svg)[0])
    sizes = {float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)}
    assert min(sizes) * 370 / width >= 7


@pytest.mark.parametrize(
    ("rows", "labels"),
    [
        (points([0.5, 0.6, 0.4, 0.5]), MAIN),
        (points([0.5], is_best=True), ChartLabels("score")),
        (points([1e300, -1e-300, None, math.nan, 7.0], began="regressed", direction="worse"), MAIN),
        (
            points([0.5, 0.7, 0.7], is_best=True, began="improved", branch="other"),
            ChartLabels(HOSTILE, "minimize"),
        ),
        (
            points([0.5, 0.2, 0.3], standing="worse", worse_since_commit_sha=f"{2:040x}", reference_level=0.5)
            + points([0.4], 4, recorded_at=datetime(2026, 3, 4, tzinfo=UTC)),
            ChartLabels("f1 & <b>", "maximize"),
        ),
        (
            [
                row | {"recorded_at": datetime(2026, 3, row["position"], tzinfo=UTC)}
                for row in points([1.0, 2.0, 9.0])
            ],
            ChartLabels("seconds", "minimize", "time"),
        ),
    ],
)
def test_the_translated_chart_is_drawn_as_its_specification_is(
    rows: list[dict[str, Any]], labels: ChartLabels
) -> None:
    specification = chart_specification(rows, labels)
    assert specification is not None
    drawn_by_vega = vl_convert.vega_to_svg(compiled_chart(specification), allowed_base_urls=[])
    assert drawn_by_vega == vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])


def test_a_metric_that_was_measured_where_the_chart_was_stands_below_its_commits() -> None:
    specification = drawn(
        Panel(points([0.2, 0.3], 2), ChartLabels("within")),
        Panel(points([0.2, 0.3], 4), ChartLabels("beyond")),
    )
    assert positions(specification, "values") == [1, 2, 3, 4]
    assert positions(specification, "values_1") == [2, 3]
    assert positions(specification, "values_2") == [1, 2]


def test_what_has_no_value_has_no_panel_and_more_than_six_are_never_drawn() -> None:
    empty = [Panel([], ChartLabels("absent")), Panel(points([None]), ChartLabels("none"))]
    assert "vconcat" not in drawn(*empty)
    full = drawn(*[Panel(points([0.1]), ChartLabels("f1"))] * 9)
    assert len(full["vconcat"][1]["concat"]) == 6


@pytest.mark.parametrize("name", [HOSTILE, "y_format", "expr", "]]>&<b>"])
def test_a_name_from_outside_is_a_title_and_nothing_that_is_evaluated(name: str) -> None:
    harmless, hostile = (drawn(Panel(points([0.1]), ChartLabels(each))) for each in ("f1", name))
    assert hostile["vconcat"][1]["concat"][0]["title"]["text"] == name
    for specification in (harmless, hostile):
        del specification["vconcat"][1]["concat"][0]["title"]
    assert json.dumps(hostile) == json.dumps(harmless)
