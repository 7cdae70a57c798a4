"""Rules of the verdicts that a case of `tests/views/regressions/` can't show."""

import math
import random

import pytest
from benchmarks.verdicts import generators, scorers
from benchmarks.verdicts.lines import NO_EFFECT_TOO_SMALL, csv_of, history_of
from devops_mlops_report.history import AcceptedChange, HistoryError, MetricRule, Settings, open_history

QUIET = [0.80, 0.82] * 6
VERDICTS = {"regressed", "improved", "recovered", "steady", "suspected", "too_few"}


def verdicts(values: list[float], settings: Settings = NO_EFFECT_TOO_SMALL) -> list[dict]:
    query = f"select * from regressions order by recorded_order, metric"  # noqa: F541
    return history_of([values], settings).rows(query)


def test_an_accepted_change_begins_a_new_level() -> None:
    accepted = Settings(accepted_changes=(AcceptedChange("12"),), sharp_delta=1e308)
    rows = verdicts([*QUIET, *(value - 0.3 for value in QUIET)], accepted)
    assert {row["verdict"] for row in rows} == {"too_few", "steady"}
    assert rows[12]["reason"] == "accepted: the level begins anew here"
    assert rows[18]["since_commit_sha"] == "12"


def test_a_change_accepted_for_another_metric_is_still_a_change() -> None:
    accepted = Settings(accepted_changes=(AcceptedChange("12", "another"),), sharp_delta=1e308)
    rows = verdicts([*QUIET, *(value - 0.3 for value in QUIET)], accepted)
    assert [row["commit_sha"] for row in rows if row["verdict"] == "regressed"] == ["13"]


def test_a_lone_outlier_does_not_hide_the_step_after_it() -> None:
    dice = random.Random(3)
    found = []
    for _ in range(50):
        values = [100 + dice.gauss(0, 1) + (4 if at >= 40 else 0) for at in range(60)]
        values[30] += 12
        found.append(values)
    alarms = _alarms(found)
    share, delay = scorers.detection([40] * 50, alarms)
    assert share >= 0.96
    assert delay <= 2


def test_of_many_metrics_few_are_suspected_by_chance() -> None:
    dice = random.Random(4)
    series = [[100 + dice.gauss(0, 1) for _ in range(40)] for _ in range(200)]
    rows = history_of(series).rows(
        "select commit_sha from regressions where verdict = 'suspected' and recorded_order > 10"
    )
    assert len({row["commit_sha"] for row in rows}) <= 3


def test_noise_and_drift_raise_few_alarms_and_steps_are_found() -> None:
    quiet = {kind: generators.quiet(kind, 150) for kind in ("gaussian", "drift")}
    false = {
        kind: scorers.false_share(_alarms([one.values for one in series]), generators.LENGTH)
        for kind, series in quiet.items()
    }
    assert false["gaussian"] <= 0.002
    assert false["drift"] <= 0.005
    stepped = generators.stepped(3, 150)
    share, delay = scorers.detection(
        [one.changes[0] for one in stepped], _alarms([one.values for one in stepped])
    )
    assert share >= 0.98
    assert delay <= 2.1


def _alarms(series: list[list[float]]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in series]
    query = "select metric, commit_sha from regressions where verdict in ('regressed', 'improved')"
    for row in history_of(series).rows(query):
        found[int(row["metric"][1:])].append(int(row["commit_sha"]))
    return found


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.0],
        [5.0] * 30,
        [1e300, 1e-300] * 15,
        [1.7e308, -1.7e308] * 15,
        [5e-324, 0.0] * 15,
        [math.nan] * 20,
        [math.inf, -math.inf, math.nan] * 8,
        [1.0, math.inf, 2.0, math.nan, 1.5] * 8,
        [*[1.0] * 20, 1e300, *[1.0] * 20],
        [1e15 + at for at in range(30)],
        [1e300, 1e-300],
        [*[1e-300] * 10, *[1e300] * 10],
        [*[0.0] * 10, 5e-324, *[0.0] * 10],
        [100.0] * 19 + [99.9],
    ],
    ids=str,
)
def test_whatever_the_values_every_point_has_a_finite_statement(values: list[float]) -> None:
    history = history_of([values])
    rows = history.rows("select * from regressions")
    assert len(rows) == len(values)
    for row in rows:
        assert row["verdict"] in VERDICTS
        assert row["standing"] in ("good", "worse", "unknown")
        assert (row["worse_since_commit_sha"] is not None) == (row["standing"] == "worse")
        assert row["reason"]
        for name in ("threshold", "score", "confidence", "level_mean", "drift_per_commit"):
            assert row[name] is None or math.isfinite(row[name]), name
    for row in history.rows("select * from change_points"):
        assert all(math.isfinite(row[name]) for name in ("before_mean", "after_mean", "score"))
    assert len(history.rows("select * from trends")) == len(values)


def test_one_huge_outlier_leaves_the_others_their_verdicts() -> None:
    rows = verdicts([*QUIET, 1e300, *QUIET, *(value - 0.3 for value in QUIET)])
    wrong = [row["commit_sha"] for row in rows if row["verdict"] in ("regressed", "improved")]
    assert wrong == ["26"]
    assert rows[26]["since_commit_sha"] == "25"


def test_two_rules_for_a_metric_are_refused() -> None:
    with pytest.raises(HistoryError, match="several rules for the metric loss; wanted one"):
        Settings(metric_rules=(MetricRule("loss"), MetricRule("loss", goal="minimize")))


def test_the_order_of_the_rows_and_their_times_is_not_trusted() -> None:
    """Rows in disorder, without a time, and many in the same second: a verdict for each, the same at every call."""
    dice = random.Random(7)
    header, *rows = csv_of([[dice.gauss(5, 1) for _ in range(60)]]).splitlines()
    at = header.split(",").index("recorded_at")
    for row in dice.sample(range(60), 30):
        cells = rows[row].split(",", at + 1)
        cells[at] = dice.choice(["", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-01-01T00:00:00Z"])
        rows[row] = ",".join(cells)
    dice.shuffle(rows)
    answers = [
        open_history("\n".join([header, *rows, ""])).rows(
            "select commit_sha, verdict from regressions order by all"
        )
        for _ in range(2)
    ]
    assert len(answers[0]) == 60
    assert answers[0] == answers[1]
    assert {row["verdict"] for row in answers[0]} <= VERDICTS
