"""The verdicts' method in plain Python, from the definitions in `docs/verdicts.md` and the statistics' own.

Slow, and easy to check: no prefix sums, blocks, closed forms or floors. Noise that is not there is none, and a change
without noise is infinitely sure. `levels` finds the changes commit by commit, as the view `levels` does;
`splits` finds them in hindsight, as the view `splits` does. Positions count from 0.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from statistics import fmean, median

LONGEST_SHIFT, LONGEST_BASE, SHORTEST_BASE, MOST_KNOWN = 8, 60, 8, 5
FIRST_BASE, NEXT_BASE, LONGER_BASE, LATELY = 5, 3, 12, 8
SURE, SURE_WITHOUT, SURE_OF_ONE, BETTER_THAN_SLOPE, NEAR = 11.0, 4.0, 13.0, 5.0, 6.0
MORE_FOR_EACH_CHANGE, MORE_FOR_EACH_RETURN, MEMORY_OF_CHANGES, SURE_OF_OLDER_LEVEL = 3, 5, 68, 20.0


def calmed(ys: list[float]) -> list[float]:
    """Lone outliers replaced by the median of themselves and their neighbours; not where the line was for a level."""
    calm = list(ys)
    for at in range(5, len(ys) - 1):
        steps = [abs(ys[i] - ys[i - 1]) for i in range(max(1, at - 30), at)]
        between = median(ys[at - 1 : at + 2])
        before = ys[max(0, at - 60) : at]
        were_there = sum(abs(y - ys[at]) < abs(y - between) for y in before)
        if abs(ys[at] - between) > 5 * fmean(steps) and were_there < FIRST_BASE:
            calm[at] = between
    return calm


def squares_around(values: list[float]) -> float:
    """The sum of squares around the mean."""
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)


def covariance_of_neighbours(values: list[float]) -> float:
    """The sum of lag-1 products, each around the mean of its own."""
    return covariance(values[1:], values[:-1]) * (len(values) - 1)


def unbiased(r: float, count: int, most: float = 0.9) -> float:
    """Kendall's correction of an autocorrelation, kept in 0 to `most`."""
    return min(max(r + (1 + 3 * r) / count, 0.0), most)


def autocorrelation_around(one: list[float], other: list[float], most: float) -> float:
    """That of the points around two levels; where all lie on them there is none to see."""
    products = covariance_of_neighbours(one) + covariance_of_neighbours(other)
    left = squares_around(one) + squares_around(other)
    return unbiased(products / left if left else 0.0, len(one) + len(other), most)


def inflated(rho: float, count: int | None = None) -> float:
    """By how much the variance of a mean of AR(1) noise exceeds that of white noise; without a count of many points.

    Every two points of the mean covary by rho to the power of their distance.
    """
    if count is None:
        return (1 + rho) / (1 - rho)
    return sum(rho ** abs(one - other) for one in range(count) for other in range(count)) / count


def evidence_of(explained: float, left: float, count: int) -> float:
    """Twice the log of the ratio of two Gaussian likelihoods, each of its best variance."""
    if left > 0:
        return count * math.log((explained + left) / left) if explained + left > 0 else -math.inf
    return math.inf if explained > 0 else 0.0


def evidence_of_shift(
    gap: float, variance: float, variance_recent: float, recent: int, base: int, known: int
) -> float:
    """That of Student's t for two means, with a variance for each; two of the points are used up by the means."""
    count = recent + base + known - 2
    return evidence_of(gap * gap, (variance / base + variance_recent / recent) * count, count)


@dataclass(frozen=True)
class Level:
    """A level that a line was on, by what later points need of it."""

    mean: float
    count: int


@dataclass(frozen=True)
class Change:
    """A change as it became known."""

    confirmed_at: int
    began_at: int
    is_return: bool = False
    """To the level that was left with the change before."""


@dataclass(frozen=True)
class Now:
    """What is known of a line as the next point arrives."""

    start: int = 0
    known_variance: float = 0.0
    count_known: int = 0
    left: Level | None = None
    """The level before the last change."""
    resumed: Level | None = None
    """The level that the line is on again: its points count beside those since `start`."""
    changed_at: tuple[int, ...] = ()
    """Where the changes before were confirmed."""


