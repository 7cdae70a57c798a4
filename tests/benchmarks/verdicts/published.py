"""Published metric histories, and the steps in them that nobody would dispute.

A folder holds `*.data.js` files of github-action-benchmark, one a repository. They have no labels: a step is
undisputable where eight values before and eight after do not overlap, and their medians differ by at least 5 % and
by at least six robust standard deviations.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from statistics import median

SIDE = 8
"""Values on each side of an undisputable step."""
NEAR = 5
"""Commits by which a method may miss the place of a step."""


def read_histories(folder: Path) -> list[list[float]]:
    """The numeric histories of every benchmark of the folder's files, of 2 * SIDE points at least."""
    found = []
    for file in sorted(folder.glob("*.data.js")):
        text = file.read_text(encoding="utf-8")
        series: dict[tuple[str, str], list[float]] = defaultdict(list)
        for suite, runs in json.loads(text[text.index("{") :].rstrip().rstrip(";"))["entries"].items():
            for run in runs:
                for bench in run["benches"]:
                    if isinstance(bench["value"], int | float) and math.isfinite(bench["value"]):
                        series[suite, bench["name"]].append(float(bench["value"]))
        found += [values for values in series.values() if len(values) >= 2 * SIDE]
    return found


def undisputable(values: Sequence[float]) -> list[int]:
    """The first positions of new levels that nobody would dispute; of neighbouring places the widest gap."""
    places = {
        at: gap
        for at in range(SIDE, len(values) - SIDE + 1)
        if (gap := _gap(values[at - SIDE : at], values[at : at + SIDE]))
    }
    found: list[int] = []
    for at in sorted(places, key=lambda place: -places[place]):
        if all(abs(at - other) >= SIDE for other in found):
            found.append(at)
    return sorted(found)


def _gap(before: Sequence[float], after: Sequence[float]) -> float:
    """How far the medians lie apart, in robust standard deviations; 0 where the step can be disputed."""
    if max(before) >= min(after) and max(after) >= min(before):
        return 0.0
    gap = abs(median(after) - median(before))
    spread = max(_robust_deviation(before), _robust_deviation(after))
    if gap < 0.05 * abs(median(before)) or gap < 6 * spread:
        return 0.0
    return gap / spread if spread else math.inf


def really_moved(values: Sequence[float], at: int) -> bool:
    """Whether the level moved near a position: the medians of both sides differ by three robust deviations and 1 %."""
    for place in range(max(at - NEAR, 2), min(at + NEAR, len(values) - 2) + 1):
        before, after = values[max(place - SIDE, 0) : place], values[place : place + SIDE]
        gap = abs(median(after) - median(before))
        spread = max(_robust_deviation(before), _robust_deviation(after))
        if gap >= 0.01 * abs(median(before)) and gap > 0 and gap >= 3 * spread:
            return True
    return False


def _robust_deviation(values: Sequence[float]) -> float:
    """1.4826 times the median absolute deviation."""
    middle = median(values)
    return 1.4826 * median(abs(value - middle) for value in values)


def found_share(
    histories: Sequence[Sequence[float]],
    alarms: Sequence[Collection[int]],
    before: int = NEAR,
    after: int = NEAR,
) -> float:
    """The share of undisputable steps that an alarm lies near to."""
    steps = [
        any(-before <= at - step <= after for at in found)
        for values, found in zip(histories, alarms, strict=True)
        for step in undisputable(values)
    ]
    return sum(steps) / len(steps) if steps else math.nan


def flagged_share(histories: Sequence[Sequence[float]], alarms: Sequence[Collection[int]]) -> float:
    """Alarms per commit."""
    return sum(map(len, alarms)) / sum(map(len, histories))


def moved_share(histories: Sequence[Sequence[float]], alarms: Sequence[Collection[int]]) -> float:
    """The share of alarms at which the level really moved."""
    told = [really_moved(values, at) for values, found in zip(histories, alarms, strict=True) for at in found]
    return sum(told) / len(told) if told else math.nan
