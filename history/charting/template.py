"""The trend chart's design, in Altair. It makes `chart.vl.json`, which is all that a report loads.

Importing Altair costs 0.6 CPU seconds, so nothing that runs for a commit imports this module. After a change:

    python -m devops_mlops_report.history.charting.template

Everything that differs between two charts is in `datasets`, in `title` and in the values of `params`; no
expression, and no other part of the specification, is ever made from what a history holds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

from . import palette
from .data import TOOLTIPS

WIDTH, HEIGHT = 520, 190
"""The plot alone, in pixels; title, legend and labels around it make it about 620 × 320: a phone shows it at a little
more than half of that, and its letters are still read."""
TEXT_SIZE = 14
DATASETS = ("current", "dots", "hashes", "labels", "levels", "marks", "stretches", "tooltips", "values")

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Without the minor version that Altair names: the file stays the same when Altair learns a newer one."""


def _parameters() -> list[alt.Parameter]:
    """What a run fills in besides the data, with the values of a chart without any."""
    return [
        alt.param(name="x_domain", value=[0, 1]),
        alt.param(name="y_domain", value=[0, 1]),
        alt.param(name="y_format", value=""),
        alt.param(name="lines_shown", value=[]),
        alt.param(name="marks_shown", value=[]),
    ]


def _data(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name))


def _scale(domain: str) -> alt.Scale:
    return alt.Scale(domain=alt.expr(domain), zero=False, nice=False)


def _x(field: str = "position") -> alt.X:
    scale = _scale("x_domain")
    return alt.X(f"{field}:Q", scale=scale, axis=alt.Axis(labels=False, ticks=False, grid=False, title=None))


def _y(field: str = "value") -> alt.Y:
    """The same for every layer: one without an axis would take it from the others."""
    scale = _scale("y_domain")
    label = "format(datum.value, y_format)"
    return alt.Y(
        f"{field}:Q",
        scale=scale,
        axis=alt.Axis(title=None, tickCount=5, labelExpr=label, domain=False, ticks=False),
    )


def _by_name(names: Sequence[str], looks: Sequence[str | float | Sequence[float]]) -> alt.Scale:
    """One look for each name. Said to be ordinal: Vega-Lite would lay sizes and widths out evenly instead."""
    return alt.Scale(type="ordinal", domain=list(names), range=list(looks))


def _line(data: str, mark: dict[str, Any]) -> alt.Chart:
    """The metric, or its usual level: both in one legend."""
    names, looks = list(palette.LINES), list(palette.LINES.values())
    legend = alt.Legend(
        title=None, values=alt.expr("lines_shown"), symbolType="stroke", symbolSize=palette.HALO_SIZE
    )
    detail = [alt.Detail("run:N")] if data == "levels" else []
    chart: alt.Chart = (
        _data(data)
        .mark_line(invalid="break-paths-show-domains", **mark)
        .encode(
            *detail,
            x=_x(),
            y=_y(),
            order=alt.Order("position:Q"),
            color=alt.Color(
                "series:N", scale=_by_name(names, [look.colour for look in looks]), legend=legend
            ),
            strokeDash=alt.StrokeDash(
                "series:N", scale=_by_name(names, [look.dash for look in looks]), legend=legend
            ),
            strokeWidth=alt.StrokeWidth(
                "series:N", scale=_by_name(names, [look.width for look in looks]), legend=legend
            ),
        )
    )
    return chart


def _band() -> alt.Chart:
    """Where a value is as usual."""
    band = _data("levels").mark_area(interpolate="step", color=palette.BAND.light, opacity=1)
    chart: alt.Chart = band.encode(alt.Detail("run:N"), x=_x(), y=_y("low"), y2="high:Q")
    return chart


def _stretches() -> alt.Chart:
    """Where the metric was worse."""
    rects = _data("stretches").mark_rect(color=palette.WORSE_STRETCH.light, opacity=1)
    chart: alt.Chart = rects.encode(
        x=_x("from"),
        x2="to:Q",
        y=alt.value(0),
        y2=alt.value(HEIGHT),
    )
    return chart


