"""The trend chart: rows of `highlight_trend` in, an SVG for each theme and a PNG out.

The specification is made in `history/charting/`, which notebooks draw from too; here it is rendered. Vega runs once:
the dark chart is the light one with its colours replaced, and the PNG is painted from the same SVG.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ....history.charting.data import ChartLabels, Row
from ....history.charting.palette import DARK_OF, LIGHT_PAGE
from ....history.charting.specification import Panel, chart_specification, compiled_chart
from ....history.late_dataclass import dataclass
from ...errors import ReportError

PNG_SCALE: Final = 2.0
"""Pixels of the PNG per pixel of the SVG, for screens with a high density."""

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


def render_chart(rows: Sequence[Row], labels: ChartLabels, panels: Sequence[Panel] = ()) -> Chart | None:
    """The chart of `rows`, which are those of the view `highlight_trend`, oldest first; more metrics stand in `panels`.

    `None` when no row has a finite value; `ChartError` when Vega fails. The same rows give the same bytes, for
    one version of vl-convert.
    About 0.7 CPU seconds in a new process, nearly all of them to start Vega.
    """
    specification = chart_specification(rows, labels, panels)
    if specification is None:
        return None
    import vl_convert

    try:
        if (vega := compiled_chart(specification)) is not None:
            svg: str = vl_convert.vega_to_svg(vega, allowed_base_urls=[])
        else:
            svg = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
        png: bytes = vl_convert.svg_to_png(_on_page(svg, LIGHT_PAGE), scale=PNG_SCALE)
    except (RuntimeError, ValueError) as error:  # all that vl-convert raises
        raise ChartError(f"the chart could not be drawn: {str(error).splitlines()[0]}") from error
    return Chart(svg=svg, svg_dark=_darkened(svg), png=png)


def _darkened(svg: str) -> str:
    """The SVG for a dark page. Only attributes are touched: a colour's name in the metric's name stays."""

    def swap(tag: re.Match[str]) -> str:
        return _COLOUR.sub(lambda colour: DARK_OF.get(colour[0], colour[0]), tag[0])

    return _TAG.sub(swap, svg)


def _on_page(svg: str, colour: str) -> str:
    """The SVG on an opaque page."""
    page = f'<rect width="100%" height="100%" fill="{colour}"/>'
    return re.sub(r"<svg[^<>]*>", lambda opening: opening[0] + page, svg, count=1)
