"""What would have changed a verdict, or will: sentences made of the numbers that the views gave."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator

from ..config import MetricSection
from ..rendering.quantities import number, short_hash
from .answers import CHANGED, WORSE_SIGNS, Row


def outlook(row: Row, judged: Row, rule: MetricSection) -> list[str]:
    """Sentences on one metric at one commit: the bounds, what the next commit decides, which setting would matter."""
    return [*_verdict(row, judged), *_bounds(row, rule), *_accept(row)]


def is_alone(row: Row, judged: Row) -> bool:
    """Whether this is one point beyond the threshold, which the next commit confirms or withdraws."""
    if row["verdict"] != "suspected" or row["threshold"] is None or judged["gap"] is None:
        return False
    return bool(abs(judged["gap"]) >= row["threshold"] * (1 - 1e-9))


def _verdict(row: Row, judged: Row) -> Iterator[str]:
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
    elif is_alone(row, judged):
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
