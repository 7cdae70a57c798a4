"""The trend of the highlight metric: its chart, and the charted commits as a table."""

from __future__ import annotations

import html
from collections.abc import Sequence

from ..content import Content, Picture
from ..markdown import code, details, link, one_line, table
from ..quantities import local_time, number, plural, signed
from ..states import shown_point

WIDTH = 680
"""Pixels on a page that has them; GitHub shrinks the picture to a narrower one."""


def trend_section(content: Content) -> str:
    """Chart and table, or the sentence that says why there is none; a commit that measured nothing has it folded."""
    metric = content.highlight_metric
    if not metric:
        return ""
    if not content.answers.highlight_points:
        return f"The history has no value of {code(metric, 80)} yet."
    others = [name for name, rows in content.answers.charted_points.items() if rows and name != metric]
    shown = [part for part in (_picture(content.picture, [metric, *others]), _table(content)) if part]
    if content.answers.highlight is not None:
        return "\n\n".join(shown)
    return details(f"The trend of <code>{html.escape(one_line(metric, 60))}</code>", "\n\n".join(shown))


def _picture(picture: Picture, metrics: Sequence[str]) -> str:
    if picture.light is None:
        fallback = (picture.fallback or "").strip()
        return f"{fallback}\n\n{link('The chart as a picture', picture.page)}" if picture.page else fallback
    names = ", ".join(one_line(metric, 80) for metric in metrics)
    label = html.escape(f"Trend of {names}", quote=True).replace("|", "&#124;")
    dark = ""
    if picture.dark:
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="{html.escape(picture.dark)}">'
    return f'<picture>{dark}<img alt="{label}" src="{html.escape(picture.light)}" width="{WIDTH}"></picture>'


def _table(content: Content) -> str:
    header = ["Commit", "", "Value", "Change", "Message", "When"]
    rows = []
    for point in reversed(content.answers.highlight_points):
        shown = shown_point(point)
        best = " ★" if point["is_best"] and point["goal"] else ""
        here = " ← this" if point["is_current"] else ""
        rows.append(
            [
                code(point["short_sha"]) + here,
                f"{shown.sign} {shown.words}",
                number(point["value"]) + best,
                signed(point["delta"]),
                code(point["commit_message"] or "", 50),
                local_time(point["recorded_at"], content.timezone),
            ]
        )
    count = len(rows)
    title = "The last measured commit" if count == 1 else f"The last {plural(count, 'measured commit')}"
    return details(title, table(header, rows, numeric=(2, 3)))