def levels(values: list[float]) -> list[Change]:
    """The changes of a line as they became known."""
    ys = list(values)
    calm = calmed(ys)
    now, found = Now(), []
    for newest in range(len(ys)):
        while (start := looked_over(calm, now.start, newest)) > now.start:
            now = replace(now, start=start, resumed=None)
        candidates = [
            shift
            for split in range(max(newest + 1 - LONGEST_SHIFT, now.start + 1), newest + 1)
            if (
                shift := judge(
                    now, calm[max(now.start, split - LONGEST_BASE) : split], ys[split : newest + 1], newest
                )
            )
        ]
        if candidates:
            # Of equal ones the longest.
            best = max(candidates, key=lambda shift: (not shift.is_too_long, shift.evidence))
            start = newest + 1 - best.count_recent
            found.append(Change(newest, start, best.is_return))
            is_resumed = best.is_return and now.left is not None and best.is_near
            now = Now(
                start=start,
                known_variance=now.known_variance if best.is_return else best.variance,
                count_known=now.count_known if best.is_return else min(best.base.count, MOST_KNOWN),
                left=best.base,
                resumed=Level(now.left.mean, min(now.left.count, MOST_KNOWN)) if is_resumed else None,
                changed_at=(*now.changed_at, newest),
            )
    return found


def looked_over(calm: list[float], start: int, newest: int) -> int:
    """Where the level of the points before `newest` begins: behind a bad start, and behind an older level."""
    count = newest - start
    if count not in (5, 8, 12, 20, 48) and (count == 0 or count % 32):
        return start
    first = max(start, newest - LONGEST_BASE)
    bad = bad_start(calm[first:newest]) if count <= 20 else 0
    older = older_level(calm[first + bad : newest]) if newest - first - bad >= 8 else 0
    return first + bad + older if bad + older else start


