"""The trend chart of a run: its files, kept from the last report or drawn, and where the summary finds them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from pathlib import Path

from ..history import HistoryError
from ..history.errors import UnusableFileError
from ..history.regular_files import read_regular
from ..history.stores import Location, Receipt
from .config import ReportSection
from .delivery.publishing import linked_part
from .rendering.chart import (
    ChartLabels,
    Panel,
    chart_files,
    kept_files,
    mermaid_chart,
    render_chart,
    source_digest,
)
from .rendering.chart.kept import PNG, SVG, SVG_DARK
from .rendering.content import Picture
from .verdicts.answers import Answers, Row

_LIMIT_BYTES = 4 * 2**20


def kept_name(name: str, report: str) -> str:
    """How a file of a report is called beside the history, where several reports keep theirs."""
    return f"{report}-{name}" if report else name


def chart_labels(section: ReportSection, rows: Sequence[Row]) -> ChartLabels | None:
    """What stands on the chart of the highlight metric; None where there is nothing to draw."""
    metric = section.highlight_metric
    return ChartLabels(metric, rows[-1]["goal"], section.chart_by) if metric and rows else None


def chart_panels(section: ReportSection, answers: Answers) -> list[Panel]:
    """The other metrics that the config wants to see below, as far as they were measured."""
    return [
        Panel(rows, ChartLabels(metric, rows[-1]["goal"], section.chart_by))
        for metric, rows in answers.charted_points.items()
        if rows and metric != section.highlight_metric
    ]


def absent_charts(answers: Answers) -> list[str]:
    """Sentences about metrics that are to be charted and were never measured."""
    absent = [f"`{metric}`" for metric, rows in answers.charted_points.items() if not rows]
    return (
        [f"`report.charts` names {', '.join(absent)}, of which the history has no value."] if absent else []
    )


def make_picture(
    rows: Sequence[Row],
    labels: ChartLabels,
    panels: Sequence[Panel],
    output: Path,
    root: Path,
    location: Location,
    report: str = "",
) -> dict[str, bytes]:
    """The chart of `rows` as files by name; none where there is nothing to draw. Raises `ChartError`.

    The last report's picture is with the history; where that has no place for it, in the `output` folder. A history has
    no place for the PNG: a picture that is kept from there is without one, unless it is in the folder. `root` is the
    checkout, whose links are not followed; `report` the report's name.
    """
    source = source_digest(rows, labels, panels)
    if source is None:
        return {}
    recorded = _recorded(location, report)
    before = (recorded or {}) | _found_in(output, (PNG,) if recorded is not None else (SVG, SVG_DARK, PNG))
    kept = kept_files(before, source)
    if kept is None or (recorded is None and PNG not in kept):
        chart = render_chart(rows, labels, panels)
        return chart_files(chart, source) if chart else {}
    if PNG not in kept and linked_part(output / PNG, root) is None:
        with contextlib.suppress(OSError):  # That of another picture does not stay beside this one.
            (output / PNG).unlink(missing_ok=True)
    return kept


def place_picture(
    rows: Sequence[Row],
    labels: ChartLabels,
    receipt: Receipt | None,
    beside: Collection[str],
    report: str = "",
) -> Picture:
    """Where the summary finds the chart: those kept with the history before the files `beside` it."""
    kept = receipt.attachment_urls if receipt else {}
    pages = receipt.attachment_pages if receipt else {}
    urls = {
        name: kept[kept_name(name, report)] for name in (SVG, SVG_DARK) if kept_name(name, report) in kept
    }
    if SVG in beside:
        urls = {SVG: SVG, SVG_DARK: SVG_DARK} | urls
    return Picture(
        light=urls.get(SVG),
        dark=urls.get(SVG_DARK),
        fallback=mermaid_chart(rows, labels),
        page=pages.get(kept_name(SVG, report)),
    )


def _recorded(location: Location, report: str) -> dict[str, bytes] | None:
    names = {kept_name(name, report): name for name in (SVG, SVG_DARK)}
    try:
        found = location.attachments(tuple(names), _LIMIT_BYTES)
        return None if found is None else {names[name]: content for name, content in found.items()}
    except HistoryError:
        return {}  # Then the picture is drawn, and nobody misses anything.


def _found_in(output: Path, names: Sequence[str]) -> dict[str, bytes]:
    found = {}
    for name in names:
        with contextlib.suppress(UnusableFileError):  # As above.
            found[name] = read_regular(output / name, _LIMIT_BYTES)
    return found
