"""The charted points as the data of the specification: values, levels, marks, texts."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final, Literal

from ..late_dataclass import dataclass
from .axes import Along, NumberFormat, commit_ticks, time_ticks, value_domain
from .palette import MARKS

Goal = Literal["maximize", "minimize"]

LONGEST_METRIC: Final = 60
LONGEST_HASH: Final = 10

_GOAL_TEXT: Final[dict[Goal | None, str]] = {
    "maximize": "higher is better",
    "minimize": "lower is better",
    None: "",
}


@dataclass(frozen=True)
class ChartLabels:
    """What is charted: the metric's name as it was logged, which way is better where that is known, and along what."""

    metric: str
    goal: Goal | None = None
    by: Along = "commit"

    @property
    def goal_text(self) -> str:
        """`higher is better`, `lower is better`, or nothing."""
        return _GOAL_TEXT.get(self.goal, "")


def one_line(text: object, longest: int) -> str:
    """The text on one line of at most `longest` characters, the last of them `…` where it was cut.

    Line breaks and tabs become spaces. Control and formatting characters (those that reverse the direction
    of text among them), lone surrogates and what Unicode leaves unassigned are dropped: XML forbids some of
    them, and none of them can be seen.
    """
    spaced = " ".join(str(text).split())
    line = "".join(character for character in spaced if not unicodedata.category(character).startswith("C"))
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def describe_miss(value: object) -> str:
    """What stands in place of a number that can't be drawn: `no value`, `NaN`, `∞`, `−∞` or `too large`."""
    if not isinstance(value, int | float):
        return "no value"
    if value != value:
        return "NaN"
    if value in (math.inf, -math.inf):
        return "∞" if value > 0 else "−∞"
    return "too large"


Row = Mapping[str, Any]
"""One row of the view, by column."""

LARGEST_DRAWN: Final = 1e300
"""Above it the distance between two values may itself overflow; such a value is left out like infinity."""


@dataclass(frozen=True)
class Point:
    """One row, its numbers made drawable: `value` is `None` where it is missing or not finite."""

    position: int
    place: float
    """Along the axis: the position, or seconds since 1970."""
    hash: str
    value: float | None
    miss: str
    row: Row

    @property
    def is_current(self) -> bool:
        return bool(self.row.get("is_current"))


def drawable(value: object) -> float | None:
    """The number, or `None` where there is nothing that an axis could hold."""
    if not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= LARGEST_DRAWN else None


def read_points(rows: Sequence[Row], by: Along = "commit") -> list[Point]:
    """The rows as points, oldest first. Where one has no time, all are laid out by their positions."""
    times = [_seconds(row.get("recorded_at")) for row in rows]
    by_position = by == "commit" or None in times
    return [
        Point(
            position=int(row["position"]),
            place=int(row["position"]) if by_position or time is None else time,
            hash=one_line(row.get("short_sha") or "?", LONGEST_HASH),
            value=drawable(row.get("value")),
            miss=describe_miss(row.get("value")),
            row=row,
        )
        for row, time in zip(rows, times, strict=True)
    ]


def _seconds(time: object) -> float | None:
    """Seconds since 1970 of a time, which is UTC where it says nothing else."""
    if not isinstance(time, datetime):
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


Records = list[dict[str, Any]]

MOST_DOTS: Final = 60
"""With more points than this, a dot on each would hide the line."""
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


def _values(points: Sequence[Point]) -> Records:
    """The points of the metric's line; a missing value leaves a gap."""
    return [{"position": point.place, "series": "value", "value": point.value} for point in points]


def _levels(points: Sequence[Point]) -> Records:
    """The level that each point was judged against, with the band in which it would be as usual.

    Points next to one another that have one are a `run`: between two runs nothing is drawn.
    """
    records: Records = []
    run = 0
    for point in points:
        level, threshold = drawable(point.row.get("level_mean")), drawable(point.row.get("threshold"))
        if level is None or threshold is None:
            run += 1
            continue
        ends = {"low": level - threshold, "high": level + threshold}
        if all(map(math.isfinite, ends.values())):
            records.append(
                {"position": point.place, "series": "usual level", "value": level, "run": run, **ends}
            )
    return records


