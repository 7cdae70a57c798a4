"""The trend chart's design, in Altair. It makes `chart.vl.json`, `panel.vl.json` and, of the first, `chart.vg.json`,
the same for Vega; they are all that a report loads.

Importing Altair costs 0.6 CPU seconds, so nothing that runs for a commit imports this module. After a change:

    python -m devops_mlops_report.history.charting.template

Everything that differs between two charts is in `datasets`, in `title` and in the values of `params`; no
expression, and no other part of the specification, is ever made from what a history holds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import altair as alt
import vl_convert

from . import palette
from .data import TOOLTIPS
from .specification import COMPILED


class Size(NamedTuple):
    """Of a plot alone, in pixels, and what stands around it."""

    width: int
    height: int
    count_ticks: int
    """Numbers of the value axis, about."""
    has_legend: bool


CHART = Size(width=520, height=190, count_ticks=5, has_legend=True)
"""Title, legend and labels around it make it about 640 × 320: a phone shows it at a little more than half of that, and
its letters are still read."""
PANEL = Size(width=232, height=76, count_ticks=3, has_legend=False)
"""Two side by side are as wide as the chart above them."""
TEXT_SIZE = 14
DATASETS = ("current", "dots", "ticks", "labels", "levels", "marks", "stretches", "tooltips", "values")

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


def _y(size: Size, field: str = "value") -> alt.Y:
    """The same for every layer: one without an axis would take it from the others."""
    scale = _scale("y_domain")
    label = "format(datum.value, y_format)"
    return alt.Y(
        f"{field}:Q",
        scale=scale,
        axis=alt.Axis(
            title=None, tickCount=size.count_ticks, labelExpr=label, domain=False, ticks=False, minExtent=36
        ),
    )


def _by_name(names: Sequence[str], looks: Sequence[str | float | Sequence[float]]) -> alt.Scale:
    """One look for each name. Said to be ordinal: Vega-Lite would lay sizes and widths out evenly instead."""
    return alt.Scale(type="ordinal", domain=list(names), range=list(looks))


def _legend(size: Size, shown: str, **look: Any) -> alt.Legend | None:
    """Of those that a parameter names; a panel has that of the chart above it."""
    return alt.Legend(title=None, values=alt.expr(shown), **look) if size.has_legend else None


def _line(size: Size, data: str, mark: dict[str, Any]) -> alt.Chart:
    """The metric, or its usual level: both in one legend."""
    names, looks = list(palette.LINES), list(palette.LINES.values())
    legend = _legend(size, "lines_shown", symbolType="stroke", symbolSize=palette.HALO_SIZE)
    detail = [alt.Detail("run:N")] if data == "levels" else []
    chart: alt.Chart = (
        _data(data)
        .mark_line(invalid="break-paths-show-domains", **mark)
        .encode(
            *detail,
            x=_x(),
            y=_y(size),
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


def _band(size: Size) -> alt.Chart:
    """Where a value is as usual."""
    band = _data("levels").mark_area(interpolate="step", color=palette.BAND.light, opacity=1)
    chart: alt.Chart = band.encode(alt.Detail("run:N"), x=_x(), y=_y(size, "low"), y2="high:Q")
    return chart


def _stretches(size: Size) -> alt.Chart:
    """Where the metric was worse."""
    rects = _data("stretches").mark_rect(color=palette.WORSE_STRETCH.light, opacity=1)
    chart: alt.Chart = rects.encode(
        x=_x("from"),
        x2="to:Q",
        y=alt.value(0),
        y2=alt.value(size.height),
    )
    return chart


def _marks(size: Size) -> alt.Chart:
    """Verdicts, sharp changes, the best point and this commit, told apart by shape as well as by colour."""
    names, looks = list(palette.MARKS), list(palette.MARKS.values())
    legend = _legend(size, "marks_shown")
    chart: alt.Chart = (
        _data("marks")
        .mark_point(opacity=1, strokeWidth=1.6, yOffset=alt.expr("datum.offset"))
        .encode(
            x=_x(),
            y=_y(size),
            shape=alt.Shape("mark:N", scale=_by_name(names, [look.shape for look in looks]), legend=legend),
            fill=alt.Fill("mark:N", scale=_by_name(names, [look.fill for look in looks]), legend=legend),
            stroke=alt.Stroke(
                "mark:N", scale=_by_name(names, [look.outline for look in looks]), legend=legend
            ),
            size=alt.Size("mark:N", scale=_by_name(names, [look.size for look in looks]), legend=legend),
        )
    )
    return chart


def _dots(size: Size) -> alt.Chart:
    dots = _data("dots").mark_circle(size=26, opacity=1, color=palette.VALUE.light)
    chart: alt.Chart = dots.encode(x=_x(), y=_y(size))
    return chart


def _labels(size: Size) -> alt.Chart:
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
    chart: alt.Chart = labels.encode(x=_x(), y=_y(size), text="text:N")
    return chart


def _current(size: Size) -> alt.Chart:
    rule = _data("current").mark_rule(color=palette.AXIS.light, strokeDash=[2, 3])
    chart: alt.Chart = rule.encode(x=_x(), y=alt.value(0), y2=alt.value(size.height))
    return chart


def _ticks(size: Size) -> alt.LayerChart:
    """The short hashes, or dates, under the plot: marks, so that they are data, as an axis' labels would not be."""
    ticks = _data("ticks").mark_rule(color=palette.AXIS.light)
    names = _data("ticks").mark_text(
        align="center",
        baseline="top",
        color=palette.QUIET_INK.light,
        font="ui-monospace, Menlo, Consolas, monospace",
        fontSize=TEXT_SIZE - 2,
        fontWeight=alt.expr("datum.weight"),
    )
    return alt.LayerChart(
        layer=[
            ticks.encode(x=_x(), y=alt.value(size.height), y2=alt.value(size.height + 4)),
            names.encode(x=_x(), y=alt.value(size.height + 8), text="label:N"),
        ]
    )


