"""A badge for a README: the highlight metric and its verdict, or how the workflow ended.

The file is what shields.io reads from a URL (its "endpoint badge" schema, version 1); with a gist, that URL is the
raw one of `badge.json` without a revision.
"""

from __future__ import annotations

import json
from typing import Any

from .markdown import one_line
from .quantities import number

_COLOURS = {
    "regressed": "red",
    "improved": "brightgreen",
    "recovered": "brightgreen",
    "steady": "green",
    "suspected": "yellow",
    "too_few": "blue",
    "success": "brightgreen",
    "failure": "red",
    "cancelled": "lightgrey",
    "skipped": "lightgrey",
}


def render_badge(highlight: dict[str, Any] | None, workflow_status: str) -> str:
    """JSON text of the badge; `highlight` is the commit's row of the highlight metric, where it has one."""
    if highlight is None:
        label, message, colour = "CI", workflow_status, _COLOURS.get(workflow_status, "lightgrey")
    else:
        verdict = highlight["verdict"]
        words = "" if verdict in ("steady", "too_few") else f" {verdict}"
        label, message = one_line(highlight["metric"], 40), f"{number(highlight['value'])}{words}"
        colour = _COLOURS[verdict]
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    return json.dumps(badge, ensure_ascii=False) + "\n"
