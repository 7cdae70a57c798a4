"""A report on one commit asks little of the views, and is told what the whole history says."""

import csv
import io
import json
import math
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from benchmarks.verdicts import generators
from devops_mlops_report.history import History, MetricRule, Settings, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.report.verdicts.answers import focus

METRICS = ["loss", "val_accuracy"]


def history_of_a_report(seed: int) -> History:
    """Two branches, metrics with gaps, steps and outliers; the report is on the newest commit of main."""
    dice = random.Random(seed)
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    rows.writeheader()
    levels = {"loss": 5.0, "val_accuracy": 0.8}
    for at in range(200):
        levels = {name: level * dice.choice([1.0] * 30 + [0.9, 1.1]) for name, level in levels.items()}
        measured = {
            name: dice.gauss(level, level / 50) for name, level in levels.items() if dice.random() < 0.9
        }
        branch = "main" if dice.random() < 0.8 or at == 199 else "feature"
        rows.writerow(
            {
                "commit_sha": f"{at:040x}",
                "branch": branch,
                "recorded_at": f"2026-01-{1 + at // 24:02d}T{at % 24:02d}:00:00Z",
                "workflow_run_id": at,
                "training": "trained" if dice.random() < 0.3 else "none",
                "ci_metrics": json.dumps({"duration_seconds": dice.gauss(60, 2)}),
                "metrics": json.dumps(measured),
            }
        )
    settings = Settings(highlight_metric="loss", branch="main", commit_sha=f"{199:040x}", trend_window=10)
    return open_history(text.getvalue(), settings)


@pytest.mark.parametrize("seed", range(6))
def test_a_report_is_told_what_the_whole_history_says(seed: int) -> None:
    whole, asked = history_of_a_report(seed), history_of_a_report(seed)
    if seed % 2:
        for history in (whole, asked):
            history.set_ancestry((f"{199 - back:040x}", back) for back in range(0, 150))
    measured = {"ci_metrics": ["duration_seconds"], "metrics": METRICS}
    focus(asked, {"commit_sha": f"{199:040x}", **measured}, "loss")
    about = f"where commit_sha = '{199:040x}'"
    for query in (
        f"select * from deltas {about} order by metric",  # noqa: S608
        f"select * from regressions {about} order by metric",  # noqa: S608
        "select * from highlight_trend order by position",
        "select * from latest_model where branch = 'main'",
        "select * from pipeline_health where branch = 'main'",
    ):
        wanted, found = whole.rows(query), asked.rows(query)
        assert [list(map(rounded, row.values())) for row in found] == [
            list(map(rounded, row.values())) for row in wanted
        ]
    assert len(asked.rows("select * from deltas")) < len(whole.rows("select * from deltas"))


@pytest.mark.parametrize("seed", range(3))
def test_a_commit_without_a_measurement_stands_as_the_whole_history_says(seed: int) -> None:
    """Also for a metric with a rule that no recent run measured: worse since the ninth of ten, long ago."""
    whole, asked = history_of_a_report(seed), history_of_a_report(seed)
    newest = f"{200:040x}"
    rule = MetricRule("old", goal="maximize", on_regression="fail")
    for history in (whole, asked):
        for at in range(60, 70):
            time = datetime(2026, 1, 1 + at // 24, at % 24, tzinfo=UTC)
            row = {
                "commit_sha": f"{at:040x}",
                "branch": "main",
                "recorded_at": time,
                "workflow_run_id": str(at),
            }
            history.append(row | {"metrics": {"old": 0.9 if at < 68 else 0.5}})
        history.append(
            {
                "commit_sha": newest,
                "branch": "main",
                "recorded_at": datetime(2026, 2, 1, tzinfo=UTC),
                "workflow_run_id": "200",
                "training": "none",
            }
        )
        history.change_settings(replace(history.settings, commit_sha=newest, metric_rules=(rule,)))
        history.set_ancestry((f"{200 - back:040x}", back) for back in range(0, 150))
    focus(asked, {"commit_sha": newest}, "loss")
    query = (
        "select metric, standing, reference_level, worse_since_commit_sha, count_commits, step_places "  # noqa: S608
        f"from commit_standings where commit_sha = '{newest}' and line = 'ancestry' and kind = 'ml' order by metric"
    )
    wanted, found = whole.rows(query), asked.rows(query)
    assert [row["metric"] for row in found] == ["loss", "old", "val_accuracy"]
    assert found[1]["worse_since_commit_sha"] == f"{68:040x}"
    assert [list(map(rounded, row.values())) for row in found] == [
        list(map(rounded, row.values())) for row in wanted
    ]


SERIES = [
    *(labelled.values for labelled in generators.stepped(3.5, 6, seed=3)),
    *(labelled.values for labelled in generators.quiet("outliers 5 %", 6, seed=4)),
]


def history_of_many(seed: int) -> tuple[History, str]:
    """Metrics that come and go: some are measured no more when the report is made; returns its commit too."""
    dice = random.Random(seed)
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    rows.writeheader()
    length = min(map(len, SERIES))
    ends = [length] + [dice.choice([length, length, length - dice.randrange(1, 12)]) for _ in SERIES[1:]]
    for at in range(length):
        measured = {
            f"m{place}": values[at]
            for place, (values, end) in enumerate(zip(SERIES, ends, strict=True))
            if at < end and dice.random() < 0.95
        }
        rows.writerow(
            {
                "commit_sha": f"{at:040x}",
                "branch": "main",
                "recorded_at": f"2026-01-{1 + at // 24:02d}T{at % 24:02d}:00:00Z",
                "workflow_run_id": at,
                "training": "trained",
                "metrics": json.dumps(measured),
            }
        )
    newest = f"{length - 1:040x}"
    settings = Settings(highlight_metric="m0", branch="main", commit_sha=newest, min_effect_percent=0.0)
    return open_history(text.getvalue(), settings), newest


@pytest.mark.parametrize("seed", range(20))
def test_what_else_is_asked_changes_no_verdict(seed: int) -> None:
    whole, newest = history_of_many(seed)
    asked, _ = history_of_many(seed)
    focus(asked, {"commit_sha": newest}, "m0")
    for query in (
        "select * from highlight_trend order by position",
        f"select * from regressions where commit_sha = '{newest}' order by metric",  # noqa: S608
        "select * from regressions where commit_sha in (select commit_sha from highlight_trend) "
        "order by metric, recorded_order",
    ):
        found, wanted = asked.rows(query), whole.rows(query)
        assert [list(map(rounded, row.values())) for row in found] == [
            list(map(rounded, row.values())) for row in wanted
        ]


def rounded(value: object) -> object:
    """Sums in another order differ in their last digits."""
    return float(f"{value:.9g}") if isinstance(value, float) and math.isfinite(value) else value
