"""The words and numbers of a chart: text from outside made safe and short, numbers made readable."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

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
