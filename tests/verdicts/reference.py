"""The verdicts' method in plain Python, without prefix sums, blocks or recursion: slow, and easy to check.

`levels` finds the changes commit by commit, as the views `levels` and `level_tests` do; `splits` finds them in
hindsight, as the view `splits` does. Positions count from 0. The limits are those of `views/macros.sql`.
"""

from __future__ import annotations

import itertools
import math
from statistics import fmean, median

LONGEST_SHIFT, LONGEST_WINDOW, SHORTEST_BASE, MOST_KNOWN = 8, 68, 8, 20
FIRST_BASE, NEXT_BASE = 5, 3
SURE, SURE_WITHOUT, STRAIGHTNESS = 12.0, 6.0, 1.1


def scaled(values: list[float]) -> list[float]:
    """Values around their median in units of the spread of the middle half, or of the range."""
    half = sorted(value / 2 for value in values)
    low, middle, high = (quantile(half, share) for share in (0.25, 0.5, 0.75))
    scale = high - low
    if scale <= 1e-9 * abs(middle):
        scale = half[-1] - half[0]
    if scale <= 1e-9 * abs(middle):
        return [0.0] * len(values)
    return [max(-1e4, min(1e4, (value / 2 - middle) / scale)) for value in values]


def quantile(ordered: list[float], share: float) -> float:
    """The quantile by linear interpolation."""
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def calmed(ys: list[float]) -> list[float]:
    """Lone outliers replaced by the median of themselves and their neighbours."""
    calm = list(ys)
    for at in range(6, len(ys) - 1):
        steps = [abs(ys[i] - ys[i - 1]) for i in range(max(1, at - 30), at)]
        between = median(ys[at - 1 : at + 2])
        if abs(ys[at] - between) > 5 * fmean(steps):
            calm[at] = between
    return calm


def squares_around(values: list[float]) -> float:
    """The sum of squares around the mean."""
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)


def autocorrelation(values: list[float], squares: float, most: float) -> float:
    """Lag-1 autocorrelation around the mean, corrected for its bias."""
    mean = fmean(values)
    sum_products = sum((a - mean) * (b - mean) for a, b in itertools.pairwise(values))
    r = sum_products / squares
    return min(max(r + (1 + 3 * r) / len(values), 0.0), most)


def shift_evidence(gap: float, variance: float, recent: int, base: int, known: int) -> float:
    """Twice the log of the likelihood ratio of two levels against one."""
    count = recent + base + known
    t_squared = gap * gap * recent * base / (variance * (recent + base))
    return (count - 2) * math.log(1 + t_squared / (count - 2))


def levels(values: list[float]) -> list[tuple[int, int]]:
    """The changes of a line as they became known: (confirmed at, began at)."""
    ys = scaled(values)
    calm = calmed(ys)
    start, known_variance, count_known, found = 0, 0.0, 0, []
    for newest in range(len(ys)):
        first = max(start, newest + 1 - LONGEST_WINDOW)
        best = None
        shortest = NEXT_BASE if count_known else FIRST_BASE
        for split in range(max(newest + 1 - LONGEST_SHIFT, first + shortest), newest):
            weight = count_known if split - first < SHORTEST_BASE else 0
            shift = judge(calm[first:split], ys[split : newest + 1], known_variance, weight)
            if shift and (best is None or shift[0] > best[0]):
                best = (*shift, split, first)
        if best:
            _, known_variance, start, first = best
            count_known = min(start - first, MOST_KNOWN)
            found.append((newest, start))
    return found


def judge(
    base: list[float], recent: list[float], known_variance: float, weight: int
) -> tuple[float, float] | None:
    """Evidence and variance of a shift between two stretches; `None` when it is none."""
    mean, squares = fmean(base), squares_around(base)
    if weight:
        variance = max((squares + weight * known_variance) / (len(base) + weight - 1), 1e-10)
    else:
        variance = max(squares / (len(base) - 1), 1e-10)
        if squares > 1e-10 * len(base):
            rho = autocorrelation(base, squares, 0.9)
            variance *= (1 + rho) / (1 - rho)
    gap = fmean(recent) - mean
    evidence = shift_evidence(gap, variance, len(recent), len(base), weight)
    if evidence <= SURE:
        return None
    extreme = max(recent) if gap > 0 else min(recent)
    rest = (gap * len(recent) + mean - extreme) / (len(recent) - 1)
    if rest * gap <= 0 or shift_evidence(rest, variance, len(recent) - 1, len(base), weight) <= SURE_WITHOUT:
        return None
    left_by_step = squares + squares_around(recent)
    if left_by_line(base + recent) <= STRAIGHTNESS * left_by_step:
        return None
    return evidence, variance


def left_by_line(values: list[float]) -> float:
    """The sum of squares that a straight line by least squares leaves over."""
    middle, mean = (len(values) - 1) / 2, fmean(values)
    moment = sum((at - middle) * (value - mean) for at, value in enumerate(values))
    return squares_around(values) - 12 * moment**2 / (len(values) * (len(values) ** 2 - 1))


def splits(values: list[float]) -> list[int]:
    """Where the line falls apart in hindsight: binary segmentation."""
    ys = scaled(values)
    if len(set(ys)) == 1 or len(ys) < 3:
        return []
    rho, whole = memory(ys), squares_around(ys) / len(ys)
    found, waiting = [], [(0, len(ys))]
    while waiting:
        start, end = waiting.pop()
        split = best_split(ys, start, end)
        if split and is_split(ys[start:split], ys[split:end], rho, whole, len(ys)):
            found.append(split)
            waiting += [(start, split), (split, end)]
    return sorted(found)


def best_split(ys: list[float], start: int, end: int) -> int | None:
    """The split that explains most of the squares; of equal ones the first."""
    gains = {
        split: (fmean(ys[start:split]) - fmean(ys[split:end])) ** 2 * (split - start) * (end - split)
        for split in range(start + 3, end - 2)
    }
    return max(gains, key=lambda split: (gains[split], -split), default=None)


def is_split(left: list[float], right: list[float], rho: float, whole: float, count_line: int) -> bool:
    """Whether two sides are two levels."""
    count = len(left) + len(right)
    squares = squares_around(left + right)
    if squares <= 1e-12 * whole:
        return False
    gap = fmean(right) - fmean(left)
    gain = gap * gap * len(left) * len(right) / count
    left_over = max(squares - gain, 1e-9 * squares)
    r = sum(
        sum((a - fmean(side)) * (b - fmean(side)) for a, b in itertools.pairwise(side))
        for side in (left, right)
    )
    around = min(max(r / left_over + (1 + 3 * r / left_over) / count, 0.0), 0.95)
    rho = min(rho, around)
    t_squared = min(gain / left_over * (count - 2) * (1 - rho) / (1 + rho), gain / (0.05 * whole))
    evidence = count * math.log(1 + t_squared / (count - 2))
    between = median(right) - median(left)
    return evidence > 3 * math.log(max(count_line, 100)) and between * math.copysign(1, gap) >= 0.5 * abs(gap)


def memory(ys: list[float]) -> float:
    """The autocorrelation of the points seen through their clipped first differences."""
    differences = [b - a for a, b in itertools.pairwise(ys)]
    spread = 1.4826 * median(abs(d) for d in differences)
    if spread > 0:
        differences = [max(-3 * spread, min(3 * spread, d)) for d in differences]
    squares = sum(d * d for d in differences)
    if not squares:
        return 0.0
    pairs = sum(a * b for a, b in itertools.pairwise(differences))
    return min(max(1 + 2 * pairs / squares, 0.0), 0.95)
