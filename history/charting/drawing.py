"""A metric's chart for a notebook: asked of the history, drawn by Altair."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from ..errors import HistoryError
from ..sql_files import read_sql
from .axes import Along
from .data import ChartLabels
from .specification import chart_specification

if TYPE_CHECKING:
    import altair

    from ..database import Database

MOST_POINTS = 100_000
"""More than any history has of one metric, and than a browser draws."""


def chart_points(
    database: Database, metrics: Sequence[str], *, last: int | None = None, branch: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Metric → its points, oldest first, with the columns that a chart is made of; of an unknown metric none.

    They stand on the line that the report's chart follows (HEAD's first parents, else the branch), or on that of
    `branch`. `last` is how many of each.
    """
    asked = {"metrics": list(metrics), "at_most": last or MOST_POINTS, "branch": branch}
    points: dict[str, list[dict[str, Any]]] = {metric: [] for metric in metrics}
    for row in database.ask(read_sql("history/charting", "points.sql"), asked):
        points[row["metric"]].append(row)
    return points


def altair_chart(
    database: Database,
    metric: str,
    *,
    by: Along = "commit",
    last: int | None = None,
    branch: str | None = None,
) -> altair.LayerChart:
    """The chart of `History.chart`. Raises `HistoryError` where there is nothing to draw."""
    if by not in get_args(Along):
        raise HistoryError(f"by is {by!r}, wanted {' or '.join(map(repr, get_args(Along)))}")
    if last is not None and last < 1:
        raise HistoryError(f"last is {last}, wanted how many points are to be shown, 1 or more")
    rows = chart_points(database, [metric], last=last, branch=branch)[metric]
    goal = rows[-1]["goal"] if rows else None
    specification = chart_specification(rows, ChartLabels(metric, goal, by), has_tooltips=True)
    if specification is None:
        raise HistoryError(_nothing_to_draw(database, metric, branch, has_rows=bool(rows)))
    import altair

    datasets = specification.pop("datasets")
    # Its letters are dark: on the page of a dark notebook they would not be read.
    chart = altair.LayerChart.from_dict(specification | {"background": "white"})
    # Afterwards, as each record would be checked against the whole schema.
    chart.datasets = datasets
    return chart


def _nothing_to_draw(database: Database, metric: str, branch: str | None, *, has_rows: bool) -> str:
    where = f" on the branch {branch}" if branch else ""
    if has_rows:
        return f"{metric!r} has no finite value{where}: there is nothing to draw"
    known = [row["metric"] for row in database.rows("select distinct metric from measurements order by all")]
    near = get_close_matches(metric, known, n=1) or known[:5]
    wanted = f"wanted a metric of the history, such as {', '.join(near)}" if near else "the history has none"
    return f"{metric!r} was never measured{where}; {wanted}"