def bad_start(own: list[float]) -> int:
    """How many of the first points are none of the level: up to the last that is surely off those after it."""
    return max((i + 1 for i in range(min(5, len(own) // 4)) if is_off(own[i], own[i + 1 :])), default=0)


def is_off(y: float, level: list[float]) -> bool:
    """Whether a point is none of a level, by the noise of that."""
    variance = squares_around(level) / (len(level) - 1)
    return evidence_of_shift(y - fmean(level), variance, variance, 1, len(level), 0) > SURE_OF_OLDER_LEVEL


def older_level(rest: list[float]) -> int:
    """How many of the first points are of an older level: 0 where no place explains the points well enough."""
    count = len(rest)
    places = range(3, count - 4, max(1, count // 20))
    gains = {
        place: (fmean(rest[:place]) - fmean(rest[place:])) ** 2 * place * (count - place) / count
        for place in places
    }
    place = max(gains, key=lambda at: (gains[at], at))
    older, newer = rest[:place], rest[place:]
    gap = fmean(newer) - fmean(older)
    if not gap or (median(newer) - median(older)) / gap < 0.5:
        return 0
    factor = inflated(autocorrelation_around(older, newer, 0.9))
    left = squares_around(older) + squares_around(newer)
    return place if evidence_of(gains[place], left * factor, count) > SURE_OF_OLDER_LEVEL else 0


@dataclass(frozen=True)
class Shift:
    """That recent points lie on another level than those before."""

    evidence: float
    variance: float
    base: Level
    count_recent: int
    is_return: bool
    is_too_long: bool
    """Its first point is nearer to the level before."""
    is_near: bool
    """The recent points lie at the level that was left before, not beyond it."""


def judge(now: Now, base: list[float], recent: list[float], newest: int) -> Shift | None:
    """The shift between two stretches; `None` when there is none."""
    is_short = len(base) < SHORTEST_BASE
    others = now.resumed if now.resumed and is_short else Level(0.0, 0)
    weight = now.count_known if is_short and not now.resumed else 0
    together = Level(
        (sum(base) + others.count * others.mean) / (len(base) + others.count), len(base) + others.count
    )
    if together.count + weight < 2:
        return None
    white, rho, lately = noise_of_base(now, base, others, weight)
    variance, of_few, of_rest = (
        max(white * factor, lately)
        for factor in (
            inflated(rho),
            inflated(rho, len(recent)),
            inflated(rho, max(len(recent) - 1, 1)),
        )
    )
    gap = fmean(recent) - together.mean
    known_of_recent = max(of_few, (3 * of_few + squares_around(recent)) / (3 + len(recent) - 1))
    evidence = evidence_of_shift(gap, variance, known_of_recent, len(recent), together.count, weight)
    share = 1.0 if now.left else min(1, (len(recent) + together.count + weight) / SURE)
    changes = sum(newest - at < MEMORY_OF_CHANGES for at in now.changed_at)
    sure = (SURE + (len(recent) == 2)) * share + MORE_FOR_EACH_CHANGE * changes
    if evidence <= SURE * share:
        return None
    sure_of_return = SURE_OF_ONE + MORE_FOR_EACH_RETURN * max(changes - 2, 0)
    is_return, is_near = (
        back(now, together.mean, variance, recent) if evidence > sure_of_return else (False, False)
    )
    if not is_return:
        shortest = 1 if now.resumed else NEXT_BASE if now.count_known >= NEXT_BASE else FIRST_BASE
        is_obvious = len(base) > 1 and evidence > SURE_OF_ONE and abs(gap) >= 0.05 * abs(together.mean)
        if evidence <= sure or len(recent) < 2 or not (len(base) >= shortest or is_obvious):
            return None
        if is_outlier(recent, together, (variance, of_rest), weight, share):
            return None
        left_by_step = squares_around(base) + squares_around(recent)
        count = len(recent) + together.count + weight
        better = evidence_of(left_by_line(base + recent) - left_by_step, left_by_step, count)
        if not others.count and better <= BETTER_THAN_SLOPE * share:
            return None
    is_too_long = gap * (recent[0] - together.mean - gap / 2) <= 0
    return Shift(evidence, variance, together, len(recent), is_return, is_too_long, is_near)


def noise_of_base(now: Now, base: list[float], others: Level, weight: int) -> tuple[float, float, float]:
    """The variance of the noise around a level, its autocorrelation, and the variance that it has at least lately."""
    count = len(base) + others.count
    mean = (sum(base) + others.count * others.mean) / count
    squares = sum((y - mean) ** 2 for y in base)
    squares += others.count * ((others.mean - mean) ** 2 + now.known_variance)
    white = (squares + weight * now.known_variance) / (count + weight - 1)
    rho = 0.0
    is_alone = not weight and not others.count
    if is_alone and len(base) >= SHORTEST_BASE and squares > 0:
        rho = unbiased(covariance_of_neighbours(base) / squares, len(base))
    lately = fmean((y - mean) ** 2 for y in base[-LATELY:]) / 1.15 if len(base) >= LONGER_BASE else 0.0
    return white, rho, lately


def back(now: Now, mean: float, variance: float, recent: list[float]) -> tuple[bool, bool]:
    """Whether recent points have left the level for the one before, or went further; whether they lie on that."""
    left, there = now.left, fmean(recent)
    gap = there - mean
    if left is None or left.count < FIRST_BASE or gap * (left.mean - mean) <= 0:
        return False, False
    if any((y - (mean + left.mean) / 2) * gap <= 0 for y in recent):
        return False, False
    is_there = is_at(left, there, variance, len(recent))
    return is_there or (len(recent) > 1 and (there - left.mean) * gap > 0), is_there


def is_at(level: Level, mean: float, variance: float, count: int) -> bool:
    """Whether so many points lie where a level was, as far as both means are known."""
    return (mean - level.mean) ** 2 <= NEAR * variance * (1 / count + 1 / level.count)


def is_outlier(
    recent: list[float], base: Level, variances: tuple[float, float], weight: int, share: float
) -> bool:
    """Whether it is one point that makes recent points a level of their own."""
    gap = fmean(recent) - base.mean
    rest = fmean(sorted(recent)[:-1] if gap > 0 else sorted(recent)[1:]) - base.mean
    evidence = evidence_of_shift(rest, *variances, len(recent) - 1, base.count, weight)
    return rest * gap <= 0 or evidence <= SURE_WITHOUT * share


def left_by_line(values: list[float]) -> float:
    """The sum of squares that a straight line by least squares leaves over."""
    return left_by_fit(values, [list(range(len(values)))])


def splits(values: list[float]) -> list[tuple[int, str]]:
    """Where a line falls apart in hindsight, and whether by a step or on a slope: (position, kind).

    Narrowest over threshold on seeded intervals; then the places anew and the weakest away, until all are sure.
    """
    zs = calmed_in_hindsight(values)
    if len(zs) < 6 or min(zs) == max(zs):
        return []
    line = Line(zs, memory(zs, noises(values)))
    found: list[int] = []
    for length in sorted({past - first for first, past in seeded_intervals(len(zs))}):
        found = sorted({*found, *narrowest(line, length, found)})
    found = tidied(line, found)
    ends = [0, *found, len(zs)]
    return [
        (at, "step" if is_step(zs, *stretch) else "drift")
        for at, stretch in zip(found, zip(ends, ends[1:], ends[2:], strict=False), strict=False)
    ]


@dataclass(frozen=True)
class Line:
    """The points of a line, and their memory."""

    zs: list[float]
    rho: float

    @property
    def sure(self) -> float:
        """Schwarz's criterion for three unknowns."""
        return 3 * math.log(max(len(self.zs), 100))


def seeded_intervals(count: int) -> set[tuple[int, int]]:
    """Intervals of every length from `count` down to 6, shorter by the root of two each time, that overlap by half."""
    found = set()
    for layer in range(1 + math.floor(2 * math.log2(count / 6))):
        exact = count / math.sqrt(2) ** layer
        length, shifts = math.ceil(exact), 2 * math.ceil(count / exact) - 1
        for number in range(shifts):
            first = math.floor((count - length) * number / max(shifts - 1, 1) + 0.5)
            found.add((first, first + length))
    return found


def narrowest(line: Line, length: int, found: list[int]) -> list[int]:
    """The places that the intervals of one length add: those without a place inside, of two the stronger."""
    sure = []
    for first, past in sorted(seeded_intervals(len(line.zs))):
        if past - first == length and not any(first < at < past for at in found):
            split = best_split(line.zs, first, past)
            evidence = evidence_of_split(line, first, split, past)
            if evidence > line.sure:
                sure.append((evidence, first, split, past))
    return [
        split
        for evidence, first, split, past in sure
        if not any(other > evidence and first < at < past for other, _, at, _ in sure)
    ]


def tidied(line: Line, found: list[int]) -> list[int]:
    """The places found anew, once, by up to five points; and the weakest gone, until all are sure."""
    reach = 5
    while found:
        ends = [0, *found, len(line.zs)]
        stretches = [
            (first, best_split(line.zs, first, past, at, reach), past)
            for first, at, past in zip(ends, found, ends[2:], strict=False)
            if past - first >= 6
        ]
        tests = sorted((evidence_of_split(line, *stretch), stretch[1]) for stretch in stretches)
        places = sorted({place for _, place in tests})
        if tests[0][0] <= line.sure:
            found = [place for place in places if place != tests[0][1]]
        elif places == found:
            return found
        else:
            found = places
        reach = 0
    return found


def best_split(zs: list[float], first: int, past: int, near: int = 0, reach: int | None = None) -> int:
    """The place, of those within `reach` of `near`, that explains most of the squares; of equal ones the first."""
    gains = {
        split: (fmean(zs[first:split]) - fmean(zs[split:past])) ** 2 * (split - first) * (past - split)
        for split in range(first + 3, past - 2)
        if reach is None or abs(split - near) <= reach
    }
    return max(gains, key=lambda split: (gains[split], -split))


def evidence_of_split(line: Line, first: int, split: int, past: int) -> float:
    """Twice the log of the likelihood ratio of two levels against one, less for autocorrelation; 0 for no level."""
    before, after = line.zs[first:split], line.zs[split:past]
    gap = fmean(after) - fmean(before)
    if (median(after) - median(before)) * math.copysign(1, gap) < 0.5 * abs(gap):
        return 0.0
    factor = inflation(line, before, after)
    short, long = (before, after) if len(before) <= len(after) else (after, before)
    evidence = two_levels(short, long, factor)
    if len(short) > LONGEST_SHIFT:
        return evidence
    rest = sorted(short)[:-1] if fmean(short) > fmean(long) else sorted(short)[1:]
    return min(evidence, two_levels(rest, long, factor) / 0.6)


def two_levels(one: list[float], other: list[float], factor: float) -> float:
    """The evidence for two levels against one, with a variance that is inflated by a factor."""
    left = squares_around(one) + squares_around(other)
    explained = squares_around(one + other) - left
    return evidence_of(explained, left * factor, len(one) + len(other))


def inflation(line: Line, before: list[float], after: list[float]) -> float:
    """By how much autocorrelation inflates the variance of means: by its memory and what is seen around the levels."""
    around = autocorrelation_around(before, after, 0.95)
    return inflated(0.35 * min(line.rho, around) + 0.65 * max(line.rho, around))


def covariance(one: list[float], other: list[float]) -> float:
    """The covariance of pairs."""
    return fmean(a * b for a, b in zip(centered(one), centered(other), strict=True))


def centered(values: list[float]) -> list[float]:
    """The values less their mean."""
    mean = fmean(values)
    return [value - mean for value in values]


def is_step(zs: list[float], first: int, split: int, past: int) -> bool:
    """Whether two levels explain one of several windows better than a line (by 10) and than a bend (by 6)."""
    widest = max(split - first, past - split)
    widths = [width for width in (4 * 2**doubling for doubling in range(60)) if width < widest]
    for width in [*widths, widest]:
        start, window = max(first, split - width), zs[max(first, split - width) : min(past, split + width)]
        times = [at - (split - start) + 0.5 for at in range(len(window))]
        left_by_step = squares_around(window[: split - start]) + squares_around(window[split - start :])
        line, bend = left_by_fit(window, [times]), left_by_fit(window, [times, [max(t, 0) for t in times]])
        better = [evidence_of(one - left_by_step, left_by_step, len(window)) for one in (line, bend)]
        if better[0] > 10 and better[1] > 6:
            return True
    return False


def left_by_fit(values: list[float], regressors: list[list[float]]) -> float:
    """The squares that least squares leave over: Gram and Schmidt's way."""
    rest, used = centered(values), []
    for regressor in map(centered, regressors):
        for other in used:
            share = sumprod(regressor, other) / sumprod(other, other)
            regressor = [a - share * b for a, b in zip(regressor, other, strict=True)]
        share = sumprod(rest, regressor) / sumprod(regressor, regressor)
        rest = [a - share * b for a, b in zip(rest, regressor, strict=True)]
        used.append(regressor)
    return sumprod(rest, rest)


def sumprod(one: list[float], other: list[float]) -> float:
    """The sum of products."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def calmed_in_hindsight(values: list[float]) -> list[float]:
    """One or two points beyond five deviations of the noise around them, replaced by the median of five."""
    calm = list(values)
    for at, noise in enumerate(noises(values)):
        first = max(0, min(at - 2, len(values) - 5))
        middle = median(values[first : first + 5])
        if abs(values[at] - middle) > 5 * noise / math.sqrt(2):
            calm[at] = middle
    return calm


def noises(values: list[float]) -> list[float]:
    """The usual difference from one point to the next, among the 31 around each: by the median, else the mean."""
    if len(values) < 2:
        return [0.0] * len(values)
    steps = [abs(b - a) for a, b in itertools.pairwise(values)]
    around = [steps[max(0, at - 16) : at + 15] for at in range(len(values))]
    return [1.4826 * median(near) or fmean(near) for near in around]


def memory(zs: list[float], noise: list[float]) -> float:
    """The autocorrelation of the points, seen through their first differences in units of the noise, clipped at 3."""
    steps = [
        max(-3.0, min(3.0, (b - a) / unit))
        for (a, b), unit in zip(itertools.pairwise(zs), noise[1:], strict=True)
        if unit
    ]
    squares = sum(step * step for step in steps)
    if not squares:
        return 0.0
    pairs = sum(a * b for a, b in itertools.pairwise(steps))
    return min(max(1 + 2 * pairs / squares, 0.0), 0.95)
