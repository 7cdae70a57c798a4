"""The chart's Vega-Lite specification: what the design in `template.py` produced, `chart.vl.json`, filled in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from .data import LONGEST_METRIC, ChartLabels, Row, chart_data, one_line, tooltips

_TEMPLATE: Final = Path(__file__).with_name("chart.vl.json")


def chart_specification(
    rows: Sequence[Row], labels: ChartLabels, *, has_tooltips: bool = False
) -> dict[str, Any] | None:
    """The Vega-Lite specification of the chart, `None` without a finite value.

    `rows` are those of the view `highlight_trend`, or points of another metric (`chart_points`), oldest first.
    With `has_tooltips` each point says on hovering what a picture has no room for.
    What comes from outside goes into data, parameter values and the title: Vega evaluates none of them.
    """
    data = chart_data(rows, labels.goal)
    if data is None:
        return None
    specification: dict[str, Any] = json.loads(_TEMPLATE.read_text(encoding="utf-8"))
    specification["datasets"] = data.datasets | {"tooltips": tooltips(rows) if has_tooltips else []}
    for parameter in specification["params"]:
        parameter["value"] = data.params[parameter["name"]]
    if not data.params["marks_shown"]:
        _drop_legend(specification, "marks")
    specification["title"]["text"] = one_line(labels.metric, LONGEST_METRIC) or "?"
    specification["title"]["subtitle"] = labels.goal_text
    return specification


def _drop_legend(specification: dict[str, Any], data_name: str) -> None:
    """Vega measures a legend without entries as infinitely large, and the whole chart with it."""
    for layer in specification["layer"]:
        if layer.get("data") == {"name": data_name}:
            for channel in layer["encoding"].values():
                if "legend" in channel:
                    channel["legend"] = None
