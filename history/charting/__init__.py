"""The chart of a metric's course: its specification, which reports, pages and notebooks draw."""

from .data import ChartLabels, Row
from .specification import chart_specification

__all__ = ["ChartLabels", "Row", "chart_specification"]
