"""The chart's axes: what they go along, the ends and numbers of the value axis, at most ten labels below."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, Literal

from ..late_dataclass import dataclass

Along = Literal["commit", "time"]
"""What the points are laid out along."""
MOST_PANELS: Final = 6
"""Small charts below the one of the highlight metric."""
MOST_TICKS: Final = 8
"""As many hashes as fit side by side, in letters that a phone shows; of dates as many."""


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


def in_short(value: float) -> str:
    """Four digits, as many as tell two values of one metric apart; plain up to millions."""
    whole = 1e4 <= abs(value) < 1e7
    text = f"{value + 0.0:,.0f}" if whole else f"{value + 0.0:,.4g}"
    mantissa, letter, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if letter else mantissa).replace("-", "−", 1 if value < 0 else 0)


def commit_ticks(places: Sequence[float], names: Sequence[str], current: int | None) -> list[dict[str, Any]]:
    """The hashes under the axis: that at the index `current` (else the last one), and from it every n-th that fits."""
    every = math.ceil(len(places) / MOST_TICKS)
    anchor = len(places) - 1 if current is None else current
    return [
        {"position": place, "label": name, "weight": "bold" if index == current else "normal"}
        for index, (place, name) in enumerate(zip(places, names, strict=True))
        if (index - anchor) % every == 0
    ]


def time_ticks(first: float, last: float) -> list[dict[str, Any]]:
    """Dates, or hours, between two points in time (seconds since 1970, UTC): round ones, as many as fit."""
    for step in _STEPS:
        places = list(islice(_round_times(first, last, step), MOST_TICKS + 1))
        if len(places) <= MOST_TICKS:
            break
    named = [(place, _named(datetime.fromtimestamp(place, UTC), step)) for place in places]
    if len(named) < 2:  # All within a minute or two: then it is said when that was.
        named = [(first, f"{datetime.fromtimestamp(first, UTC):%Y-%m-%d %H:%M}")]
    return [{"position": place, "label": name, "weight": "normal"} for place, name in named]


@dataclass(frozen=True)
class _Step:
    """Of a time axis: so many minutes, or so many months."""

    minutes: int = 0
    months: int = 0


_STEPS: Final = (
    *(_Step(minutes=minutes) for minutes in (1, 5, 15, 30)),
    *(_Step(minutes=60 * hours) for hours in (1, 3, 6, 12)),
    *(_Step(minutes=24 * 60 * days) for days in (1, 2, 7, 14)),
    *(_Step(months=months) for months in (1, 2, 3, 6)),
    *(_Step(months=12 * years) for years in (1, 2, 5, 10, 50, 100, 500, 2000)),
)
_MONDAY: Final = datetime(2001, 1, 1, tzinfo=UTC).timestamp()


def _round_times(first: float, last: float, step: _Step) -> Iterator[float]:
    """The times from the first to the last, in seconds, that are a whole number of steps."""
    if step.minutes:
        width = 60.0 * step.minutes
        number = math.ceil((first - _MONDAY) / width)
        while (place := _MONDAY + number * width) <= last:
            yield place
            number += 1
        return
    begin, end = (datetime.fromtimestamp(seconds, UTC) for seconds in (first, last))
    for month in range(0, 12 * end.year + end.month, step.months):
        if month >= 12 * begin.year + begin.month - 1 and month >= 12:
            place = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()
            if first <= place <= last:
                yield place


def _named(time: datetime, step: _Step) -> str:
    if step.months >= 12:
        return f"{time:%Y}"
    if step.months:
        return f"{time:%Y-%m}"
    is_day = step.minutes >= 24 * 60 or (time.hour, time.minute) == (0, 0)
    return f"{time:%m-%d}" if is_day else f"{time:%H:%M}"
