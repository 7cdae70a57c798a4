"""The trend of the highlight metric: its chart, and the table of the same points."""

from __future__ import annotations

import html

from ..content import Content, Picture
from ..markdown import code, details, one_line, table
from ..quantities import local_time, number, plural, signed
from .headline import VERDICT_SIGNS, VERDICT_WORDS


def trend_section(content: Content) -> str:
    """Chart and table of the last trained commits, or the sentence that says why there are none."""
    if not content.highlight_metric:
        return ""
    name = code(content.highlight_metric, 80)
    points = content.answers.highlight_points
    if not points:
        return f"### Trend\n\nThe history has no value of {name} yet."
    parts = [f"### Trend of {name}", _picture(content.picture, content.highlight_metric), _table(content)]
    return "\n\n".join(part for part in parts if part)


def _picture(picture: Picture, metric: str) -> str:
    if picture.light is None:
        return (picture.fallback or "").strip()
    label = html.escape(f"Trend of {one_line(metric, 80)}", quote=True).replace("|", "&#124;")
    dark = ""
    if picture.dark:
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="{html.escape(picture.dark)}">'
    return f'<picture>{dark}<img alt="{label}" src="{html.escape(picture.light)}" width="760"></picture>'


def _table(content: Content) -> str:
    header = ["Commit", "Message", "When", "Value", "Change", "Average of 3", "Verdict"]
    rows = []
    for point in reversed(content.answers.highlight_points):
        best = " ★" if point["is_best"] and point["goal"] else ""
        here = " ← this" if point["is_current"] else ""
        sharp = ", sharp" if point["is_sharp"] else ""
        rows.append(
            [
                code(point["short_sha"]) + here,
                code(point["commit_message"] or "", 50),
                local_time(point["recorded_at"], content.timezone),
                number(point["value"]) + best,
                signed(point["delta"]),
                number(point["moving_average"]),
                f"{VERDICT_SIGNS[point['verdict']]} {VERDICT_WORDS[point['verdict']]}{sharp}",
            ]
        )
    count = len(rows)
    title = "The last trained commit" if count == 1 else f"The last {plural(count, 'trained commit')}"
    return details(title, table(header, rows, numeric=(3, 4, 5)))
