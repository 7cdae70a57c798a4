"""A badge for a README: the highlight metric and its state, or how the workflow ended.

`badge.json` is what shields.io reads from a URL (its "endpoint badge" schema, version 1); with a gist, that URL is the
raw one without a revision. `badge.svg` is the same as a picture, for repositories whose files shields.io may not read.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

from ...history.late_dataclass import dataclass
from .markdown import one_line
from .quantities import number
from .states import QUIET, STATES

_COLOURS = {
    "success": "brightgreen",
    "failure": "red",
    "cancelled": "lightgrey",
    "skipped": "lightgrey",
}
# White on each is read with ease: a contrast of 4.5 and more (WCAG 2.1, 1.4.3).
_SHADES = {
    "red": "#c9252d",
    "brightgreen": "#1a7f37",
    "green": "#347d39",
    "yellow": "#8a6100",
    "orange": "#b34700",
    "blue": "#0969da",
    "lightgrey": "#6e7781",
}
_GROUND = "#444c56"
_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img"
 aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="round"><rect width="{whole}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="{left}" height="20" fill="{ground}"/>
<rect x="{left}" width="{right}" height="20" fill="{shade}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{left_middle:g}" y="14" textLength="{left_text}">{label}</text>
<text x="{right_middle:g}" y="14" textLength="{right_text}">{message}</text></g>
</svg>
"""


@dataclass(frozen=True)
class Badge:
    """Two words on two grounds."""

    label: str
    message: str
    colour: str
    """One of shields.io's names."""

    def as_json(self) -> str:
        """For shields.io."""
        badge = {"schemaVersion": 1, "label": self.label, "message": self.message, "color": self.colour}
        return json.dumps(badge, ensure_ascii=False) + "\n"

    def as_svg(self) -> str:
        """A picture of its own; the texts take the room that they are given, whatever the viewer's font."""
        left_text, right_text = _width(self.label), _width(self.message)
        left, right = left_text + 12, right_text + 12
        return _SVG.format(
            label=html.escape(self.label),
            message=html.escape(self.message),
            ground=_GROUND,
            shade=_SHADES[self.colour],
            **{"whole": left + right, "left": left, "right": right},
            **{"left_text": left_text, "right_text": right_text},
            **{"left_middle": left / 2, "right_middle": left + right / 2},
        )


def make_badge(told: Mapping[str, Any] | None, workflow_status: str) -> Badge:
    """The badge; `told` is the standing that the headline is about, where there is one.

    A commit that measured nothing leaves the metric as it is, and so its badge.
    """
    if told is None:
        return Badge("CI", workflow_status, _COLOURS.get(workflow_status, "lightgrey"))
    state = STATES[told["state"]]
    words = "" if told["state"] in QUIET else f" {state.words.lower()}"
    return Badge(one_line(told["metric"], 40), f"{number(told['value'])}{words}", state.colour)


def render_badges(told: Mapping[str, Any] | None, workflow_status: str) -> dict[str, bytes]:
    """The badge's files by their names."""
    badge = make_badge(told, workflow_status)
    return {"badge.json": badge.as_json().encode(), "badge.svg": badge.as_svg().encode()}


def _width(text: str) -> int:
    """About as wide as Verdana of 11 pixels sets it; a letter of East Asia or an emoji is twice as wide."""
    return round(sum(6.9 if character.isascii() else 11 for character in text))
