"""The charted points as the data of the specification: values, marks, axes, texts."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Literal

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
    """What is charted: the metric's name as it was logged, and which way is better where that is known."""

    metric: str
    goal: Goal | None = None

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


def tick_power(low: float, high: float, count: int = 5) -> int:
    """The power of ten of the distance between two ticks, as d3 chooses it for about `count` ticks.

    Source: `tickSpec` in d3-array: the distance is 1, 2, 5 or 10 times a power of ten.
    """
    step = high / count - low / count
    power = math.floor(math.log10(step))
    return power + 1 if step / 10.0**power >= math.sqrt(50) else power


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers between two ends of an axis are written."""

    scientific: bool
    decimals: int

    @classmethod
    def between(cls, low: float, high: float) -> NumberFormat:
        """Plain decimals from 0.001 to 9,999,999, powers of ten outside; digits that tell ticks apart."""
        largest = max(abs(low), abs(high))
        power = tick_power(low, high)
        if 1e-3 <= largest < 1e7:
            return cls(scientific=False, decimals=max(0, -power))
        return cls(scientific=True, decimals=max(0, math.floor(math.log10(largest)) - power))

    @property
    def d3(self) -> str:
        """The same in d3's notation, for the axis."""
        return f".{self.decimals}e" if self.scientific else f",.{self.decimals}f"

    def label(self, value: float) -> str:
        """One value with two digits more than the axis has, without the zeros at its end."""
        value += 0.0  # -0.0 becomes 0.0
        text = f"{value:.{self.decimals + 2}e}" if self.scientific else f"{value:,.{self.decimals + 2}f}"
        if not self.scientific and value != 0 and not text.strip("-0.,"):
            text = f"{value:.2e}"
        mantissa, letter, exponent = text.partition("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        power = f"{letter}{int(exponent):+d}" if letter else ""
        return f"{mantissa}{power}".replace("-", "−", 1) if value < 0 else f"{mantissa}{power}"


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


def read_points(rows: Sequence[Row]) -> list[Point]:
    """The rows as points, oldest first."""
    return [
        Point(
            position=int(row["position"]),
            hash=one_line(row.get("short_sha") or "?", LONGEST_HASH),
            value=drawable(row.get("value")),
            miss=describe_miss(row.get("value")),
            row=row,
        )
        for row in rows
    ]


def value_domain(numbers: Sequence[float], best_is_low: bool, has_misses: bool) -> tuple[float, float]:
    """The ends of the value axis: the values, with room for the star and for the marks at the bottom.

    Values that are (nearly) equal get a band of 5 % around them, so that the line lies in the middle.
    """
    low, high = min(numbers), max(numbers)
    largest = max(abs(low), abs(high))
    if high - low <= largest * 1e-9 or high - low < 1e-290:
        pad = largest * 0.05 if largest > 1e-280 else 1.0
        low, high = low - pad, high + pad
    span = high - low
    below = 0.2 if best_is_low or has_misses else 0.07
    above = 0.07 if best_is_low else 0.2
    return low - below * span, high + above * span


Records = list[dict[str, Any]]

MOST_DOTS: Final = 60
"""With more points than this, a dot on each would hide the line."""
MOST_HASHES: Final = 8
"""As many hashes as fit side by side, in letters that a phone shows."""

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
    return [{"position": point.position, "series": "value", "value": point.value} for point in points]


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
                {"position": point.position, "series": "usual level", "value": level, "run": run, **ends}
            )
    return records


def _within(records: Records, keys: Sequence[str], low: float, high: float) -> Records:
    """The records, with what lies beyond the ends of an axis drawn to its end: the SVG clips nothing."""
    return [
        record | {key: min(max(record[key], low), high) for key in keys if key in record}
        for record in records
    ]


def _stretches(points: Sequence[Point]) -> Records:
    """Where the metric was worse: from the commit where that began (or the first one shown) to the last one."""
    position_of = {point.row.get("commit_sha"): point.position for point in points}
    stretches: dict[object, dict[str, Any]] = {}
    for point in points:
        if point.row.get("standing") != "worse":
            continue
        since = point.row.get("worse_since_commit_sha")
        began = position_of.get(since, points[0].position)
        stretch = stretches.setdefault(since, {"from": began - 0.5})
        stretch["to"] = point.position + 0.5
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
        {"position": point.position, "value": point.value}
        for point in points
        if point.value is not None
        and point.position not in marked
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


def tooltips(rows: Sequence[Row]) -> Records:
    """A record per point that can be hovered on: texts, but for `value` and `usual`; what is not known is empty."""
    return [_told(point) for point in read_points(rows) if point.value is not None]


def _told(point: Point) -> dict[str, Any]:
    row, recorded = point.row, point.row.get("recorded_at")
    texts = {
        "commit": point.hash,
        "message": row.get("commit_message"),
        "recorded": f"{recorded:%Y-%m-%d %H:%M} UTC" if recorded else "",
    } | {name: row.get(name) for name in ("author", "branch", "verdict", "reason")}
    numbers = {"position": point.position, "value": point.value, "usual": drawable(row.get("level_mean"))}
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
    side = max(0.5, len(points) * 0.012)
    x_domain = (points[0].position - side, points[-1].position + side)
    return ChartData(
        datasets={
            "values": _values(points),
            "levels": _within(levels, ("low", "high"), low, high),
            "stretches": _within(_stretches(points), ("from", "to"), *x_domain),
            "dots": _dots(points, marked),
            "marks": marks,
            "labels": _labels(points, floor, best, best_is_low, number_format),
            "hashes": _hashes(points),
            "current": [{"position": point.position} for point in points if point.is_current],
        },
        params={
            "x_domain": list(x_domain),
            "y_domain": [low, high],
            "y_format": number_format.d3,
            "lines_shown": ["value", *(["usual level"] if levels else [])],
            "marks_shown": [name for name in MARK_ORDER if name in drawn_marks],
        },
    )
