"""The trend chart: rows of `highlight_trend` in, an SVG for each theme and a PNG out.

The design is in `template.py`; here its product, `chart.vl.json`, is filled in and rendered. Vega runs
once: the dark chart is the light one with its colours replaced, and the PNG is painted from the same SVG.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import ReportError
from .data import LONGEST_METRIC, ChartLabels, Row, chart_data, one_line
from .palette import DARK_OF, LIGHT_PAGE

__all__ = ["Chart", "ChartLabels", "render_chart"]

PNG_SCALE: Final = 2.0
"""Pixels of the PNG per pixel of the SVG, for screens with a high density."""

_TEMPLATE: Final = Path(__file__).with_name("chart.vl.json")
_TAG: Final = re.compile(r"<[^<>]*>")
_COLOUR: Final = re.compile(r'(?<=[a-z]=")#[0-9a-f]{6}(?=")')


class ChartError(ReportError):
    """Vega could not draw the chart."""


@dataclass(frozen=True)
class Chart:
    """One chart three times: for a light and a dark page (both without a background), and as a picture."""

    svg: str
    svg_dark: str
    png: bytes
    """On white."""


def render_chart(rows: Sequence[Row], labels: ChartLabels) -> Chart | None:
    """The chart of `rows`, which are those of the view `highlight_trend`, oldest first.

    `None` when no row has a finite value; `ChartError` when Vega fails. The same rows give the same bytes, for
    one version of vl-convert.
    About 0.7 CPU seconds in a new process, nearly all of them to start Vega.
    """
    specification = chart_specification(rows, labels)
    if specification is None:
        return None
    import vl_convert

    try:
        svg: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
        png: bytes = vl_convert.svg_to_png(_on_page(svg, LIGHT_PAGE), scale=PNG_SCALE)
    except (RuntimeError, ValueError) as error:  # all that vl-convert raises
        raise ChartError(f"the chart could not be drawn: {str(error).splitlines()[0]}") from error
    return Chart(svg=svg, svg_dark=_darkened(svg), png=png)


def chart_specification(rows: Sequence[Row], labels: ChartLabels) -> dict[str, Any] | None:
    """The Vega-Lite specification of the chart, `None` without a finite value.

    What comes from outside goes into data, parameter values and the title: Vega evaluates none of them.
    """
    data = chart_data(rows, labels.goal)
    if data is None:
        return None
    specification: dict[str, Any] = json.loads(_TEMPLATE.read_text(encoding="utf-8"))
    specification["datasets"] = data.datasets
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


def _darkened(svg: str) -> str:
    """The SVG for a dark page. Only attributes are touched: a colour's name in the metric's name stays."""

    def swap(tag: re.Match[str]) -> str:
        return _COLOUR.sub(lambda colour: DARK_OF.get(colour[0], colour[0]), tag[0])

    return _TAG.sub(swap, svg)


def _on_page(svg: str, colour: str) -> str:
    """The SVG on an opaque page."""
    page = f'<rect width="100%" height="100%" fill="{colour}"/>'
    return re.sub(r"<svg[^<>]*>", lambda opening: opening[0] + page, svg, count=1)
