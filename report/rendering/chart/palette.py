"""The chart's looks: its colours on a light and on a dark page, its lines and its marks.

Text needs a contrast of 4.5:1 against its page, marks 3:1 (WCAG 2.2, 1.4.3 and 1.4.11). The pages are white
and `#0d1117`, those of GitHub's light and dark themes; most colours are GitHub's own for them. No two light
colours are equal, so that the dark chart can be had by replacing each light colour.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LIGHT_PAGE: Final = "#ffffff"
DARK_PAGE: Final = "#0d1117"


class Colour(NamedTuple):
    """One role's colour on each page, as `#rrggbb` in lower case."""

    light: str
    dark: str


INK: Final = Colour("#1f2328", "#e6edf3")
QUIET_INK: Final = Colour("#59636e", "#9198a1")
VALUE: Final = Colour("#0969da", "#58a6ff")
AVERAGE: Final = Colour("#8250df", "#bc8cff")
MEDIAN: Final = Colour("#818b98", "#7d8590")
REGRESSED: Final = Colour("#cf222e", "#ff7b72")
IMPROVED: Final = Colour("#1a7f37", "#3fb950")
SUSPECTED: Final = Colour("#9a6700", "#d29922")
SHARP: Final = Colour("#bc4c00", "#ffa657")
HALO: Final = Colour("#ddf4ff", "#11305a")
AXIS: Final = Colour("#8c959f", "#6e7681")
GRID: Final = Colour("#e4e8ec", "#21262d")

TEXT_COLOURS: Final = (INK, QUIET_INK)
MARK_COLOURS: Final = (VALUE, AVERAGE, MEDIAN, REGRESSED, IMPROVED, SUSPECTED, SHARP)
DARK_OF: Final[dict[str, str]] = dict((*TEXT_COLOURS, *MARK_COLOURS, HALO, AXIS, GRID))
"""Light colour → dark colour."""


class LineLook(NamedTuple):
    """A line's colour, width in pixels and dashes."""

    colour: str
    width: float
    dash: list[int]


LINES: Final = {
    "value": LineLook(VALUE.light, 2.0, [1, 0]),
    "average of 3": LineLook(AVERAGE.light, 1.4, [5, 3]),
    "rolling median": LineLook(MEDIAN.light, 1.2, [1, 0]),
}
"""Line → look, in the order of the legend."""


class MarkLook(NamedTuple):
    """A mark's shape (a name or a path of Vega), fill, outline, and area in square pixels."""

    shape: str
    fill: str
    outline: str
    size: int


HALO_SIZE: Final = 380
"""Also the size of a line in the legend, so that the legends of lines and of marks are equally high."""

_STAR = "M0,-1L.235,-.324L.951,-.309L.38,.124L.588,.809L0,.4L-.588,.809L-.38,.124L-.951,-.309L-.235,-.324Z"
_CROSS = "M-1,-1L1,1M-1,1L1,-1"
_NONE = "transparent"

MARKS: Final = {
    "this commit": MarkLook("circle", HALO.light, VALUE.light, HALO_SIZE),
    "sharp": MarkLook("circle", _NONE, SHARP.light, 230),
    "regressed": MarkLook("triangle-down", REGRESSED.light, REGRESSED.light, 130),
    "improved": MarkLook("triangle-up", IMPROVED.light, IMPROVED.light, 130),
    "suspected": MarkLook("diamond", SUSPECTED.light, SUSPECTED.light, 130),
    "best": MarkLook(_STAR, INK.light, INK.light, 150),
    "not finite": MarkLook(_CROSS, _NONE, QUIET_INK.light, 60),
}
"""Mark → look, in the order of the legend and of drawing: later ones lie above."""