def _within(records: Records, keys: Sequence[str], low: float, high: float) -> Records:
    """The records, with what lies beyond the ends of an axis drawn to its end: the SVG clips nothing."""
    return [
        record | {key: min(max(record[key], low), high) for key in keys if key in record}
        for record in records
    ]


def _stretches(points: Sequence[Point], ends: tuple[float, float]) -> Records:
    """Where the metric was worse: from the commit where that began (or the first one shown) to the last one.

    Each reaches half the way to its neighbours; `ends` are those of the axis.
    """
    places = [point.place for point in points]
    around = [(before + after) / 2 for before, after in pairwise(places)]
    edges = (
        [places[0] - 0.5, *around, places[-1] + 0.5] if not _is_timed(points) else [ends[0], *around, ends[1]]
    )
    index_of = {point.row.get("commit_sha"): index for index, point in enumerate(points)}
    stretches: dict[object, dict[str, Any]] = {}
    for index, point in enumerate(points):
        if point.row.get("standing") != "worse":
            continue
        since = point.row.get("worse_since_commit_sha")
        stretch = stretches.setdefault(since, {"from": edges[index_of.get(since, 0)]})
        stretch["to"] = edges[index + 1]
    return list(stretches.values())


def _dots(points: Sequence[Point], marked: Set[int]) -> Records:
    """A dot on every point of a short history that has no mark of its own.

    In a long one, only on those that no line shows, for they have no neighbour; and on this commit.
    """
    around: list[Point | None] = [None, *points, None]
    alone = {
        middle.position
        for before, middle, after in zip(around, points, around[2:], strict=False)
        if (before is None or before.value is None) and (after is None or after.value is None)
    }
    return [
        {"position": point.place, "value": point.value}
        for point in points
        if point.value is not None
        and point.place not in marked
        and (len(points) <= MOST_DOTS or point.position in alone or point.is_current)
    ]


BEGAN: Final = {"regressed": "became worse", "improved": "became better", "recovered": "became better"}
"""What began at a point → its mark."""


def _changes(points: Sequence[Point]) -> dict[int, str]:
    """Position → mark of each change, at the commit where it began; suspicions that were withdrawn have none."""
    position_of = {point.row.get("commit_sha"): point.position for point in points}
    marks: dict[int, str] = {}
    for point in points:
        row = point.row
        marks.pop(position_of.get(row.get("withdrawn_commit_sha"), 0), None)
        if began := row.get("began"):
            marks[point.position] = BEGAN.get(began, "suspected")
        elif row.get("verdict") == "suspected" and not row.get("is_confirmation"):
            marks[point.position] = "suspected"
    return marks


def _is_elsewhere(points: Sequence[Point]) -> Callable[[Point], bool]:
    """Whether a point is of another branch than the commit that the chart is about (the newest where none is)."""
    about = next((point for point in points if point.is_current), points[-1])
    return lambda point: point.row.get("branch") != about.row.get("branch")


TOOLTIPS: Final = ("commit", "message", "author", "branch", "recorded", "value", "usual", "verdict", "reason")
"""What a point says of itself, in this order."""
_LONGEST_TOLD: Final = 120


def tooltips(rows: Sequence[Row], by: Along = "commit") -> Records:
    """A record per point that can be hovered on: texts, but for `value` and `usual`; what is not known is empty."""
    return [_told(point) for point in read_points(rows, by) if point.value is not None]


def _told(point: Point) -> dict[str, Any]:
    row, recorded = point.row, point.row.get("recorded_at")
    texts = {
        "commit": point.hash,
        "message": row.get("commit_message"),
        "recorded": f"{recorded:%Y-%m-%d %H:%M} UTC" if recorded else "",
    } | {name: row.get(name) for name in ("author", "branch", "verdict", "reason")}
    numbers = {"position": point.place, "value": point.value, "usual": drawable(row.get("level_mean"))}
    return numbers | {name: one_line(text or "", _LONGEST_TOLD) for name, text in texts.items()}


