"""Why the headline says what it says, what else changed there, what it does to the run; and the trend behind it."""

from __future__ import annotations

import html
from typing import Any

from ..attributed import OtherChange, other_changes
from ..content import Content, Picture
from ..markdown import code, details, one_line, prose, table
from ..quantities import local_time, number, odds, plural, short_hash, signed
from .headline import VERDICT_SIGNS, VERDICT_WORDS, compared_with

MOST_ITEMS = 3
MOST_METRICS = 5


def verdict_section(content: Content) -> str:
    """A few lines under the headline; empty without the highlight metric and anything else to tell."""
    highlight = content.answers.highlight
    others = _first([_other(row) for row in _changed_besides(content.answers.metrics)])
    fails = _first([prose(rule) for rule in content.failed_rules])
    facts = [
        _attribution(content),
        _not_back(content),
        f"{'Besides' if highlight is not None else 'Metrics that changed'}: {others}." if others else "",
        f"The run fails: {fails}." if fails else "",
    ]
    listed = "\n".join(f"- {fact}" for fact in facts if fact)
    parts = [_reason(content, highlight) if highlight is not None else "", listed]
    return "\n\n".join(part for part in parts if part)


def _reason(content: Content, row: dict[str, Any]) -> str:
    sentences = [f"{code(row['metric'], 80)}: {prose(row['reason'])}."]
    if row["is_suspicion_confirmed"]:
        sentences.append(f"The suspicion on {code(short_hash(row['since_commit_sha']))} is confirmed.")
    if row["confidence"] is not None:
        sentences.append(f"By chance alone: {odds(row['confidence'])}.")
    against = compared_with(content)
    if row["is_confirmation"] and against:
        sentences.append(f"Against {against}: {signed(row['baseline_delta'])}.")
    return " ".join(sentences)


def _attribution(content: Content) -> str:
    attribution = content.attribution
    if attribution is None or attribution.is_empty:
        return ""
    told = "; ".join(_change(change) for change in other_changes(attribution))
    return f"What else changed at {code(short_hash(attribution.commit_sha))}: {told}."


def _not_back(content: Content) -> str:
    """That the level is still the one of an earlier regression, as long as the chart shows that one."""
    points = content.answers.highlight_points
    current = next((point for point in points if point["is_current"]), None)
    if current is None or current["verdict"] in ("regressed", "recovered"):
        return ""
    since = current["since_commit_sha"]
    for point in points:
        if (
            point["is_confirmation"]
            and point["verdict"] == "regressed"
            and point["since_commit_sha"] == since
        ):
            left, now = number(point["level_mean"]), number(current["level_mean"])
            command = code(f"devops-mlops-report accept {short_hash(since)}")
            sentence = f"Not back yet: it regressed at {code(short_hash(since))}, from {left} to {now}."
            return f"{sentence} If that is meant: {command}."
    return ""


def _change(change: OtherChange) -> str:
    items = _first([_item(item) for item in change.items], MOST_ITEMS)
    return f"{change.what} ({items})" if items else change.what


def _item(item: tuple[str, ...]) -> str:
    name = code(item[0], 80)
    return name if len(item) == 1 else f"{name} {code(item[1], 40)} → {code(item[2], 40)}"


def _changed_besides(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The other metrics that changed, the worse first."""
    order = ("regressed", "suspected", "recovered", "improved")
    rows = [row for row in metrics if not row["is_highlight"] and row["verdict"] in order]
    return sorted(rows, key=lambda row: order.index(row["verdict"]))


def _other(row: dict[str, Any]) -> str:
    words = "suspected" if row["verdict"] == "suspected" else VERDICT_WORDS[row["verdict"]]
    return f"{VERDICT_SIGNS[row['verdict']]} {code(row['metric'], 80)} {words}"


def _first(items: list[str], most: int = MOST_METRICS) -> str:
    """The first ones in a row, and how many there are more."""
    more = len(items) - most
    return ", ".join([*items[:most], f"{more} more"] if more > 0 else items)


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
