"""Series of which the truth is known, made with fixed seeds: noise without a change, steps, histories of levels."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Series = list[float]
Maker = Callable[[random.Random, int], Series]

LENGTH = 60
"""Commits of an online series; verdicts are counted from the tenth on."""


@dataclass(frozen=True)
class Labelled:
    """A series and the positions (from 0) at which a new level begins."""

    values: Series
    changes: tuple[int, ...] = ()


def gaussian(dice: random.Random) -> float:
    """White noise of standard deviation 1."""
    return dice.gauss(0, 1)


def heavy_tailed(dice: random.Random) -> float:
    """Student's t with three degrees of freedom, scaled to standard deviation 1."""
    chi_squared = sum(dice.gauss(0, 1) ** 2 for _ in range(3))
    return dice.gauss(0, 1) / math.sqrt(chi_squared / 3) / math.sqrt(3)


def quiet(kind: str, count: int, length: int = LENGTH, seed: int = 1) -> list[Labelled]:
    """`count` series around one level (or, for `drift`, one slope), 100 in units of the noise."""
    dice = random.Random(f"{kind} {length} {seed}")
    return [Labelled([100 + y for y in _QUIET[kind](dice, length)]) for _ in range(count)]


def _noise(dice: random.Random, length: int) -> Series:
    return [gaussian(dice) for _ in range(length)]


def _heavy(dice: random.Random, length: int) -> Series:
    return [heavy_tailed(dice) for _ in range(length)]


def _outlier(dice: random.Random, length: int) -> Series:
    values = _noise(dice, length)
    values[dice.randrange(10, length)] += dice.choice([-10, 10])
    return values


def _rounded(dice: random.Random, length: int) -> Series:
    return [float(round(y)) for y in _noise(dice, length)]


def _drift(dice: random.Random, length: int) -> Series:
    slope = dice.choice([-1, 1]) * 3 / length
    return [slope * at + y for at, y in enumerate(_noise(dice, length))]


def _outliers(share: float) -> Maker:
    """A share of the points stands 8 standard deviations off."""

    def make(dice: random.Random, length: int) -> Series:
        return [y + (dice.choice([-8, 8]) if dice.random() < share else 0) for y in _noise(dice, length)]

    return make


def _remembering(rho: float) -> Maker:
    """Autocorrelated noise, AR(1), of standard deviation 1."""

    def make(dice: random.Random, length: int) -> Series:
        values = [gaussian(dice)]
        while len(values) < length:
            values.append(rho * values[-1] + math.sqrt(1 - rho * rho) * gaussian(dice))
        return values

    return make


def _walk(dice: random.Random, length: int) -> Series:
    return list(itertools.accumulate(_noise(dice, length)))


def _saturating(dice: random.Random, length: int) -> Series:
    """A learning curve: 20 standard deviations are won, the most of them in the first sixth."""
    height, tau = dice.choice([-20, 20]), length / 6
    return [height * (1 - math.exp(-at / tau)) + y for at, y in enumerate(_noise(dice, length))]


def _season(period: int) -> Maker:
    """A sine of amplitude 2, such as of the hours of a day."""

    def make(dice: random.Random, length: int) -> Series:
        phase = dice.random() * period
        return [
            2 * math.sin(2 * math.pi * (at + phase) / period) + y for at, y in enumerate(_noise(dice, length))
        ]

    return make


def _bimodal(share: float, stays: float = 0.0) -> Maker:
    """Two kinds of machines 5 standard deviations apart: a share runs on the second; both may be kept for a while."""

    def make(dice: random.Random, length: int) -> Series:
        values, second = [], dice.random() < share
        for y in _noise(dice, length):
            if dice.random() >= stays:
                second = dice.random() < share
            values.append(y + (5 if second else 0))
        return values

    return make


def _uneasy(factor: float) -> Maker:
    """Noise that grows in the second half by this factor of its standard deviation."""

    def make(dice: random.Random, length: int) -> Series:
        return [y * (factor if 2 * at >= length else 1) for at, y in enumerate(_noise(dice, length))]

    return make


