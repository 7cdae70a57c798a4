"""From the rows of `highlight_trend` to the data sets and parameters that `chart.vl.json` asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from .palette import MARKS
from .points import Point, Row, drawable, read_points, value_domain
from .text import NumberFormat

Records = list[dict[str, Any]]

MOST_DOTS: Final = 60
"""With more points than this, a dot on each would hide the line."""
MOST_HASHES: Final = 30
"""As many slanted hashes as fit side by side."""

SERIES_COLUMNS: Final = {
    "value": "value",
    "average of 3": "moving_average",
    "rolling median": "rolling_median",
}
"""Line, in the order of the legend → column of `highlight_trend`."""
VERDICT_MARKS: Final = ("regressed", "improved", "suspected")
MARK_ORDER: Final = tuple(MARKS)
BEST_OFFSET: Final = 19
"""How far the star stands off the best point, in pixels, so that it never hides a verdict."""


def _best(points: Sequence[Point]) -> Point | None:
    """The one best point that is marked: this commit when it is among the best, else the newest of them.

    None where all values are equal: then there is nothing to tell.
    """
    if len({point.value for point in points} - {None}) < 2:
        return None
    best = [point for point in points if point.row.get("is_best") and point.value is not None]
    return max(best, key=lambda point: (point.is_current, point.position), default=None)


def _lines(points: Sequence[Point]) -> Records:
    """The points of each line; the value comes last, which draws it on top."""
    return [
        {"position": point.position, "series": series, "value": drawable(point.row.get(column))}
        for series, column in reversed(SERIES_COLUMNS.items())
        for point in points
    ]


def _dots(points: Sequence[Point]) -> Records:
    """A dot on every point of a short history that has no verdict's mark.

    In a long one, only on those that no line shows, for they have no neighbour; and on this commit.
    """
    around: list[Point | None] = [None, *points, None]
    alone = {
        middle.position
        for before, middle, after in zip(around, points, around[2:], strict=False)
        if (before is None or before.value is None) and (after is None or after.value is None)
    }
    return [
        {"position": point.position, "value": point.value}
        for point in points
        if point.value is not None
        and point.row.get("verdict") not in VERDICT_MARKS
        and (len(points) <= MOST_DOTS or point.position in alone or point.is_current)
    ]


def _marks(points: Sequence[Point], floor: float, best: Point | None, best_is_low: bool) -> Records:
    """One record per mark: a point can have several."""
    records: Records = []
    for point in points:
        names = ["this commit"] * point.is_current
        if point.value is None:
            names.append("not finite")
        else:
            names += ["sharp"] * bool(point.row.get("is_sharp"))
            names += [name for name in VERDICT_MARKS if point.row.get("verdict") == name]
            names += ["best"] * (point is best)
        for name in names:
            offset = (BEST_OFFSET if best_is_low else -BEST_OFFSET) if name == "best" else 0
            value = floor if point.value is None else point.value
            records.append({"position": point.position, "value": value, "mark": name, "offset": offset})
    return sorted(records, key=lambda record: MARK_ORDER.index(record["mark"]))


def _labels(
    points: Sequence[Point], floor: float, best: Point | None, best_is_low: bool, numbers: NumberFormat
) -> Records:
    """The best value beside its star, this commit's value beside its point."""
    records: Records = []
    last = points[-1].position
    if best is not None and best.value is not None:
        late = best.position > points[len(points) * 4 // 5].position
        text = "best" if best.is_current else f"best {numbers.label(best.value)}"
        records.append(
            {
                "position": best.position,
                "value": best.value,
                "text": text,
                "align": "right" if late else "left",
                "dx": -10 if late else 10,
                "dy": BEST_OFFSET if best_is_low else -BEST_OFFSET,
                "weight": "normal",
            }
        )
    for point in points:
        if point.is_current:
            at_end = point.position == last
            records.append(
                {
                    "position": point.position,
                    "value": floor if point.value is None else point.value,
                    "text": point.miss if point.value is None else numbers.label(point.value),
                    "align": "left" if at_end else "center",
                    "dx": 14 if at_end else 0,
                    "dy": 0 if at_end else (-20 if best_is_low or point is not best else 20),
                    "weight": "bold",
                }
            )
    return records


def _hashes(points: Sequence[Point]) -> Records:
    """The hashes under the axis: this commit's, and counting back from it every n-th that fits."""
    every = math.ceil(len(points) / MOST_HASHES)
    anchor = next((index for index, point in enumerate(points) if point.is_current), len(points) - 1)
    return [
        {
            "position": point.position,
            "hash": point.hash,
            "weight": "bold" if point.is_current else "normal",
        }
        for index, point in enumerate(points)
        if (index - anchor) % every == 0
    ]


@dataclass(frozen=True)
class ChartData:
    """`datasets`: data set → records. `params`: parameter → value. Both by the names in `chart.vl.json`."""

    datasets: dict[str, Records]
    params: dict[str, Any]


def chart_data(rows: Sequence[Row], goal: str | None) -> ChartData | None:
    """What `chart.vl.json` needs; `None` when there is no finite value."""
    points = read_points(rows)
    if all(point.value is None for point in points):
        return None
    lines = _lines(points)
    numbers = [line["value"] for line in lines if line["value"] is not None]
    best, best_is_low = _best(points), goal == "minimize"
    has_misses = any(point.value is None for point in points)
    low, high = value_domain(numbers, best_is_low, has_misses)
    floor = low + 0.04 * (high - low)
    number_format = NumberFormat.between(low, high)
    marks = _marks(points, floor, best, best_is_low)
    drawn_marks = {mark["mark"] for mark in marks} - {"best"}
    drawn_lines = {line["series"] for line in lines if line["value"] is not None}
    side = max(0.5, len(points) * 0.012)
    return ChartData(
        datasets={
            "lines": lines,
            "dots": _dots(points),
            "marks": marks,
            "labels": _labels(points, floor, best, best_is_low, number_format),
            "hashes": _hashes(points),
            "current": [{"position": point.position} for point in points if point.is_current],
        },
        params={
            "x_domain": [points[0].position - side, points[-1].position + side],
            "y_domain": [low, high],
            "y_format": number_format.d3,
            "lines_shown": [name for name in SERIES_COLUMNS if name in drawn_lines],
            "marks_shown": [name for name in MARK_ORDER if name in drawn_marks],
        },
    )
