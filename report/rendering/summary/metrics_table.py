"""The metrics of a commit: where each stands, against what is usual, and how it came there."""

from __future__ import annotations

from typing import Any

from ..content import Content
from ..markdown import code, details, table
from ..quantities import ABSENT, number, percent_against, percent_change, sparkline
from ..states import QUIET, STATES, Shown

MOST_AT_ONCE = 12
MOST_METRICS = 200
_HEADER = ["Metric", "", "Now", "Usual", "Change", "Best", "Last 20"]
_NUMERIC = range(2, 6)


def metrics_table(content: Content) -> str:
    """The metrics that a reader looks at first, at most `MOST_AT_ONCE`; empty where there is none."""
    rows = _ordered(content)[:MOST_AT_ONCE]
    return table(_HEADER, [_row(content, row) for row in rows], numeric=_NUMERIC) if rows else ""


def more_metrics(content: Content) -> str:
    """The others, folded."""
    rows = _ordered(content)[MOST_AT_ONCE:]
    if not rows:
        return ""
    shown = table(_HEADER, [_row(content, row) for row in rows[:MOST_METRICS]], numeric=_NUMERIC)
    left_out = len(rows) - MOST_METRICS
    note = f"\n\n{left_out} more are in the history." if left_out > 0 else ""
    return details(f"{len(rows)} more metrics", shown + note)


def _ordered(content: Content) -> list[dict[str, Any]]:
    """The highlight metric, then those that changed or are worse, then the others by name.

    Of a commit that measured nothing, and of CI's own metrics, only those that are not as usual.
    """
    states = list(STATES)
    shown = [
        row
        for row in content.answers.standings
        if row["state"] not in QUIET or (row["is_measured"] and row["kind"] == "ml")
    ]

    def rank(row: dict[str, Any]) -> tuple[bool, bool, int, str]:
        is_loud = row["state"] not in QUIET
        return (
            not row["is_highlight"],
            not is_loud,
            states.index(row["state"]) if is_loud else 0,
            row["metric"],
        )

    return sorted(shown, key=rank)


def _row(content: Content, row: dict[str, Any]) -> list[str]:
    name, state = code(row["metric"], 60), _shown(content, row)
    arrow = {"maximize": " ↑", "minimize": " ↓"}.get(row["goal"], "")
    unit = content.answers.units.get(row["metric"], "")
    usual = usual_of(row)
    return [
        (f"**{name}**" if row["is_highlight"] else name) + arrow,
        f"{state.sign} {state.words.lower()}",
        _with_unit(row["value"], unit),
        _with_unit(usual, unit),
        percent_change(percent_against(row["value"], usual)),
        _best(content, row, unit),
        code(sparkline(content.answers.recent_values.get((row["kind"], row["metric"]), ()))),
    ]


def _shown(content: Content, row: dict[str, Any]) -> Shown:
    if not content.is_history_known:
        return Shown("⚠️", "not compared")
    if row["state"] == "first":
        return STATES["first"]._replace(words="too few")
    return STATES[row["state"]]


def usual_of(row: dict[str, Any]) -> float | None:
    """What a value is to be seen against: the level before it became worse, else the level that it is on."""
    if row["reference_level"] is not None and (
        row["standing"] == "worse" or row["state"] == "no longer measured"
    ):
        return float(row["reference_level"])
    if row["state"] == "first":
        return None
    if row["state"] == "recovered" and row["recovered_level"] is not None:
        return float(row["recovered_level"])
    level = row["level_mean"] if row["is_measured"] else row["level"]
    return None if level is None else float(level)


def _best(content: Content, row: dict[str, Any], unit: str) -> str:
    known = next(
        (
            metric
            for metric in content.answers.metrics
            if (metric["kind"], metric["metric"]) == (row["kind"], row["metric"])
        ),
        None,
    )
    if known is None or known["goal"] is None:
        return ABSENT
    return "★" if known["is_best"] else _with_unit(known["best_value"], unit)


def _with_unit(value: object, unit: str) -> str:
    shown = number(value)
    return (
        shown if not unit or shown == ABSENT else f"{shown} {code(unit, 12) if not unit.isalnum() else unit}"
    )
