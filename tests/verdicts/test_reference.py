"""The views give what the plain Python reference gives, on random series of many kinds."""

import random

import pytest
from benchmarks.verdicts import generators
from benchmarks.verdicts.lines import history_of
from verdicts import reference


def random_series(seed: int) -> list[list[float]]:
    """Every kind of series, of 1 to 300 points."""
    dice = random.Random(seed)
    found = [labelled.values for kind in generators.QUIET for labelled in generators.quiet(kind, 4, 90, seed)]
    found += [labelled.values for labelled in generators.levelled(12, seed)]
    found += [labelled.values for labelled in generators.stepped(4, 6, seed=seed)]
    found += [[dice.gauss(5, 1) for _ in range(length)] for length in (1, 2, 3, 5, 6, 7, 8, 9, 12, 130, 260)]
    walk = [0.0]
    while len(walk) < 300:
        walk.append(walk[-1] + dice.gauss(0, 1))
    found += [walk, [float(dice.choice([0, 0, 0, 1])) for _ in range(150)], [3.0] * 40]
    for length in range(1, 9):  # Levels that are left and come back, at once or after a while, or further.
        sizes = (0, dice.choice([-8, 5]), 0, dice.choice([-8, 5, 9]), 0)
        found.append(
            [
                dice.gauss(size, 1)
                for size in sizes
                for _ in range(length if size else dice.choice([2, 9, 20]))
            ]
        )
    found += [[1.0] * 20 + [2.0] * 20, [dice.choice([1e3, 1e-3, -1e3, 5.0]) for _ in range(60)]]
    found += [one.values for one in (*generators.poisoned(5, 4, seed), *generators.other_units(2, seed))]
    found += [
        one.values for one in (*generators.bumped(8, 12, 3, seed=seed), *generators.near_bound(2, seed))
    ]
    found += [generators.nearly_constant(share, seed).values for share in (1e-3, 1e-7)] + [
        [0.5] * 60 + [1.5] * 10
    ]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_levels_are_found_as_by_the_reference(seed: int) -> None:
    series = random_series(seed)
    rows = history_of(series).rows(
        "select metric, judged_to, judged_to + 1 - change.count_recent as began, change.is_return "
        "from levels inner join judged_lines using (line_id) where change is not null order by all"
    )
    found = {index: [] for index in range(len(series))}
    for row in rows:
        change = reference.Change(row["judged_to"], row["began"], row["is_return"])
        found[int(row["metric"][1:])].append(change)
    assert found == {index: reference.levels(values) for index, values in enumerate(series)}


@pytest.mark.parametrize("seed", range(3))
def test_splits_are_found_as_by_the_reference(seed: int) -> None:
    series = random_series(seed)
    rows = history_of(series).rows(
        "select metric, position, if(is_step, 'step', 'drift') as change_kind "
        "from split_kinds inner join judged_lines using (line_id) order by all"
    )
    found = {index: [] for index in range(len(series))}
    for row in rows:
        found[int(row["metric"][1:])].append((row["position"], row["change_kind"]))
    assert found == {index: reference.splits(values) for index, values in enumerate(series)}