def _tooltips(size: Size) -> alt.Chart:
    """What a point says of itself on hovering, in a notebook and on a page: a picture has none."""
    points = _data("tooltips").mark_circle(size=320, opacity=0)
    told = [
        alt.Tooltip(f"{name}:Q", format=".6~g") if name in ("value", "usual") else alt.Tooltip(f"{name}:N")
        for name in TOOLTIPS
    ]
    chart: alt.Chart = points.encode(x=_x(), y=_y(size), tooltip=told)
    return chart


def _chart_layers() -> list[alt.Chart | alt.LayerChart]:
    size = CHART
    return [
        _stretches(size),
        _band(size),
        _current(size),
        _line(size, "levels", {"interpolate": "step"}),
        _line(size, "values", {}),
        _marks(size),
        _dots(size),
        _labels(size),
        _ticks(size),
        _tooltips(size),
    ]


def _panel_layers() -> list[alt.Chart | alt.LayerChart]:
    """The same points and marks, small; what is said in words stands in its title."""
    size = PANEL
    return [
        _stretches(size),
        _band(size),
        _line(size, "levels", {"interpolate": "step"}),
        _line(size, "values", {}),
        _marks(size),
        _dots(size),
        _tooltips(size),
    ]


def trend_chart() -> alt.LayerChart:
    """The chart, without data."""
    chart: alt.LayerChart = (
        _sized(alt.LayerChart(layer=_chart_layers()), CHART)
        .add_params(*_parameters())
        .properties(padding=8, datasets={name: [] for name in DATASETS})
        .configure(aria=False, background="transparent", font="Helvetica, Arial, sans-serif")
        .configure_concat(spacing=18)
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


def panel_chart() -> alt.LayerChart:
    """A small chart of one more metric, to stand below; without data."""
    return _sized(alt.LayerChart(layer=_panel_layers()), PANEL)


def _sized(chart: alt.LayerChart, size: Size) -> alt.LayerChart:
    title = alt.TitleParams(text="", subtitle="", limit=size.width)
    if not size.has_legend:
        title = alt.TitleParams(text="", subtitle="", limit=size.width, fontSize=TEXT_SIZE)
    sized: alt.LayerChart = chart.properties(width=size.width, height=size.height, title=title)
    return sized


def templates() -> dict[str, str]:
    """The files by name: the same design, the same bytes."""
    panel = panel_chart().to_dict()
    # What holds for the whole picture stands in the chart's.
    panel = {name: value for name, value in panel.items() if name not in ("$schema", "config")}
    specifications = {"chart.vl.json": trend_chart().to_dict() | {"$schema": SCHEMA}, "panel.vl.json": panel}
    specifications[COMPILED] = _compiled(specifications["chart.vl.json"])
    return {
        name: json.dumps(specification, indent=1, sort_keys=True) + "\n"
        for name, specification in specifications.items()
    }


def _compiled(specification: dict[str, Any]) -> dict[str, Any]:
    """The chart as Vega-Lite translates it for Vega, with a title to be replaced: it would leave out an empty one."""
    titled = specification | {"title": specification["title"] | {"text": "title", "subtitle": "subtitle"}}
    vega: dict[str, Any] = vl_convert.vegalite_to_vega(titled)
    return vega


if __name__ == "__main__":
    for file_name, text in templates().items():
        Path(__file__).with_name(file_name).write_text(text, encoding="utf-8")
