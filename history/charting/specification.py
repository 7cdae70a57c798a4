"""The chart's Vega-Lite specification: what the design in `template.py` produced, two JSON files, filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ..late_dataclass import dataclass
from .axes import MOST_PANELS, in_short
from .data import (
    LONGEST_METRIC,
    MARK_ORDER,
    ChartData,
    ChartLabels,
    Row,
    chart_data,
    drawable,
    one_line,
    tooltips,
)

COMPILED: Final = "chart.vg.json"
_CHART: Final = Path(__file__).with_name("chart.vl.json")
_PANEL: Final = Path(__file__).with_name("panel.vl.json")
_PANEL_COLUMNS: Final = 2
_PANEL_DATA: Final = ("dots", "levels", "marks", "stretches", "tooltips", "values")
_PANEL_PARAMS: Final = ("x_domain", "y_domain", "y_format")
_NOT_IN_PANELS: Final = ("this commit", "other branch", "best")
_LEGEND_CHANNELS: Final = ("color", "fill", "shape", "size", "stroke", "strokeDash", "strokeWidth")
_ARROWS: Final = {"maximize": " ↑", "minimize": " ↓"}


@dataclass(frozen=True)
class Panel:
    """One more metric: its points, oldest first, and what is charted."""

    rows: Sequence[Row]
    labels: ChartLabels


def chart_specification(
    rows: Sequence[Row],
    labels: ChartLabels,
    panels: Sequence[Panel] = (),
    *,
    has_tooltips: bool = False,
) -> dict[str, Any] | None:
    """The Vega-Lite specification of the chart, `None` without a finite value.

    `rows` are those of the view `highlight_trend`, or points of another metric (`chart_points`), oldest first; `panels`
    stand below, small, those that have no finite value left out. With `has_tooltips` each point says on hovering what a
    picture has no room for.
    What comes from outside goes into data, parameter values and titles: Vega evaluates none of them.
    """
    data = chart_data(rows, labels.goal, labels.by)
    if data is None:
        return None
    specification: dict[str, Any] = json.loads(_CHART.read_text(encoding="utf-8"))
    drawn = _panels(rows, labels, panels)
    shown = {name for each, _ in drawn for name in each.params["marks_shown"]} - set(_NOT_IN_PANELS)
    marks = [name for name in MARK_ORDER if name in shown.union(data.params["marks_shown"])]
    specification["datasets"] = data.datasets | {
        "tooltips": tooltips(rows, labels.by) if has_tooltips else []
    }
    for parameter in specification["params"]:
        parameter["value"] = (data.params | {"marks_shown": marks})[parameter["name"]]
    if not marks:
        _drop_legend(specification, "marks")
    specification["title"]["text"] = one_line(labels.metric, LONGEST_METRIC) or "?"
    specification["title"]["subtitle"] = labels.goal_text
    return _with_panels(specification, drawn, has_tooltips=has_tooltips) if drawn else specification


def compiled_chart(specification: dict[str, Any]) -> dict[str, Any] | None:
    """The same chart for Vega, as Vega-Lite translates it, which a run need not load; `None` of one with panels."""
    if "vconcat" in specification:
        return None
    vega: dict[str, Any] = json.loads(_CHART.with_name(COMPILED).read_text(encoding="utf-8"))
    values = {parameter["name"]: parameter["value"] for parameter in specification["params"]}
    for data in vega["data"]:
        if data["name"] in specification["datasets"]:
            data["values"] = specification["datasets"][data["name"]]
    for signal in vega["signals"]:
        signal["value"] = values.get(signal["name"], signal.get("value"))
    for told in ("text", "subtitle"):
        vega["title"][told] = specification["title"][told]
    if not values["marks_shown"]:
        # See `_drop_legend`.
        of_marks = {"signal": "marks_shown"}
        vega["legends"] = [legend for legend in vega["legends"] if legend["values"] != of_marks]
    return vega


def _drop_legend(specification: dict[str, Any], data_name: str) -> None:
    """Vega measures a legend without entries as infinitely large, and the whole chart with it."""
    for layer in specification["layer"]:
        if layer.get("data") == {"name": data_name}:
            for channel in layer["encoding"].values():
                if "legend" in channel:
                    channel["legend"] = None


def _panels(
    rows: Sequence[Row], labels: ChartLabels, panels: Sequence[Panel]
) -> list[tuple[ChartData, Panel]]:
    """The data of each panel that has a finite value; where the chart has all of its commits, they stand below them."""
    position_of = {row.get("commit_sha"): row["position"] for row in rows}
    drawn = []
    for panel in panels[:MOST_PANELS]:
        places = [position_of.get(row.get("commit_sha")) for row in panel.rows]
        if None not in places:
            moved = [{**row, "position": place} for row, place in zip(panel.rows, places, strict=True)]
            panel = Panel(moved, panel.labels)
        data = chart_data(panel.rows, panel.labels.goal, labels.by)
        if data is not None:
            drawn.append((data, panel))
    return drawn


def _with_panels(
    specification: dict[str, Any], drawn: Sequence[tuple[ChartData, Panel]], *, has_tooltips: bool
) -> dict[str, Any]:
    """One specification of the chart above and the panels below, two side by side."""
    whole = ("$schema", "config", "datasets", "padding", "params")
    around = {name: value for name, value in specification.items() if name in whole}
    chart = {name: value for name, value in specification.items() if name not in whole}
    below = []
    for number, (data, panel) in enumerate(drawn, start=1):
        below.append(_filled_panel(number, data, panel))
        marks = [mark for mark in data.datasets["marks"] if mark["mark"] not in _NOT_IN_PANELS]
        told = tooltips(panel.rows, panel.labels.by) if has_tooltips else []
        datasets = data.datasets | {"marks": marks, "tooltips": told}
        around["datasets"] |= {f"{name}_{number}": datasets[name] for name in _PANEL_DATA}
        around["params"] += [
            {"name": f"{name}_{number}", "value": data.params[name]} for name in _PANEL_PARAMS
        ]
    # Else the legend would stand above the chart's title.
    apart = {"scale": dict.fromkeys(_LEGEND_CHANNELS, "independent")}
    return around | {"resolve": apart, "vconcat": [chart, {"columns": _PANEL_COLUMNS, "concat": below}]}


def _filled_panel(number: int, data: ChartData, panel: Panel) -> dict[str, Any]:
    """The panel's part of the specification; its data and parameters bear its number."""
    text = _PANEL.read_text(encoding="utf-8")
    # Names of ours, in a text of ours.
    text = re.sub(rf"\b({'|'.join(_PANEL_PARAMS)})\b", rf"\1_{number}", text)
    specification: dict[str, Any] = json.loads(text)
    for layer in specification["layer"]:
        layer["data"]["name"] += f"_{number}"
    arrow = _ARROWS.get(panel.labels.goal or "", "")
    name = one_line(panel.labels.metric, LONGEST_METRIC) or "?"
    specification["title"] |= {"text": name + arrow, "subtitle": _in_words(panel)}
    return specification


def _in_words(panel: Panel) -> str:
    """`0.845, usually 0.882`: while it is worse, the level before that."""
    last = panel.rows[-1]
    value, level = drawable(last.get("value")), drawable(last.get("level_mean"))
    if last.get("standing") == "worse":
        reference = drawable(last.get("reference_level"))
        level = level if reference is None else reference
    told = [in_short(value)] if value is not None else ["no value"]
    return ", ".join(told + ([f"usually {in_short(level)}"] if level is not None else []))
