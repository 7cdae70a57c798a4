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
LEVEL: Final = Colour("#6e7781", "#848d97")
BAND: Final = Colour("#eaeef2", "#262c34")
WORSE: Final = Colour("#cf222e", "#ff7b72")
WORSE_STRETCH: Final = Colour("#ffebe9", "#3c1618")
BETTER: Final = Colour("#1a7f37", "#3fb950")
SUSPECTED: Final = Colour("#9a6700", "#d29922")
HALO: Final = Colour("#ddf4ff", "#11305a")
AXIS: Final = Colour("#8c959f", "#6e7681")
GRID: Final = Colour("#e4e8ec", "#21262d")

TEXT_COLOURS: Final = (INK, QUIET_INK)
MARK_COLOURS: Final = (VALUE, LEVEL, WORSE, BETTER, SUSPECTED)
DARK_OF: Final[dict[str, str]] = dict((*TEXT_COLOURS, *MARK_COLOURS, BAND, WORSE_STRETCH, HALO, AXIS, GRID))
"""Light colour → dark colour."""


class LineLook(NamedTuple):
    """A line's colour, width in pixels and dashes."""

    colour: str
    width: float
    dash: list[int]


LINES: Final = {
    "value": LineLook(VALUE.light, 2.0, [1, 0]),
    "usual level": LineLook(LEVEL.light, 1.6, [6, 3]),
}
"""Line → look, in the order of the legend."""


class MarkLook(NamedTuple):
    """A mark's shape (a name or a path of Vega), fill, outline, and area in square pixels."""

    shape: str
    fill: str
    outline: str
    size: int


HALO_SIZE: Final = 420
"""Also the size of a line in the legend, so that the legends of lines and of marks are equally high."""

_STAR = "M0,-1L.235,-.324L.951,-.309L.38,.124L.588,.809L0,.4L-.588,.809L-.38,.124L-.951,-.309L-.235,-.324Z"
_CROSS = "M-1,-1L1,1M-1,1L1,-1"
_NONE = "transparent"

MARKS: Final = {
    "this commit": MarkLook("circle", HALO.light, VALUE.light, HALO_SIZE),
    "other branch": MarkLook("circle", _NONE, VALUE.light, 60),
    "became worse": MarkLook("triangle-down", WORSE.light, WORSE.light, 150),
    "became better": MarkLook("triangle-up", BETTER.light, BETTER.light, 150),
    "suspected": MarkLook("diamond", SUSPECTED.light, SUSPECTED.light, 150),
    "best": MarkLook(_STAR, INK.light, INK.light, 150),
    "not finite": MarkLook(_CROSS, _NONE, QUIET_INK.light, 60),
}
"""Mark → look, in the order of the legend and of drawing: later ones lie above."""