def _marks(points: Sequence[Point], floor: float, best: Point | None, best_is_low: bool) -> Records:
    """One record per mark: a point can have several."""
    records: Records = []
    changes, is_elsewhere = _changes(points), _is_elsewhere(points)
    for point in points:
        names = ["this commit"] * point.is_current
        if point.value is None:
            names.append("not finite")
        else:
            names += [changes[point.position]] if point.position in changes else []
            few = len(points) <= MOST_DOTS
            names += ["other branch"] * (few and point.position not in changes and is_elsewhere(point))
            names += ["best"] * (point is best)
        for name in names:
            offset = (BEST_OFFSET if best_is_low else -BEST_OFFSET) if name == "best" else 0
            value = floor if point.value is None else point.value
            records.append({"position": point.place, "value": value, "mark": name, "offset": offset})
    return sorted(records, key=lambda record: MARK_ORDER.index(record["mark"]))


def _labels(
    points: Sequence[Point], floor: float, best: Point | None, best_is_low: bool, numbers: NumberFormat
) -> Records:
    """The best value beside its star, this commit's value beside its point."""
    records: Records = []
    last = points[-1].position
    if best is not None and best.value is not None:
        late = best.place > points[0].place + 0.8 * (points[-1].place - points[0].place)
        text = "best" if best.is_current else f"best {numbers.label(best.value)}"
        records.append(
            {
                "position": best.place,
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
                    "position": point.place,
                    "value": floor if point.value is None else point.value,
                    "text": point.miss if point.value is None else numbers.label(point.value),
                    "align": "left" if at_end else "center",
                    "dx": 14 if at_end else 0,
                    "dy": 0 if at_end else (-20 if best_is_low or point is not best else 20),
                    "weight": "bold",
                }
            )
    return records


@dataclass(frozen=True)
class ChartData:
    """`datasets`: data set → records. `params`: parameter → value. Both by the names in `chart.vl.json`."""

    datasets: dict[str, Records]
    params: dict[str, Any]


def chart_data(rows: Sequence[Row], goal: str | None, by: Along = "commit") -> ChartData | None:
    """What `chart.vl.json` needs; `None` when there is no finite value."""
    points = read_points(rows, by)
    if all(point.value is None for point in points):
        return None
    levels = _levels(points)
    numbers = [record["value"] for record in (*_values(points), *levels) if record["value"] is not None]
    best, best_is_low = _best(points), goal == "minimize"
    has_misses = any(point.value is None for point in points)
    low, high = value_domain(numbers, best_is_low, has_misses)
    floor = low + 0.04 * (high - low)
    number_format = NumberFormat.between(low, high)
    marks = _marks(points, floor, best, best_is_low)
    drawn_marks = {mark["mark"] for mark in marks} - {"best"}
    marked = {mark["position"] for mark in marks if mark["mark"] not in ("this commit", "best")}
    x_domain = _place_domain(points)
    return ChartData(
        datasets={
            "values": _values(points),
            "levels": _within(levels, ("low", "high"), low, high),
            "stretches": _stretches(points, x_domain),
            "dots": _dots(points, marked),
            "marks": marks,
            "labels": _labels(points, floor, best, best_is_low, number_format),
            "ticks": _ticks(points),
            "current": [{"position": point.place} for point in points if point.is_current],
        },
        params={
            "x_domain": list(x_domain),
            "y_domain": [low, high],
            "y_format": number_format.d3,
            "lines_shown": ["value", *(["usual level"] if levels else [])],
            "marks_shown": [name for name in MARK_ORDER if name in drawn_marks],
        },
    )


def _is_timed(points: Sequence[Point]) -> bool:
    return any(point.place != point.position for point in points)


def _place_domain(points: Sequence[Point]) -> tuple[float, float]:
    """The ends of the axis along commits or time, with room for the first and the last mark."""
    places = [point.place for point in points]
    first, last = min(places), max(places)
    side = ((last - first) * 0.02 or 3600) if _is_timed(points) else max(0.5, len(points) * 0.012)
    return first - side, last + side


def _ticks(points: Sequence[Point]) -> Records:
    if _is_timed(points):
        places = [point.place for point in points]
        return time_ticks(min(places), max(places))
    current = next((index for index, point in enumerate(points) if point.is_current), None)
    return commit_ticks([point.place for point in points], [point.hash for point in points], current)