def _coarse(dice: random.Random, length: int) -> Series:
    """Whole multiples of 3 standard deviations."""
    return [3.0 * round(y / 3) for y in _noise(dice, length)]


def _ceiling(dice: random.Random, length: int) -> Series:
    """Shares that are often exactly 1, in thousandths below it."""
    return [min(0.0, dice.gauss(-1, 1)) for _ in range(length)]


def _counts(mean: float) -> Maker:
    """Poisson counts."""

    def make(dice: random.Random, length: int) -> Series:
        values = []
        for _ in range(length):
            count, product = 0, dice.random()
            while product > math.exp(-mean):
                count, product = count + 1, product * dice.random()
            values.append(float(count))
        return values

    return make


_QUIET: dict[str, Maker] = {
    "gaussian": _noise,
    "t3": _heavy,
    "outlier": _outlier,
    "outliers 2 %": _outliers(0.02),
    "outliers 5 %": _outliers(0.05),
    "rounded": _rounded,
    "coarse": _coarse,
    "ceiling": _ceiling,
    "poisson": _counts(3),
    "rare ones": _counts(0.05),
    "ar .5": _remembering(0.5),
    "ar .8": _remembering(0.8),
    "walk": _walk,
    "drift": _drift,
    "saturating": _saturating,
    "season 7": _season(7),
    "season 24": _season(24),
    "season 50": _season(50),
    "bimodal 50/50": _bimodal(0.5),
    "bimodal 80/20": _bimodal(0.2),
    "bimodal 95/5": _bimodal(0.05),
    "sticky": _bimodal(0.5, stays=0.5),
    "variance x 3": _uneasy(3),
    "variance x 5": _uneasy(5),
}
QUIET = tuple(_QUIET)


def bumped(size: float, lasting: int, count: int, length: int = 120, seed: int = 1) -> list[Labelled]:
    """`count` series that leave their level for `lasting` commits and come back: a regression that was fixed."""
    dice = random.Random(f"bump {size} {lasting} {seed}")
    found = []
    for _ in range(count):
        at, sign = dice.randrange(30, length - 30 - lasting), dice.choice([-1, 1])
        values = [100 + y for y in _noise(dice, length)]
        found.append(_shifted(values, [(at, sign * size), (at + lasting, -sign * size)]))
    return found


def masked(first: float, second: float, count: int, length: int = 120, seed: int = 1) -> list[Labelled]:
    """`count` series with a large early step and a smaller one later, both of any sign."""
    dice = random.Random(f"mask {first} {second} {seed}")
    found = []
    for _ in range(count):
        steps = [(dice.randrange(20, 41), dice.choice([-first, first]))]
        steps.append((dice.randrange(70, 91), dice.choice([-second, second])))
        found.append(_shifted([1000 + y for y in _noise(dice, length)], steps))
    return found


def poisoned(size: float, count: int, seed: int = 1) -> list[Labelled]:
    """`count` series with one to three bad values of 20 to 50 standard deviations at their start, then a step."""
    dice = random.Random(f"poison {size} {seed}")
    found = []
    for _ in range(count):
        values = [100 + y for y in _noise(dice, LENGTH)]
        for at in range(dice.randrange(1, 4)):
            values[at] += dice.choice([-1, 1]) * dice.uniform(20, 50)
        found.append(_shifted(values, [(dice.choice([12, 20, 30]), dice.choice([-size, size]))]))
    return found


def near_bound(count: int, seed: int = 1) -> list[Labelled]:
    """`count` accuracies of .99 with a noise of .001 that fall to .981."""
    dice = random.Random(f"bound {seed}")
    found = []
    for _ in range(count):
        at = dice.randrange(20, 46)
        values = [min(1.0, dice.gauss(0.99, 0.001)) for _ in range(LENGTH)]
        found.append(_shifted(values, [(at, -0.009)]))
    return found


