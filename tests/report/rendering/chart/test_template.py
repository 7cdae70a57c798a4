"""The design and what is made of it stay one."""

import json
import re
from importlib.resources import files

import vl_convert
from devops_mlops_report.report.rendering.chart import data as chart_data
from devops_mlops_report.report.rendering.chart import palette as chart_palette
from devops_mlops_report.report.rendering.chart import template as chart_template

CHECKED_IN = (
    files("devops_mlops_report.report.rendering.chart").joinpath("chart.vl.json").read_text(encoding="utf-8")
)


def test_the_checked_in_specification_is_what_altair_produces() -> None:
    assert chart_template.template() == CHECKED_IN


def test_the_specification_is_of_a_version_that_vl_convert_renders() -> None:
    major = re.search(r"vega-lite/v(\d+)\.json", json.loads(CHECKED_IN)["$schema"])
    assert major is not None
    assert any(version.startswith(f"{major[1]}.") for version in vl_convert.get_vegalite_versions())


def test_the_specification_holds_no_data_and_loads_none() -> None:
    specification = json.loads(CHECKED_IN)
    assert all(records == [] for records in specification["datasets"].values())
    assert '"url"' not in CHECKED_IN


def test_every_line_that_the_data_name_has_a_look() -> None:
    assert list(chart_data.SERIES_COLUMNS) == list(chart_palette.LINES)


def test_every_verdict_that_is_marked_has_a_look() -> None:
    assert set(chart_data.VERDICT_MARKS) <= set(chart_palette.MARKS)


def test_verdicts_differ_by_shape_and_not_by_colour_alone() -> None:
    shapes = [chart_palette.MARKS[verdict].shape for verdict in chart_data.VERDICT_MARKS]
    assert len(set(shapes)) == len(shapes)


def test_every_colour_of_the_specification_has_a_dark_one() -> None:
    assert set(re.findall(r"#[0-9a-f]{6}", CHECKED_IN)) == set(chart_palette.DARK_OF)
