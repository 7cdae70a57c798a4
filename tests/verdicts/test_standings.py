"""Where a commit leaves a metric is said when it arrives, and stays so whatever comes later."""

from __future__ import annotations

import math
import random

from benchmarks.verdicts.lines import history_of
from devops_mlops_report.history import MetricRule, Settings

LENGTH, METRICS = 40, 24
RULES = tuple(
    MetricRule(
        f"m{number:05d}",
        goal="maximize" if number % 2 else "minimize",
        target=(92.0 if number % 2 else 108.0) if number % 4 == 1 else None,
        max_drop=6.0 if number % 4 == 2 else None,
    )
    for number in range(METRICS)
)
TOLD = "metric, commit_sha, verdict, standing, worse_since_commit_sha, direction, is_confirmation"


def wandering(dice: random.Random) -> list[float]:
    """Noise around a level that steps down and up again, with lone points far off and some that are no number."""
    level, values = 100.0, []
    for _ in range(LENGTH):
        level = dice.choice([100.0, 92.0, 108.0, level]) if dice.random() < 0.12 else level
        value = level + dice.gauss(0, 0.8) + (dice.choice([-15, 15]) if dice.random() < 0.05 else 0)
        values.append(math.nan if dice.random() < 0.02 else value)
    return values


def test_what_is_said_of_a_commit_as_it_arrives_is_said_ever_after() -> None:
    dice = random.Random(1)
    series = [wandering(dice) for _ in range(METRICS)]
    query = f"select {TOLD} from regressions order by metric, recorded_order"  # noqa: S608
    settings = Settings(metric_rules=RULES)
    whole = {(row["metric"], row["commit_sha"]): row for row in history_of(series, settings).rows(query)}
    standings = {row["standing"] for row in whole.values()}
    verdicts = {row["verdict"] for row in whole.values()}
    assert standings == {"good", "worse", "unknown"}
    assert {"regressed", "recovered", "improved", "suspected"} <= verdicts
    for length in dice.sample(range(8, LENGTH), 6):
        found = history_of([values[:length] for values in series], settings).rows(query)
        assert found == [whole[row["metric"], row["commit_sha"]] for row in found]
