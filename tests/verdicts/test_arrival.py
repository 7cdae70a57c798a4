"""What the view `regressions` says of a commit as it arrives, in series of which the truth is known."""

import random

import pytest
from benchmarks.verdicts import generators, scorers
from benchmarks.verdicts.generators import Labelled
from benchmarks.verdicts.lines import NO_EFFECT_TOO_SMALL, history_of
from devops_mlops_report.history import Settings

SAID = (
    "metric, commit_sha, verdict, since_commit_sha, standing, worse_since_commit_sha, withdrawn_commit_sha, "
    "printf('%.8g', threshold) as threshold, printf('%.8g', level_mean) as level_mean"
)


def rows_of(series: list[list[float]], settings: Settings = NO_EFFECT_TOO_SMALL) -> list[dict]:
    """What is said of every commit of every series."""
    return history_of(series, settings).rows(
        f"select {SAID} from regressions order by metric, commit_sha::int"  # noqa: S608
    )


def share_found(series: list[Labelled], settings: Settings = NO_EFFECT_TOO_SMALL) -> float:
    """The share of the series whose last change is found within ten commits."""
    found: list[list[int]] = [[] for _ in series]
    for row in rows_of([one.values for one in series], settings):
        if row["verdict"] in ("regressed", "improved", "recovered"):
            found[int(row["metric"][1:])].append(int(row["commit_sha"]))
    return scorers.detection([one.changes[-1] for one in series], found)[0]


def of_every_kind() -> list[list[float]]:
    """A series of each generator, and those that change their scale."""
    made = [
        *generators.bumped(8, 10, 1, 90),
        *generators.masked(50, 3, 1, 90),
        *generators.poisoned(5, 2),
        *generators.near_bound(1),
        *generators.other_units(1),
        *generators.stepped(3, 1),
        generators.nearly_constant(1e-7),
        generators.nearly_constant(0.0),
    ]
    found = [generators.quiet(kind, 1, 90, 11)[0].values for kind in generators.QUIET]
    found += [one.values[:90] for one in made]
    found.append(
        [0.8 + at % 2 / 100 for at in range(40)] + [1e300] + [0.7 + at % 2 / 100 for at in range(20)]
    )
    return found


def test_a_verdict_stays_when_the_history_grows() -> None:
    """For every generator: what was said of a commit as it arrived is what any longer history says of it."""
    series = of_every_kind()
    whole = {(row["metric"], row["commit_sha"]): row for row in rows_of(series)}
    for length in (4, 8, 13, 34, 68):
        for row in rows_of([values[:length] for values in series]):
            assert row == whole[row["metric"], row["commit_sha"]]


def test_a_bad_start_blinds_nobody() -> None:
    assert share_found(generators.poisoned(5, 40)) >= 0.95


def test_of_eight_commits_the_last_two_are_enough_for_five_deviations() -> None:
    assert share_found(generators.short(5, 150)) >= 0.75
    quiet = rows_of([one.values for one in generators.short(0, 150)])
    assert len({row["metric"] for row in quiet if row["verdict"] in ("regressed", "improved")}) <= 4


def test_what_goes_to_and_fro_is_noise_after_a_while() -> None:
    """Two machines, each kept for five commits: each move is told, until they are too many to be news."""
    dice = random.Random(2)
    moves = [100 + (6 if at // 5 % 2 else 0) + dice.gauss(0, 1) for at in range(90)]
    told = [row["commit_sha"] for row in rows_of([moves]) if row["verdict"] != "steady"]
    assert sum(int(at) < 30 for at in told) >= 4
    assert sum(int(at) >= 60 for at in told) <= 2


def test_a_collapse_is_never_a_bad_start_after_two_commits() -> None:
    """Of every short history: it is told before anything of it is steady."""
    histories = [(good, bad) for good in range(2, 8) for bad in range(2, 8) if good + bad <= 10]
    series = [
        [0.9 + at % 3 / 200 for at in range(good)] + [0.5 + at % 3 / 200 for at in range(bad)]
        for good, bad in histories
    ]
    said: list[list[str]] = [[] for _ in series]
    for row in rows_of(series, Settings()):
        said[int(row["metric"][1:])].append(row["verdict"])
    for (good, _), verdicts in zip(histories, said, strict=True):
        since = verdicts[good:]
        assert "regressed" in since[:3] or ("steady" not in since and len(since) < 3)
        assert "steady" not in since or since.index("regressed") < since.index("steady")


def test_a_large_early_step_hides_no_later_one() -> None:
    assert share_found(generators.masked(50, 3, 40)) >= 0.95


def test_an_accuracy_near_1_counts_by_its_errors() -> None:
    assert share_found(generators.near_bound(40), Settings()) >= 0.97


def test_a_change_of_units_hides_no_later_step() -> None:
    assert share_found(generators.other_units(10)) == 1


def test_a_collapse_from_nearly_no_noise_is_told_with_its_figures() -> None:
    shares = (1e-3, 1e-5, 1e-7, 1e-9, 0.0)
    rows = history_of([generators.nearly_constant(share).values for share in shares], Settings()).rows(
        "select metric, commit_sha, reason from regressions where verdict = 'improved' order by metric"
    )
    assert [row["commit_sha"] for row in rows] == ["61"] * len(shares)
    for row in rows:
        assert row["reason"].startswith("higher by 0.")
        assert "(200 %) than the level 0.4, since 60" in row["reason"]


def test_a_small_metric_after_a_large_one_has_its_own_scale() -> None:
    values = [3000.0 + at % 3 for at in range(30)] + [0.01 + at % 3 / 1e4 for at in range(30)]
    rows = rows_of([[*values, *(0.05 + at % 3 / 1e4 for at in range(5))]], Settings())
    assert [row["commit_sha"] for row in rows if row["verdict"] == "improved"] == ["61"]


def test_a_value_whose_square_is_nothing_is_zero() -> None:
    verdicts = {row["verdict"] for row in rows_of([[0.0] * 20 + [1e-300] * 5], Settings())}
    assert verdicts == {"too_few", "steady"}


def test_steady_growth_does_not_blind() -> None:
    values = [0.31 + 0.01 * at for at in range(8)]
    assert rows_of([[*values, 0.52]], Settings())[-1]["verdict"] not in ("steady", "too_few")


def test_a_rare_one_is_sharp_once() -> None:
    ones = (12, 25, 31, 44)
    history = history_of([[float(at in ones) for at in range(60)]], Settings())
    sharp = history.rows("select commit_sha from regressions where method = 'sharp'")
    assert [row["commit_sha"] for row in sharp] == ["12"]


def test_nothing_is_counted_in_a_noise_that_is_not_there() -> None:
    rows = history_of([[200000.0] * 20 + [100000.0] * 3], Settings()).rows(
        "select score, threshold, reason from regressions"
    )
    assert all(row["score"] is None for row in rows)
    assert all("±0 " not in row["reason"] and "e-" not in row["reason"] for row in rows)


@pytest.mark.parametrize("size", [3, 5])
def test_a_change_soon_after_another_is_told_too(size: float) -> None:
    """It takes more to be sure of it, and no more commits than people wait."""
    series = generators.bumped(size + 2, 12, 20)
    assert share_found(series) >= 0.95
