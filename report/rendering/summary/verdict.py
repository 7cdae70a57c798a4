"""Why the headline says what it says, what else changed there, what it does to the run; and the trend behind it."""

from __future__ import annotations

import html
from typing import Any

from ...verdicts.answers import Answers
from ..attributed import OtherChange, other_changes
from ..content import Content, Picture
from ..markdown import code, details, link, one_line, prose, table
from ..quantities import local_time, number, odds, plural, short_hash, signed
from ..states import STATES, shown_point, since_sha
from .headline import compared_with

MOST_ITEMS = 3
MOST_METRICS = 5


def verdict_section(content: Content) -> str:
    """A few lines under the headline; empty without the highlight metric and anything else to tell."""
    told, highlight = content.answers.told, content.answers.highlight
    others = _first([_other(row) for row in _changed_besides(content.answers)])
    fails = _first([prose(rule) for rule in content.failed_rules])
    facts = [
        _open(content, told) if told is not None else "",
        _attribution(content),
        f"{'Besides' if told is not None else 'Metrics that changed'}: {others}." if others else "",
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
    if against and row["baseline_delta"] is not None:
        sentences.append(f"Against {against}: {signed(row['baseline_delta'])}.")
    elif row["previous_commit_sha"] and not against:
        sentences.append(f"There is no baseline ({code(row['baseline_kind'])}).")
    return " ".join(sentences)


def _open(content: Content, row: dict[str, Any]) -> str:
    """How long and by how much a metric is worse that was so before this commit; who began it, and what to do."""
    if row["standing"] != "worse" or row["state"] == "worse":
        return ""
    since, steps = since_sha(row), row["step_commits"]
    percent = f"{abs(row['change_percent']):.2g} % worse" if row["change_percent"] else "Worse"
    sentences = [f"{percent} for {plural(row['count_commits'], 'commit')}{_days(row['days'])}."]
    if not row["is_measured"]:
        sentences.append(f"This commit did not cause it: it measured no {code(row['metric'], 80)}.")
    if row["is_of_base"]:
        sentences.append("It began before this pull request, which is not failed for it.")
    if since == row["worse_since_commit_sha"]:
        message = code(row["since_commit_message"] or "", 80)
        author = f" by {code(row['since_author'], 60)}" if row["since_author"] else ""
        sentences.append(f"It began at {' '.join(filter(None, (code(short_hash(since)), message)))}{author}.")
    if len(steps) > 1:
        sentences.append(f"Worse still at {_first([code(short_hash(sha)) for sha in steps[1:]])}.")
    command = code(f"devops-mlops-report accept {short_hash(since)}")
    return " ".join([*sentences, f"If it is meant: {command}."])


def _days(days: float) -> str:
    return f" and {plural(round(days), 'day')}" if days >= 1 else ""


def _attribution(content: Content) -> str:
    attribution = content.attribution
    if attribution is None or attribution.is_empty:
        return ""
    told = "; ".join(_change(change) for change in other_changes(attribution))
    return f"What else changed at {code(short_hash(attribution.commit_sha))}: {told}."


def _change(change: OtherChange) -> str:
    items = _first([_item(item) for item in change.items], MOST_ITEMS)
    return f"{change.what} ({items})" if items else change.what


def _item(item: tuple[str, ...]) -> str:
    name = code(item[0], 80)
    return name if len(item) == 1 else f"{name} {code(item[1], 40)} → {code(item[2], 40)}"


def _changed_besides(answers: Answers) -> list[dict[str, Any]]:
    """The other metrics that changed or are worse, those first that are."""
    rows = [row for row in answers.standings if row is not answers.told and row["state"] not in _QUIET]
    return sorted(rows, key=lambda row: list(STATES).index(row["state"]))


_QUIET = ("as usual", "accepted", "not measured", "new level", "first")


def _other(row: dict[str, Any]) -> str:
    state = STATES[row["state"]]
    since = f" since {code(short_hash(since_sha(row)))}" if row["state"] == "worse since" else ""
    return f"{state.sign} {code(row['metric'], 80)} {state.words.lower()}{since}"


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
        fallback = (picture.fallback or "").strip()
        return f"{fallback}\n\n{link('The chart as a picture', picture.page)}" if picture.page else fallback
    label = html.escape(f"Trend of {one_line(metric, 80)}", quote=True).replace("|", "&#124;")
    dark = ""
    if picture.dark:
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="{html.escape(picture.dark)}">'
    return f'<picture>{dark}<img alt="{label}" src="{html.escape(picture.light)}" width="760"></picture>'


def _table(content: Content) -> str:
    header = ["Commit", "Message", "When", "Value", "Change", "Average of 3", "Verdict"]
    rows = []
    for point in reversed(content.answers.highlight_points):
        shown = shown_point(point)
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
                f"{shown.sign} {shown.words}{sharp}",
            ]
        )
    count = len(rows)
    title = "The last trained commit" if count == 1 else f"The last {plural(count, 'trained commit')}"
    return details(title, table(header, rows, numeric=(3, 4, 5)))
