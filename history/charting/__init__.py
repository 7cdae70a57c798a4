"""The chart of a metric's course: its specification, which reports, pages and notebooks draw."""

from .data import Along, ChartLabels, Row
from .drawing import chart_points
from .specification import Panel, chart_specification

__all__ = ["Along", "ChartLabels", "Panel", "Row", "chart_points", "chart_specification"]
