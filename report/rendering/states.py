"""The state of a metric in words: worse or better at once, against which level, since which commit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from .markdown import code
from .quantities import number, plural, short_hash, with_spread

Row = Mapping[str, Any]


class Shown(NamedTuple):
    """How a state, or a verdict, looks."""

    sign: str
    words: str
    colour: str = ""
    """Of the badge."""


STATES = {
    "worse": Shown("🔴", "Worse", "red"),
    "worse since": Shown("🔴", "Worse", "red"),
    "partly back": Shown("🔴", "Partly back", "red"),
    "already worse": Shown("🟠", "Already worse", "orange"),
    "probably worse": Shown("🟠", "Probably worse", "orange"),
    "probably worse since": Shown("🟠", "Probably worse", "orange"),
    "getting worse": Shown("🟠", "Getting worse", "orange"),
    "no longer measured": Shown("🟡", "No longer measured", "yellow"),
    "changed": Shown("🟡", "Changed", "yellow"),
    "perhaps changed": Shown("🟡", "Perhaps changed", "yellow"),
    "probably better": Shown("🟡", "Probably better", "green"),
    "getting better": Shown("🟡", "Getting better", "green"),
    "better": Shown("🟢", "Better", "brightgreen"),
    "recovered": Shown("🟢", "Recovered", "brightgreen"),
    "as usual": Shown("⚪", "As usual", "green"),
    "accepted": Shown("⚪", "Accepted", "green"),
    "not measured": Shown("⚪", "", "green"),
    "new level": Shown("🔵", "New level", "blue"),
    "first": Shown("🔵", "First commits", "blue"),
}
"""`state` of the question `standings_at_commit` → sign, first words, colour."""


_SINCE = ("worse since", "partly back", "already worse", "probably worse since")

QUIET = ("as usual", "accepted", "not measured", "first", "new level")
"""States that nobody has to look at, of which the value says enough."""


def state_in_words(row: Row, base_branch: str = "") -> str:
    """Markdown: ``Worse since `03d6d43`: `val_accuracy` 0.862, usually 0.901``, of a row of `standings_at_commit`.

    `base_branch` is what a pull request goes into.
    """
    state = row["state"]
    words = STATES[state].words
    if state == "no longer measured":
        words += f" since {code(short_hash(row['unmeasured_since_commit_sha']))}"
    elif state in _SINCE:
        words += f"{_where(row, base_branch)} since {code(short_hash(since_sha(row)))}"
    elif state in ("better", "changed") and row["since_commit_sha"] != row["commit_sha"]:
        words += f" since {code(short_hash(row['since_commit_sha']))}"
    return f"{words}: {code(row['metric'], 80)} {number(row['value'])}{_against(row)}"


VERDICTS = {
    ("regressed", "worse"): Shown("🔴", "worse"),
    ("suspected", "worse"): Shown("🟠", "probably worse"),
    ("suspected", "better"): Shown("🟡", "probably better"),
    ("suspected", None): Shown("🟡", "perhaps changed"),
    ("improved", "better"): Shown("🟢", "better"),
    ("recovered", "better"): Shown("🟢", "recovered"),
    ("steady", None): Shown("⚪", "as usual"),
    ("too_few", None): Shown("🔵", "too few commits to tell"),
}
"""Verdict and direction → how a table shows them."""
STILL_WORSE = Shown("🔴", "still worse")
CHANGED = Shown("🟡", "changed")


BEGINNINGS = {
    "regressed": Shown("🔴", "worse from here on"),
    "improved": Shown("🟢", "better from here on"),
    "recovered": Shown("🟢", "recovered"),
    "suspected": Shown("🟡", "changed from here on"),
}
"""`began` of `highlight_trend` → how a table shows it."""


def shown_point(point: Row) -> Shown:
    """How a table shows a charted point: what began there, as is known by now, else its verdict."""
    return BEGINNINGS.get(point["began"]) or shown_verdict(point)


def shown_verdict(row: Row) -> Shown:
    """How a table shows a measurement: its verdict, and that it leaves a metric worse that was so before."""
    verdict, is_worse = row["verdict"], row["standing"] == "worse"
    if verdict == "suspected" and row["is_confirmation"]:
        return CHANGED
    if is_worse and (verdict == "steady" or row["worse_since_commit_sha"] != row["commit_sha"]):
        better = f", {VERDICTS[verdict, row['direction']].words}" if row["direction"] == "better" else ""
        return Shown(STILL_WORSE.sign, STILL_WORSE.words + better)
    return VERDICTS.get((verdict, row["direction"])) or VERDICTS[verdict, None]


def since_sha(row: Row) -> str:
    """The commit that a standing is told of: in a pull request the first of its own; or the one that is suspected."""
    return str(row["own_since_commit_sha"] or row["worse_since_commit_sha"] or row["measured_commit_sha"])


def _where(row: Row, base_branch: str) -> str:
    return f" on {code(base_branch, 100)}" if row["is_of_base"] and base_branch else ""


def _against(row: Row) -> str:
    """What the value is to be seen beside."""
    state = row["state"]
    if row["standing"] == "worse" or state == "no longer measured":
        return _against_reference(row)
    if state in (
        "probably worse",
        "probably worse since",
        "probably better",
        "getting worse",
        "getting better",
        "perhaps changed",
    ):
        return _against_level(row)
    if state in ("better", "changed"):
        return f", from {number(row['level_mean'])}"
    if state == "recovered":
        return f", as before {code(short_hash(row['told_commit_sha']))}{_in_brackets(row['recovered_level'])}"
    if state == "as usual":
        level = "" if row["level_mean"] is None else f" ({with_spread(row['level_mean'], row['threshold'])})"
        withdrawn = row["withdrawn_commit_sha"]
        return level + (f"; the suspicion on {code(short_hash(withdrawn))} is withdrawn" if withdrawn else "")
    if state == "first":
        return f"; verdicts after {row['minimum_points']} of them"
    if state == "new level":
        return "; too few commits on it for a verdict"
    return ", the level begins anew here" if state == "accepted" else ""


def _against_reference(row: Row) -> str:
    reference, kind = row["reference_level"], row["reference_kind"]
    if reference is None:
        return ""
    if kind == "target":
        return f", which misses the target {number(reference)}"
    if kind == "baseline":
        return f", which was {number(reference)}"
    return f", {_usual(row['value'], reference)}"


def _against_level(row: Row) -> str:
    level = row["level_mean"]
    if level is None:
        return ""
    if row["method"] == "early":
        before = plural(row["count_base"], "commit")
        return f", {_times(row['value'], level)}{number(level)} of the {before} before; too few to be sure"
    if row["state"].startswith("getting"):
        return f", by {number(abs(row['drift_per_commit']))} a commit since {code(short_hash(row['since_commit_sha']))}"
    next_one = "commit" if row["is_measured"] else "measurement"
    return f", {_usual(row['value'], level)}; the next {next_one} confirms it or not"


def _usual(value: float, level: float) -> str:
    """`18 times the usual 0.68`, else `usually 0.901`."""
    times = _times(value, level)
    return f"{times}usual {number(level)}" if times != _AGAINST else f"usually {number(level)}"


_AGAINST = "against the "


def _times(value: float, level: float) -> str:
    ratio = value / level if level else math.inf
    return f"{float(f'{ratio:.2g}'):,.6g} times the " if 2 <= ratio < 1e6 else _AGAINST


def _in_brackets(level: float | None) -> str:
    return "" if level is None else f" ({number(level)})"
