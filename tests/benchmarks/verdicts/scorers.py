"""How good found changes are: against annotators (F1, covering), and commit by commit (false alarms, detection, delay).

F1 and covering are those of van den Burg and Williams, "An Evaluation of Change Point Detection Algorithms" (2020).
Positions count from 0; a position is the first of the new level.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

MARGIN = 5


def f1(annotations: Mapping[str, Collection[int]], found: Collection[int], margin: int = MARGIN) -> float:
    """Harmonic mean of the precision against all annotators together and the recall averaged over them.

    The start of the series counts as a change that everybody marks, so that nothing found is no division by zero.
    """
    sets = [set(marks) | {0} for marks in annotations.values()]
    claimed = set(found) | {0}
    precision = len(_matched(set().union(*sets), claimed, margin)) / len(claimed)
    recall = sum(len(_matched(marks, claimed, margin)) / len(marks) for marks in sets) / len(sets)
    return 2 * precision * recall / (precision + recall)


def _matched(marks: set[int], claimed: set[int], margin: int) -> set[int]:
    """The marks that a claim lies near enough to; each claim serves for one mark."""
    left, found = set(claimed), set()
    for mark in sorted(marks):
        near = sorted((abs(mark - claim), claim) for claim in left if abs(mark - claim) <= margin)
        if near:
            found.add(mark)
            left.discard(near[0][1])
    return found


def covering(annotations: Mapping[str, Collection[int]], found: Collection[int], length: int) -> float:
    """How well the found levels cover the annotators' levels: best overlap of each, weighted by its length."""
    claimed = _levels(found, length)
    totals = []
    for marks in annotations.values():
        levels = _levels(marks, length)
        totals.append(sum(len(level) * max(_overlap(level, claim) for claim in claimed) for level in levels))
    return sum(totals) / len(totals) / length


def _levels(marks: Collection[int], length: int) -> list[range]:
    borders = [0, *sorted(mark for mark in set(marks) if 0 < mark < length), length]
    return [range(start, end) for start, end in itertools.pairwise(borders)]


def _overlap(one: range, other: range) -> float:
    common = max(0, min(one.stop, other.stop) - max(one.start, other.start))
    return common / (len(one) + len(other) - common)


def false_share(alarms: Sequence[Collection[int]], length: int, first: int = 10) -> float:
    """Alarms per judged point, in series without a change."""
    return sum(sum(at >= first for at in found) for found in alarms) / (len(alarms) * (length - first))


def detection(
    changes: Sequence[int], alarms: Sequence[Collection[int]], within: int = 10
) -> tuple[float, float]:
    """The share of the steps that an alarm follows within some commits, and the mean delay of these in commits."""
    delays = []
    for change, found in zip(changes, alarms, strict=True):
        in_time = [at - change for at in found if change <= at <= change + within]
        if in_time:
            delays.append(min(in_time))
    return len(delays) / len(changes), sum(delays) / len(delays) if delays else float("nan")
