"""The trend chart: as SVG for both themes, as PNG, and as a Mermaid block where no picture can be shown."""

from ....history.charting.data import ChartLabels
from ....history.charting.specification import Panel, chart_specification
from .kept import chart_files, kept_files, source_digest
from .mermaid import mermaid_chart, mermaid_panel
from .render import Chart, ChartError, render_chart

__all__ = [
    "Chart",
    "ChartError",
    "ChartLabels",
    "Panel",
    "chart_files",
    "chart_specification",
    "kept_files",
    "mermaid_chart",
    "mermaid_panel",
    "render_chart",
    "source_digest",
]
