"""A badge for a README: the highlight metric and its state, or how the workflow ended.

The file is what shields.io reads from a URL (its "endpoint badge" schema, version 1); with a gist, that URL is the
raw one of `badge.json` without a revision.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .markdown import one_line
from .quantities import number
from .states import STATES

_COLOURS = {
    "success": "brightgreen",
    "failure": "red",
    "cancelled": "lightgrey",
    "skipped": "lightgrey",
}


def render_badge(told: Mapping[str, Any] | None, workflow_status: str) -> str:
    """JSON text of the badge; `told` is the standing that the headline is about, where there is one.

    A commit that measured nothing leaves the metric as it is, and so its badge.
    """
    if told is None:
        label, message, colour = "CI", workflow_status, _COLOURS.get(workflow_status, "lightgrey")
    else:
        state = STATES[told["state"]]
        words = "" if told["state"] in _SILENT else f" {state.words.lower()}"
        label, message = one_line(told["metric"], 40), f"{number(told['value'])}{words}"
        colour = state.colour
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    return json.dumps(badge, ensure_ascii=False) + "\n"


_SILENT = ("as usual", "accepted", "not measured", "first", "new level")
"""Where the value says enough."""