def nearly_constant(share: float, seed: int = 1) -> Labelled:
    """60 commits of .4 with noise of this share of it, then ten of 1.2."""
    dice = random.Random(f"constant {share} {seed}")
    return Labelled([level * (1 + share * gaussian(dice)) for level in [0.4] * 60 + [1.2] * 10], (60,))


def short(size: float, count: int, seed: int = 1) -> list[Labelled]:
    """`count` accuracies of eight commits, .85 with a noise of .01, with a step at the last two, if any."""
    dice = random.Random(f"short {size} {seed}")
    found = []
    for _ in range(count):
        values = [dice.gauss(0.85, 0.01) for _ in range(8)]
        found.append(_shifted(values, [(6, dice.choice([-size, size]) * 0.01)] if size else []))
    return found


def other_units(count: int, seed: int = 1) -> list[Labelled]:
    """`count` series in bytes, from the 30th commit on in megabytes; twice as many from the 50th on."""
    dice = random.Random(f"units {seed}")
    found = []
    for _ in range(count):
        values = [dice.gauss(3e6, 3e4) for _ in range(70)]
        units = [v / (1e6 if at >= 30 else 1) * (2 if at >= 50 else 1) for at, v in enumerate(values)]
        found.append(Labelled(units, (30, 50)))
    return found


def _shifted(values: Series, steps: Sequence[tuple[int, float]]) -> Labelled:
    """The values with every step added from its position on."""
    shifted = [y + sum(size for first, size in steps if at >= first) for at, y in enumerate(values)]
    return Labelled(shifted, tuple(first for first, _ in steps))


def stepped(size: float, count: int, rho: float = 0.0, seed: int = 1) -> list[Labelled]:
    """`count` series with one step of `size` standard deviations, up or down, at the 20th to 45th commit."""
    dice = random.Random(f"step {size} {seed}")
    found = []
    for _ in range(count):
        at, sign = dice.randrange(20, 46), dice.choice([-1, 1])
        noise = _remembering(rho)(dice, LENGTH) if rho else _noise(dice, LENGTH)
        found.append(_shifted([100 + y for y in noise], [(at, sign * size)]))
    return found


def levelled(count: int, seed: int = 1) -> list[Labelled]:
    """Histories of 60 to 400 commits with a step of 3 to 8 standard deviations every 20 to 120 commits.

    Noise Gaussian or t with three degrees of freedom; 2 % of the points are outliers of 8 standard deviations.
    """
    dice = random.Random(f"levels {seed}")
    found = []
    for index in range(count):
        length, draw = dice.randrange(60, 401), (gaussian, heavy_tailed)[index % 2]
        changes, next_change = [], dice.randrange(20, 121)
        while next_change <= length - 10:
            changes.append((next_change, dice.choice([-1, 1]) * dice.uniform(3, 8)))
            next_change += dice.randrange(20, 121)
        values = [
            100 + draw(dice) + (dice.choice([-8, 8]) if dice.random() < 0.02 else 0) for _ in range(length)
        ]
        found.append(_shifted(values, changes))
    return found


NOISES: dict[str, Maker] = {
    "gaussian": _noise,
    "outliers": _outliers(0.02),
    "t3": _heavy,
    "t3 + outliers": lambda dice, length: [
        y + (dice.choice([-8, 8]) if dice.random() < 0.02 else 0) for y in _heavy(dice, length)
    ],
    "ar .5": _remembering(0.5),
}


def several(noise: str, sizes: tuple[float, float], count: int, seed: int = 1) -> list[Labelled]:
    """Histories of 100 to 300 commits with one to five steps, 15 commits apart at least, in noise of one of NOISES."""
    dice = random.Random(f"several {noise} {sizes} {seed}")
    found = []
    for _ in range(count):
        length = dice.randrange(100, 301)
        places = sorted(dice.sample(range(15, length - 14), dice.randrange(1, 6)))
        apart = [at for i, at in enumerate(places) if not i or at - places[i - 1] >= 15]
        steps = [(at, dice.choice([-1, 1]) * dice.uniform(*sizes)) for at in apart]
        found.append(_shifted([100 + y for y in NOISES[noise](dice, length)], steps))
    return found
