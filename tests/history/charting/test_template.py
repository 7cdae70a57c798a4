"""The design and what is made of it stay one."""

import json
import re
from importlib.resources import files

import vl_convert
from devops_mlops_report.history.charting import data as chart_data
from devops_mlops_report.history.charting import palette as chart_palette
from devops_mlops_report.history.charting import template as chart_template

CHECKED_IN = (
    files("devops_mlops_report.history.charting").joinpath("chart.vl.json").read_text(encoding="utf-8")
)


def test_the_checked_in_specification_is_what_altair_produces() -> None:
    folder = files("devops_mlops_report.history.charting")
    for name, text in chart_template.templates().items():
        assert folder.joinpath(name).read_text(encoding="utf-8") == text


def test_the_specification_is_of_a_version_that_vl_convert_renders() -> None:
    major = re.search(r"vega-lite/v(\d+)\.json", json.loads(CHECKED_IN)["$schema"])
    assert major is not None
    assert any(version.startswith(f"{major[1]}.") for version in vl_convert.get_vegalite_versions())


def test_the_specification_holds_no_data_and_loads_none() -> None:
    specification = json.loads(CHECKED_IN)
    assert all(records == [] for records in specification["datasets"].values())
    assert '"url"' not in CHECKED_IN


def test_the_data_sets_are_those_that_the_data_fill() -> None:
    row = {"position": 1, "short_sha": "a", "value": 0.5, "is_current": True}
    data = chart_data.chart_data([row], None)
    assert data is not None
    assert sorted([*data.datasets, "tooltips"]) == sorted(json.loads(CHECKED_IN)["datasets"])
    assert sorted(data.params) == sorted(each["name"] for each in json.loads(CHECKED_IN)["params"])


def test_changes_differ_by_shape_and_not_by_colour_alone() -> None:
    shapes = [
        chart_palette.MARKS[name].shape for name in ("became worse", "became better", "suspected", "best")
    ]
    assert len(set(shapes)) == len(shapes)


def test_every_colour_of_the_specification_has_a_dark_one() -> None:
    assert set(re.findall(r"#[0-9a-f]{6}", CHECKED_IN)) == set(chart_palette.DARK_OF)
