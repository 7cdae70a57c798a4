"""What `project.confirm_runs` brings: a commit that is suspected worse is measured again, as noisy as before."""

from __future__ import annotations

import random
from collections.abc import Sequence

from . import generators, scorers
from .lines import Measured, history_of

_QUESTION = """
select metric, commit_sha, verdict = 'suspected' as is_in_doubt
from regressions
where verdict = 'regressed' or (verdict = 'suspected' and direction = 'worse' and method <> 'drift')
"""


def print_confirming(count: int) -> None:
    """False confirmations a commit without a change; steps for the worse found within 10 commits, delay, trainings."""
    print(f"\nTrained again where it is suspected worse: {count} series, Gaussian noise, steps down.\n")
    print(
        "| confirm_runs | false confirmations | 2 sigma: found / delay | 3 sigma | 5 sigma | more trainings |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for runs in (0, 1, 2):
        alarms, repeats = regressed(stepped(0, count), runs)
        cells = [f"{scorers.false_share(alarms, generators.LENGTH):.4f}"]
        for size in (2, 3, 5):
            made = stepped(size, count)
            found, _ = regressed(made, runs)
            share, delay = scorers.detection([at for at, _ in made], found)
            cells.append(f"{share:.3f} / {delay:.2f}")
        print(f"| {runs} | {' | '.join(cells)} | {repeats / count / generators.LENGTH:.4f} a commit |")


Stepped = tuple[int, list[float]]
"""Where the step is, and the true level of each commit."""


def stepped(size: float, count: int) -> list[Stepped]:
    """Series that fall by `size` standard deviations somewhere."""
    dice = random.Random(f"confirm {size}")
    places = [dice.randrange(20, generators.LENGTH - 12) for _ in range(count)]
    return [(at, [100 - (size if place >= at else 0) for place in range(generators.LENGTH)]) for at in places]


def regressed(made: Sequence[Stepped], runs: int) -> tuple[list[list[int]], int]:
    """The commits that are called regressed, and how many more trainings that took."""
    dice = random.Random(1)
    series: list[list[Measured]] = [[dice.gauss(level, 1) for level in levels] for _, levels in made]
    repeats = 0
    while True:
        alarms, doubts = _asked(series)
        # In order of time: what a repeat settles, later commits are judged by.
        open_ones = {
            number: next((at for at in sorted(found) if _times(series[number][at]) <= runs), None)
            for number, found in enumerate(doubts)
        }
        wanted = {number: at for number, at in open_ones.items() if at is not None}
        if not wanted:
            return alarms, repeats
        for number, at in wanted.items():
            before = series[number][at]
            measured = list(before) if isinstance(before, Sequence) else [before]
            series[number][at] = [*measured, dice.gauss(made[number][1][at], 1)]
            repeats += 1


def _times(measured: Measured) -> int:
    return len(measured) if isinstance(measured, Sequence) else 1


def _asked(series: Sequence[Sequence[Measured]]) -> tuple[list[list[int]], list[list[int]]]:
    alarms: list[list[int]] = [[] for _ in series]
    doubts: list[list[int]] = [[] for _ in series]
    with history_of(series) as history:
        for row in history.rows(_QUESTION):
            chosen = doubts if row["is_in_doubt"] else alarms
            chosen[int(row["metric"][1:])].append(int(row["commit_sha"]))
    return [sorted(found) for found in alarms], doubts
