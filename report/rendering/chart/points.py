"""The rows of `highlight_trend` as points that can be drawn, and the range of values that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .text import LONGEST_HASH, describe_miss, one_line

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
