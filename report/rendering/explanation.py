"""How verdicts came about, as text for a terminal and as values for JSON."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from ..config import MetricSection
from ..verdicts.answers import CHANGED, WORSE_SIGNS, Row
from ..verdicts.attribution import Attribution
from ..verdicts.explaining import Explanation, MetricExplanation
from .answer_tables import Grid, Part, Title, plain
from .attributed import OtherChange, other_changes
from .quantities import (
    ABSENT,
    how_far_back,
    local_time,
    number,
    odds,
    percent_change,
    plural,
    short_hash,
    signed,
)
from .states import shown_verdict

MOST_DEVIATIONS = 100
DRAWN_WIDTH = 40
"""Characters of a drawn row, from its lowest value to its highest."""

METHODS = {
    "changed": "a new level, by the likelihood of two levels against one",
    "sharp": "one point, sharp: a change of `sharp_delta` or more that the noise does not explain",
    "level": "against the level of the commits before",
    "short history": "against the few commits before, with the noise that they show",
    "drift": "against the slope of the commits before",
    "bound": "a bound that holds whatever the noise",
    "accepted": "none: the change is accepted in the config",
    "none": "none: too few points",
}


def explanation_parts(explanation: Explanation, timezone: str) -> list[Part]:
    """The whole explanation."""
    commit = explanation.commit
    branch = f" on {plain(commit['branch'], 100)}" if commit["branch"] else ""
    when = local_time(commit["recorded_at"], timezone)
    lines: list[Part] = [
        f"commit {short_hash(explanation.commit_sha)}{branch}, {when}: {plain(commit['commit_message'] or '', 120)}"
    ]
    if not explanation.has_ancestry:
        lines.append("Its ancestors are not known here, so it is compared along its branch, by time.")
    for metric in explanation.metrics:
        lines += ["", *_metric(metric, timezone)]
    if explanation.others:
        told = [f"{_name(row)} ({_words(row)})" for row in explanation.others]
        more = f", and {len(told) - 20} more" if len(told) > 20 else ""
        lines += ["", f"Not explained (--metric does): {', '.join(told[:20])}{more}"]
    if not explanation.metrics and not explanation.others:
        lines += ["", "It has no metrics, so there is no verdict.", *_left(explanation.standings)]
    return lines


def explanation_values(explanation: Explanation) -> dict[str, Any]:
    """The same for machines."""
    return {
        "commit_sha": explanation.commit_sha,
        **explanation.commit,
        "has_ancestry": explanation.has_ancestry,
        "metrics": [
            {
                **each.row,
                "judged": each.judged,
                "rule": {item.name: {"value": item.value, "source": item.source} for item in each.settings},
                "what_else_changed": _attribution_values(each.attribution),
                "neighbours": each.neighbours,
                "outcome": each.outcome,
                "outlook": _outlook(each),
            }
            for each in explanation.metrics
        ],
        "left": [
            {name: row[name] for name in _LEFT} for row in explanation.standings if row["standing"] == "worse"
        ],
        "not_explained": {row["metric"]: row["verdict"] for row in explanation.others},
    }


_LEFT = ("metric", "value", "standing", "reference_level", "worse_since_commit_sha", "count_commits")


def _left(standings: Sequence[Row]) -> Iterator[str]:
    """What a commit without metrics leaves worse, or may, as it found it."""
    for row in standings:
        left = f"It leaves {_name(row)} at {number(row['value'])}"
        if row["standing"] == "worse":
            than = "" if row["reference_level"] is None else f", worse than {number(row['reference_level'])}"
            yield f"{left}{than} since {short_hash(row['worse_since_commit_sha'])}."
        elif row["state"] == "probably worse since":
            suspected = short_hash(row["measured_commit_sha"])
            yield f"{left}, probably worse since {suspected}: nothing measured it after that."


def _name(row: Row) -> str:
    """The metric, with the report and the workflow whose line it stands on, where they have names."""
    line = ", ".join(plain(row[name], 80) for name in ("report", "workflow") if row[name])
    return plain(row["metric"], 80) + (f" of {line}" if line else "")


def _metric(metric: MetricExplanation, timezone: str) -> Iterator[Part]:
    row = metric.row
    yield Title(f"{_name(row)} {number(row['value'])}: {_words(row)}")
    yield f"  {plain(row['reason'], 1000)}"
    yield ""
    yield Title("How it was judged")
    yield Grid([*_judged(row, metric.judged), *_became(metric)])
    yield ""
    yield Title("The rule in force")
    yield Grid([(item.name, _value(item.value), plain(item.source, 120)) for item in metric.settings])
    yield ""
    yield from _attributed(metric.attribution)
    yield from _drawn(row, metric.judged, metric.neighbours)
    if metric.neighbours:
        yield Title("Before and after")
        yield Grid(
            [_neighbour(each, row["commit_sha"], timezone) for each in metric.neighbours], right={2, 3}
        )
        yield ""
    yield Title("What would change the verdict")
    yield from (
        f"  - {plain(sentence, 400)}" for sentence in _outlook(metric) or ["Nothing that is known here."]
    )


def _drawn(row: Row, judged: Row, neighbours: Sequence[Row]) -> Iterator[Part]:
    """The values around the commit, one a row, beside the level that it was judged against and its threshold."""
    values = [point["value"] for point in neighbours]
    if row["threshold"] is None or judged["gap"] is None or not all(map(_is_drawable, values)):
        return
    middle = row["value"] - judged["gap"]
    reach = row["threshold"] if _is_drawable(row["threshold"]) else 0.0
    low, high = min(middle - reach, *values), max(middle + reach, *values)
    if not low < high:
        return

    def column(value: float) -> int:
        share: float = (value - low) / (high - low)
        return round(share * (DRAWN_WIDTH - 1))

    first, last = column(middle - reach), column(middle + reach)
    band = ["░" if first <= at <= last else " " for at in range(DRAWN_WIDTH)]
    band[column(middle)] = "│"
    line = "slope" if row["drift_per_commit"] is not None else "level"
    yield Title(f"The values (●) beside the {line} (│), and what is within its threshold (░)")
    rows = []
    for point in neighbours:
        at = column(point["value"])
        drawn = "".join([*band[:at], "●", *band[at + 1 :]])
        here = " ←" if point["commit_sha"] == row["commit_sha"] else ""
        rows.append((f"{short_hash(point['commit_sha'])}{here}", f"┤{drawn}├"))
    yield Grid([*rows, ("", f"{number(low)}{number(high):>{DRAWN_WIDTH + 2 - len(number(low))}}")])
    yield ""


def _is_drawable(value: float | None) -> bool:
    """Whether a value has a place between others: where the widest span is a number too."""
    return value is not None and math.isfinite(value) and abs(value) < 1e300


def _deviations(score: float) -> str:
    """So many standard deviations; where there is hardly any noise, nobody reads how many."""
    if abs(score) <= MOST_DEVIATIONS:
        return f"{number(score)} standard deviations"
    return f"more than {MOST_DEVIATIONS} standard deviations"


def _judged(row: Row, judged: Row) -> Iterator[tuple[str, str]]:
    yield "compared with", _baseline(row)
    if row["previous_commit_sha"] and row["previous_commit_sha"] != row["baseline_commit_sha"]:
        change = f"{signed(row['delta'])} ({percent_change(row['delta_percent'])})"
        yield (
            "the one before",
            f"{number(row['previous_value'])} at {short_hash(row['previous_commit_sha'])}: {change}",
        )
    if row["goal"]:
        yield "best so far", number(row["best_value"]) + (", this one" if row["is_best"] else "")
    if row["level_mean"] is not None and judged["count_base"] and row["drift_per_commit"] is None:
        since = (
            f", since {short_hash(row['since_commit_sha'])}"
            if row["method"] in ("level", "short history")
            else ""
        )
        more = " and the noise of levels before" if judged["count_known"] else ""
        yield (
            "level",
            f"{number(row['level_mean'])}, of {plural(judged['count_base'], 'commit')}{since}{more}",
        )
    if row["drift_per_commit"] is not None:
        yield (
            "slope",
            f"{signed(row['drift_per_commit'])} a commit, since {short_hash(row['since_commit_sha'])}",
        )
    if judged["noise"] is not None:
        yield "noise", f"{number(judged['noise'])}, one standard deviation"
    if row["score"] is not None:
        line = "slope" if row["drift_per_commit"] is not None else "level"
        yield "score", f"{signed(judged['gap'])} off the {line}: {_deviations(row['score'])}"
    if row["threshold"] is not None:
        yield "threshold", f"±{number(row['threshold'])}: beyond it, one point is suspected"
    if judged["smallest_effect"]:
        yield "counts from", f"{number(judged['smallest_effect'])}: smaller changes are steady"
    if row["confidence"] is not None:
        yield "by chance alone", odds(row["confidence"])
    yield "method", METHODS.get(row["method"], str(row["method"]))


def _became(metric: MetricExplanation) -> Iterator[tuple[str, str]]:
    """What became of a suspicion, here or at a later commit; and where this commit leaves the metric."""
    row, outcome = metric.row, metric.outcome
    told = _standing(row)
    if outcome is not None:
        told = f"{'confirmed' if outcome['is_confirmation'] else 'withdrawn'} at {short_hash(outcome['commit_sha'])}"
    elif not told and _is_alone(row, metric.judged):
        told = "not confirmed: the next commit decides"
    if told:
        yield "standing", told
    if row["standing"] == "worse":
        reference = "" if row["reference_level"] is None else f" than {number(row['reference_level'])}"
        yield "leaves it", f"worse{reference}, since {short_hash(row['worse_since_commit_sha'])}"


def _baseline(row: Row) -> str:
    if not row["baseline_commit_sha"]:
        return f"nothing: there is no baseline ({row['baseline_kind']})"
    tag = f", {plain(row['baseline_tag'], 60)}" if row["baseline_tag"] else ""
    back = how_far_back(row)
    named = f"{short_hash(row['baseline_commit_sha'])}{tag}{f', {back}' if back else ''}"
    return f"{number(row['baseline_value'])} at {named} ({row['baseline_kind']}): {signed(row['baseline_delta'])}"


def _standing(row: Row) -> str:
    if row["is_suspicion_confirmed"]:
        return f"confirms the suspicion on {short_hash(row['since_commit_sha'])}"
    if row["is_confirmation"]:
        return f"confirms a change that began at {short_hash(row['since_commit_sha'])}"
    if row["withdrawn_commit_sha"]:
        return f"withdraws the suspicion on {short_hash(row['withdrawn_commit_sha'])}"
    return ""


def _attributed(attribution: Attribution | None) -> Iterator[Part]:
    if attribution is None:
        return
    before = f", against {short_hash(attribution.previous_sha)}" if attribution.previous_sha else ""
    yield Title(f"What else changed at {short_hash(attribution.commit_sha)}{before}")
    rows = [line for change in other_changes(attribution) for line in _change(change)]
    yield Grid(rows) if rows else "  nothing that the history tells"
    if attribution.dependencies is None:
        yield "  dependencies: unknown, as no checkout here has both commits"
    yield ""


def _change(change: OtherChange) -> Iterator[tuple[str, str]]:
    for at, item in enumerate(change.items or ((),)):
        name, *values = (plain(part, 80) for part in item) if item else ("",)
        yield change.what if at == 0 else "", f"{name}  {' → '.join(values)}".rstrip()


def _neighbour(point: Row, commit_sha: str, timezone: str) -> tuple[str, ...]:
    here = " ←" if point["commit_sha"] == commit_sha else ""
    return (
        short_hash(point["commit_sha"]) + here,
        local_time(point["recorded_at"], timezone),
        number(point["value"]),
        signed(point["delta"]),
        _words(point),
        plain(point["commit_message"] or "", 50),
    )


def _words(row: Row) -> str:
    return shown_verdict(row).words


def _value(value: Any) -> str:
    return value if isinstance(value, str) else ABSENT if value is None else number(value)


def _attribution_values(attribution: Attribution | None) -> dict[str, Any] | None:
    if attribution is None:
        return None
    changes = {
        change.what: [list(item) if len(item) > 1 else item[0] for item in change.items]
        for change in other_changes(attribution)
    }
    return {
        "commit_sha": attribution.commit_sha,
        "previous_sha": attribution.previous_sha,
        "changes": changes,
    }


def _outlook(told: MetricExplanation) -> list[str]:
    """What would have changed the verdict, or will: bounds, what the next commit decides, which setting matters."""
    row, judged = told.row, told.judged
    return [*_next_verdict(row, judged, told.outcome), *_bounds(row, told.rule), *_accept(row)]


def _is_alone(row: Row, judged: Row) -> bool:
    """Whether this is one point beyond the threshold, which the next commit confirms or withdraws."""
    if row["verdict"] != "suspected" or row["threshold"] is None or judged["gap"] is None:
        return False
    return bool(abs(judged["gap"]) >= row["threshold"] * (1 - 1e-9))


def _next_verdict(row: Row, judged: Row, outcome: Row | None) -> Iterator[str]:
    verdict, method = row["verdict"], row["method"]
    if verdict == "too_few":
        if row["previous_value"] is not None:
            yield "More points on this level: a verdict needs `report.minimum_points` of them."
    elif method == "changed":
        yield (
            f"A `min_effect` above {number(abs(judged['change_gap']))} (in the metric's unit): the change would be too "
            "small to count."
        )
    elif row["threshold"] is not None and verdict == "steady":
        yield from _beyond(row, judged)
    elif _is_alone(row, judged) and outcome is None:
        middle = number(row["value"] - judged["gap"])
        yield (
            f"The next commit: one as far off confirms it, one back within ±{number(row['threshold'])} of {middle} "
            "withdraws it."
        )
    if row["goal"] is None:
        yield f"A goal (`metrics.{row['metric']}.goal`): without one nothing is better or worse."


def _beyond(row: Row, judged: Row) -> Iterator[str]:
    middle = row["value"] - judged["gap"] if judged["gap"] is not None else row["level_mean"]
    low, high = (number(middle + sign * row["threshold"]) for sign in (-1, 1))
    yield f"A value below {low} or above {high}: it would be suspected, and confirmed by one more like it."
    effect = judged["smallest_effect"]
    if effect and effect >= row["threshold"] * (1 - 1e-9):
        yield (
            f"A smaller `min_effect`: {number(effect)} is the smallest change that counts here, and the noise alone "
            "would let smaller ones be seen."
        )


def _bounds(row: Row, rule: MetricSection) -> Iterator[str]:
    worse = WORSE_SIGNS.get(row["goal"] or "")
    if worse is None:
        return
    side = "above" if worse > 0 else "below"
    if rule.max_drop is not None and row["baseline_value"] is not None:
        limit = row["baseline_value"] + worse * rule.max_drop
        yield f"`max_drop`: a value {side} {number(limit)} has regressed, whatever the noise."
    if rule.target is not None:
        yield f"`target`: a value {side} {number(rule.target)} has regressed, whatever the noise."


def _accept(row: Row) -> Iterator[str]:
    # Infinities and what is no number stand outside of every level.
    if row["verdict"] in CHANGED and math.isfinite(row["value"]):
        sha = row["since_commit_sha"] if row["method"] == "changed" else row["commit_sha"]
        command = f"devops-mlops-report accept {short_hash(sha)} --metric {shlex.quote(row['metric'])}"
        yield f"Accepting it, if it is meant: `{command}` begins the level anew there."
