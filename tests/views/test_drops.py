"""Drops, walked point by point, against their definition."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from csv_samples import csv_bytes, many_rows
from devops_mlops_report.history import AcceptedChange, MetricRule, Settings, open_history

METRICS = ("at random", "to and fro", "down for good")
COMMITS = 300
"""More than are walked at a time."""
ALLOWED = 0.1
ACCEPTED = 100


def _values(metric: str, dice: random.Random) -> list[float | None]:
    if metric == "at random":
        return [
            None if dice.random() < 0.1 else float("nan") if dice.random() < 0.1 else round(dice.random(), 2)
            for _ in range(COMMITS)
        ]
    if metric == "to and fro":
        return [0.9 if at % 2 else 0.7 for at in range(COMMITS)]
    return [0.9 if at < 120 else 0.7 for at in range(COMMITS)]


def _defined(values: list[float | None]) -> Iterator[tuple[int, int | None, float]]:
    """From a value that is too far below the one before it until one that is not, places by measured commits."""
    start, baseline, before, place = 0, 0.0, None, 0
    for at, value in enumerate(values):
        place += value is not None
        if value is None or (value != value and at != ACCEPTED):
            continue
        if start and (at == ACCEPTED or baseline - value <= ALLOWED):
            yield start, place, baseline
            start = 0
        elif not start and at != ACCEPTED and before is not None and before - value > ALLOWED:
            start, baseline = place, before
        if value == value:
            before = value
        elif at == ACCEPTED:
            before = None
    if start:
        yield start, None, baseline


def test_a_drop_lasts_until_a_value_is_within_it_of_what_it_was_compared_with() -> None:
    dice = random.Random(1)
    series = {metric: _values(metric, dice) for metric in METRICS}
    rows = many_rows(COMMITS)
    for at, row in enumerate(rows):
        measured = {metric: values[at] for metric, values in series.items() if values[at] is not None}
        row |= {"commit_sha": f"{at:040x}", "metrics": json.dumps(measured)}
    rules = tuple(MetricRule(metric, goal="maximize", max_drop=ALLOWED) for metric in METRICS)
    settings = Settings(metric_rules=rules, accepted_changes=(AcceptedChange(f"{ACCEPTED:040x}"),))
    history = open_history(csv_bytes(rows).decode(), settings)
    for metric, values in series.items():
        found = history.rows(
            "select drops.* from drops where line_id in (select line_id from deltas where metric = ?) "
            "order by from_place",
            [metric],
        )
        told = [(row["from_place"], row["until_place"], row["baseline_value"]) for row in found]
        assert told == list(_defined(values)), metric