def _marks() -> alt.Chart:
    """Verdicts, sharp changes, the best point and this commit, told apart by shape as well as by colour."""
    names, looks = list(palette.MARKS), list(palette.MARKS.values())
    legend = alt.Legend(title=None, values=alt.expr("marks_shown"))
    chart: alt.Chart = (
        _data("marks")
        .mark_point(opacity=1, strokeWidth=1.6, yOffset=alt.expr("datum.offset"))
        .encode(
            x=_x(),
            y=_y(),
            shape=alt.Shape("mark:N", scale=_by_name(names, [look.shape for look in looks]), legend=legend),
            fill=alt.Fill("mark:N", scale=_by_name(names, [look.fill for look in looks]), legend=legend),
            stroke=alt.Stroke(
                "mark:N", scale=_by_name(names, [look.outline for look in looks]), legend=legend
            ),
            size=alt.Size("mark:N", scale=_by_name(names, [look.size for look in looks]), legend=legend),
        )
    )
    return chart


def _dots() -> alt.Chart:
    dots = _data("dots").mark_circle(size=26, opacity=1, color=palette.VALUE.light)
    chart: alt.Chart = dots.encode(x=_x(), y=_y())
    return chart


def _labels() -> alt.Chart:
    """The values that are read first: the best and this commit's."""
    labels = _data("labels").mark_text(
        align=alt.expr("datum.align"),
        baseline="middle",
        color=palette.INK.light,
        dx=alt.expr("datum.dx"),
        dy=alt.expr("datum.dy"),
        fontSize=TEXT_SIZE,
        fontWeight=alt.expr("datum.weight"),
    )
    chart: alt.Chart = labels.encode(x=_x(), y=_y(), text="text:N")
    return chart


def _current() -> alt.Chart:
    rule = _data("current").mark_rule(color=palette.AXIS.light, strokeDash=[2, 3])
    chart: alt.Chart = rule.encode(x=_x(), y=alt.value(0), y2=alt.value(HEIGHT))
    return chart


def _hashes() -> alt.LayerChart:
    """The short hashes under the plot: marks, so that they are data, as an axis' labels would not be."""
    ticks = _data("hashes").mark_rule(color=palette.AXIS.light)
    names = _data("hashes").mark_text(
        align="center",
        baseline="top",
        color=palette.QUIET_INK.light,
        font="ui-monospace, Menlo, Consolas, monospace",
        fontSize=TEXT_SIZE - 2,
        fontWeight=alt.expr("datum.weight"),
    )
    return alt.LayerChart(
        layer=[
            ticks.encode(x=_x(), y=alt.value(HEIGHT), y2=alt.value(HEIGHT + 4)),
            names.encode(x=_x(), y=alt.value(HEIGHT + 8), text="hash:N"),
        ]
    )


def _tooltips() -> alt.Chart:
    """What a point says of itself on hovering, in a notebook and on a page: a picture has none."""
    points = _data("tooltips").mark_circle(size=320, opacity=0)
    told = [
        alt.Tooltip(f"{name}:Q", format=".6~g") if name in ("value", "usual") else alt.Tooltip(f"{name}:N")
        for name in TOOLTIPS
    ]
    chart: alt.Chart = points.encode(x=_x(), y=_y(), tooltip=told)
    return chart


def trend_chart() -> alt.LayerChart:
    """The whole chart, without data."""
    layers = alt.LayerChart(
        layer=[
            _stretches(),
            _band(),
            _current(),
            _line("levels", {"interpolate": "step"}),
            _line("values", {}),
            _marks(),
            _dots(),
            _labels(),
            _hashes(),
            _tooltips(),
        ]
    )
    chart: alt.LayerChart = (
        layers.add_params(*_parameters())
        .properties(
            width=WIDTH,
            height=HEIGHT,
            title=alt.TitleParams(text="", subtitle=""),
            padding=8,
            datasets={name: [] for name in DATASETS},
        )
        .configure(aria=False, background="transparent", font="Helvetica, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            domainColor=palette.AXIS.light,
            gridColor=palette.GRID.light,
            labelColor=palette.QUIET_INK.light,
            labelFontSize=TEXT_SIZE - 1,
        )
        .configure_title(
            anchor="start",
            color=palette.INK.light,
            fontSize=TEXT_SIZE + 3,
            limit=WIDTH,
            offset=6,
            subtitleColor=palette.QUIET_INK.light,
            subtitleFontSize=TEXT_SIZE - 1,
        )
        .configure_legend(
            direction="horizontal",
            labelColor=palette.QUIET_INK.light,
            labelFontSize=TEXT_SIZE - 1,
            offset=8,
            orient="top",
        )
    )
    return chart


def template() -> str:
    """The text of `chart.vl.json`: the same design, the same bytes."""
    specification = trend_chart().to_dict() | {"$schema": SCHEMA}
    return json.dumps(specification, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("chart.vl.json").write_text(template(), encoding="utf-8")
