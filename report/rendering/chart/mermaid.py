"""The trend as a Mermaid block: what the summary shows when no picture could be uploaded.

What the parser of `xychart-beta` takes was tried on Mermaid 11.17. It refuses `1e-7`, `NaN`, `null`, `5.`, an
empty list, an empty text and a quote inside a text, escaped or not; it takes `%%{` out of a text; categories
of the same name fall on one another. So numbers are plain decimals, and only harmless characters are kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from ....history.charting.axes import tick_power, value_domain
from ....history.charting.data import ChartLabels, Point, Row, drawable, one_line, read_points

FEWEST_POINTS: Final = 2
MOST_HASHES: Final = 12
"""Mermaid writes its labels side by side and leaves none out; more points than this get a numbered axis."""
MOST_POINTS: Final = 500
"""The newest ones. Mermaid draws no diagram of more than 50,000 characters (`maxTextSize`)."""
LONGEST_NAME: Final = 40
MOST_SERIES: Final = 2
"""As many as the palette has colours."""

_HARMLESS: Final = frozenset(" _-./@:()+=,…")
# Mermaid's own first colour is a lilac that white pages swallow; these have 3:1 on light and dark pages.
_FRONT_MATTER: Final = """---
config:
    xyChart:
        width: 760
        height: 280
        titleFontSize: 16
    themeVariables:
        xyChart:
            plotColorPalette: "#218bff, #818b98"
---"""


def mermaid_chart(rows: Sequence[Row], labels: ChartLabels) -> str | None:
    """A fenced Mermaid block with the finite values of `rows`, and the usual level; `None` with fewer than two.

    `rows` are those of the view `highlight_trend`, oldest first. Ends in a line break.
    """
    points = [point for point in read_points(rows) if point.value is not None][-MOST_POINTS:]
    values = [point.value for point in points if point.value is not None]
    if len(values) < FEWEST_POINTS:
        return None
    levels = _levels(points)
    drawn = [*values, *levels]
    low, high = value_domain(drawn, best_is_low=labels.goal == "minimize", has_misses=False)
    exponent = _axis_exponent(low, high)
    decimals = max(0, exponent - tick_power(low, high)) + 2
    numbers = ", ".join(_plain(value, exponent, decimals) for value in values)
    bottom, top = (_plain(end, exponent, decimals) for end in (low, high))
    unit = f" × 10^{exponent}" if exponent else ""
    goal = f" ({labels.goal_text})" if labels.goal_text else ""
    lines = [
        "```mermaid",
        _FRONT_MATTER,
        "xychart-beta",
        f'    title "{_harmless(labels.metric)}{goal}"',
        f"    x-axis {_x_axis(points)}",
        f'    y-axis "value{unit}" {bottom} --> {top}',
        f"    line [{numbers}]",
        *(
            [f"    line [{', '.join(_plain(level, exponent, decimals) for level in levels)}]"]
            if levels
            else []
        ),
        "```",
    ]
    return "\n".join(lines) + "\n"


def mermaid_panel(title: str, names: Sequence[str], rows: Sequence[Sequence[Any]], kind: str) -> str | None:
    """The same of an answer: its columns of finite numbers along the first one, as lines or as bars.

    `None` where there is no such column, or only one row. Ends in a line break.
    """
    shown = rows[-MOST_POINTS:]
    series = [
        numbers
        for at in range(1, len(names))
        if None not in (numbers := [drawable(row[at]) for row in shown]) and numbers
    ][:MOST_SERIES]
    drawn = [number for numbers in series for number in numbers if number is not None]
    if len(shown) < FEWEST_POINTS or not drawn:
        return None
    # A bar is read by its length.
    low, high = value_domain([*drawn, 0.0] if kind == "bar" else drawn, best_is_low=False, has_misses=False)
    low = max(low, 0.0) if kind == "bar" and min(drawn) >= 0 else low
    exponent = _axis_exponent(low, high)
    decimals = max(0, exponent - tick_power(low, high)) + 2
    bottom, top = (_plain(end, exponent, decimals) for end in (low, high))
    unit = f" × 10^{exponent}" if exponent else ""
    lines = [
        "```mermaid",
        _FRONT_MATTER,
        "xychart-beta",
        f'    title "{_harmless(title)}"',
        f"    x-axis {_named_axis([row[0] for row in shown])}",
        f'    y-axis "{_harmless(", ".join(names[1:]))}{unit}" {bottom} --> {top}',
        *(
            f"    {kind} [{', '.join(_plain(number, exponent, decimals) for number in numbers if number is not None)}]"
            for numbers in series
        ),
        "```",
    ]
    return "\n".join(lines) + "\n"


def _levels(points: Sequence[Point]) -> list[float]:
    """The usual level at each point; none at all where it is known at no point.

    Mermaid knows no gaps: before the first level its line begins with that one.
    """
    known = [
        drawable(point.row.get("level_mean")) if point.row.get("threshold") is not None else None
        for point in points
    ]
    levels = [each for each in known if each is not None][:1]
    for each in known if levels else ():
        levels.append(levels[-1] if each is None else each)
    return levels[1:]


def _axis_exponent(low: float, high: float) -> int:
    """The power of ten that is taken out of tiny and of huge numbers; 0 for the others."""
    largest = max(abs(low), abs(high))
    return 0 if 1e-3 <= largest < 1e7 else math.floor(math.log10(largest))


def _plain(value: float, exponent: int, decimals: int) -> str:
    """`value` / 10^`exponent` without an exponent of its own, without zeros at its end, never `-0`."""
    text = f"{Decimal(value).scaleb(-exponent):.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _x_axis(points: Sequence[Point]) -> str:
    return _named_axis([point.hash for point in points])


def _named_axis(texts: Sequence[object]) -> str:
    """The names, each once; a numbered axis from the first to the last when they are too many."""
    labels = [_harmless(text) for text in texts]
    if len(labels) > MOST_HASHES:
        return f'"{labels[0]} to {labels[-1]}" 1 --> {len(labels)}'
    seen: dict[str, int] = {}
    names = []
    for name in labels:
        seen[name] = seen.get(name, 0) + 1
        names.append(f'"{name}"' if seen[name] == 1 else f'"{name} ({seen[name]})"')
    return f"[{', '.join(names)}]"


def _harmless(text: object) -> str:
    """The text with spaces for what is neither a letter, a digit nor harmless; `?` when nothing is left."""
    kept = (character if character.isalnum() or character in _HARMLESS else " " for character in str(text))
    return one_line("".join(kept), LONGEST_NAME) or "?"
