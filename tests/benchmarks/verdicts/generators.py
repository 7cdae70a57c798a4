"""Series of which the truth is known, made with fixed seeds: noise without a change, steps, histories of levels."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

Series = list[float]

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
    slope = dice.choice([-1, 1]) * 0.05
    return [slope * at + y for at, y in enumerate(_noise(dice, length))]


def _remembering(dice: random.Random, length: int, rho: float = 0.8) -> Series:
    values = [gaussian(dice)]
    while len(values) < length:
        values.append(rho * values[-1] + math.sqrt(1 - rho * rho) * gaussian(dice))
    return values


_QUIET = {
    "gaussian": _noise,
    "t3": _heavy,
    "outlier": _outlier,
    "rounded": _rounded,
    "drift": _drift,
    "ar": _remembering,
}
QUIET = tuple(_QUIET)


def stepped(size: float, count: int, seed: int = 1) -> list[Labelled]:
    """`count` series with one step of `size` standard deviations, up or down, at the 20th to 45th commit."""
    dice = random.Random(f"step {size} {seed}")
    found = []
    for _ in range(count):
        at, sign = dice.randrange(20, 46), dice.choice([-1, 1])
        values = [100 + gaussian(dice) + (sign * size if i >= at else 0) for i in range(LENGTH)]
        found.append(Labelled(values, (at,)))
    return found


def levelled(count: int, seed: int = 1) -> list[Labelled]:
    """Histories of 60 to 400 commits with a step of 3 to 8 standard deviations every 20 to 120 commits.

    Noise Gaussian or t with three degrees of freedom; 2 % of the points are outliers of 8 standard deviations.
    """
    dice = random.Random(f"levels {seed}")
    found = []
    for index in range(count):
        length, draw = dice.randrange(60, 401), (gaussian, heavy_tailed)[index % 2]
        level, values, changes, next_change = 100.0, [], [], dice.randrange(20, 121)
        for at in range(length):
            if at == next_change and length - at >= 10:
                level += dice.choice([-1, 1]) * dice.uniform(3, 8)
                changes.append(at)
                next_change += dice.randrange(20, 121)
            outlier = dice.choice([-8, 8]) if dice.random() < 0.02 else 0
            values.append(level + draw(dice) + outlier)
        found.append(Labelled(values, tuple(changes)))
    return found
