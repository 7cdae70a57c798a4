"""What the view `change_points` finds in series of which the truth is known."""

import random

import pytest
from benchmarks.verdicts import generators, scorers
from benchmarks.verdicts.generators import Labelled
from benchmarks.verdicts.lines import NO_EFFECT_TOO_SMALL, history_of

NEAR = 5


def changes(series: list[Labelled], kind: str = "step") -> list[list[int]]:
    """The positions of the changes of a kind in each series."""
    found: list[list[int]] = [[] for _ in series]
    history = history_of([one.values for one in series], NO_EFFECT_TOO_SMALL)
    for row in history.rows(f"select metric, commit_sha from change_points where change_kind = '{kind}'"):  # noqa: S608
        found[int(row["metric"][1:])].append(int(row["commit_sha"]))
    return found


def share_of_all_found(series: list[Labelled]) -> float:
    """The share of series in which every change is found."""
    return sum(
        all(any(abs(at - change) <= NEAR for at in found) for change in one.changes)
        for one, found in zip(series, changes(series), strict=True)
    ) / len(series)


@pytest.mark.parametrize(("size", "lasting"), [(5, 8), (5, 16), (10, 8), (10, 32)])
def test_both_edges_of_a_regression_that_was_fixed_are_found(size: int, lasting: int) -> None:
    assert share_of_all_found(generators.bumped(size, lasting, 40)) >= 0.95


def test_a_large_early_step_hides_no_later_one() -> None:
    assert share_of_all_found(generators.masked(50, 3, 40)) >= 0.95


def test_a_change_of_units_hides_no_later_step() -> None:
    assert share_of_all_found(generators.other_units(20)) == 1


def test_bad_values_at_the_start_hide_no_step() -> None:
    assert share_of_all_found(generators.poisoned(5, 40)) >= 0.95


@pytest.mark.parametrize("noise", [0.0, 0.002])
def test_a_dip_of_two_commits_hides_no_step_around_it(noise: float) -> None:
    dice = random.Random(1)
    levels = [0.80] * 6 + [0.85] * 5 + [0.80] * 2 + [0.85] * 7 + [0.81] * 5
    found = changes([Labelled([dice.gauss(level, noise) for level in levels]) for _ in range(10)])
    assert found == [[6, 20]] * 10


@pytest.mark.parametrize("share", [1e-3, 1e-5, 1e-7, 1e-9, 0.0])
def test_a_nearly_constant_metric_has_the_step_that_it_has(share: float) -> None:
    collapse = generators.nearly_constant(share)
    row = history_of([collapse.values], NO_EFFECT_TOO_SMALL).rows("select * from change_points")[0]
    assert row["commit_sha"] == "60"
    assert row["before_mean"] == pytest.approx(0.4, rel=0.01)
    assert row["after_mean"] == pytest.approx(1.2, rel=0.01)


@pytest.mark.parametrize(("kind", "most"), [("drift", 0.15), ("saturating", 0.1)])
def test_a_slope_is_no_step(kind: str, most: float) -> None:
    series = generators.quiet(kind, 60)
    assert sum(map(bool, changes(series))) / len(series) <= most
    assert sum(map(bool, changes(series, "drift"))) / len(series) >= 0.5


@pytest.mark.parametrize(("kind", "most"), [("gaussian", 0.015), ("t3", 0.015), ("outliers 5 %", 0.03)])
def test_noise_has_no_change(kind: str, most: float) -> None:
    series = generators.quiet(kind, 200)
    assert sum(map(bool, changes(series))) / len(series) <= most


@pytest.mark.parametrize("noise", ["gaussian", "outliers", "t3 + outliers"])
def test_several_steps_are_found(noise: str) -> None:
    series = generators.several(noise, (2, 6), 40)
    scores = [
        scorers.f1({"truth": one.changes}, found) for one, found in zip(series, changes(series), strict=True)
    ]
    assert sum(scores) / len(scores) >= 0.97
