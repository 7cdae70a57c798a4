"""The views over plain series of numbers: each series a metric of one branch, without the CSV around it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
from devops_mlops_report.history import History, Settings, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.sql_files import plan_of, views

ABOVE = ("run_attempts", "reported_numbers", "measurements", "commit_lines", "metric_points")
"""The views that make `metric_points` of the CSV."""

NO_EFFECT_TOO_SMALL = Settings(min_effect_percent=0.0, sharp_delta=1e308)
"""The statistics alone."""


Measured = float | Sequence[float]
"""What was measured at a commit, once or several times."""


def history_of(series: Sequence[Sequence[Measured]], settings: Settings = NO_EFFECT_TOO_SMALL) -> History:
    """A history whose metric `m00003` is the fourth of the series; its commits are the positions, from 0."""
    history = open_history(None, settings)
    history.refresh_views()
    rows = [
        (f"m{i:05d}", at, nth, float(value))
        for i, values in enumerate(series)
        for at, measured in enumerate(values)
        for nth, value in enumerate(measured if isinstance(measured, Sequence) else (measured,))
    ]
    given = pd.DataFrame(rows, columns=["metric", "position", "nth", "value"])
    history.connection.register("given", given)
    history.connection.execute(_POINTS)
    history.connection.unregister("given")
    make_views(history)
    return history


def csv_of(series: Sequence[Sequence[float]]) -> str:
    """The same history as the CSV that a run would read, a commit every ten minutes."""
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    rows.writeheader()
    moment = datetime(2024, 1, 1)
    for at, values in enumerate(zip(*series, strict=True)):
        moment += timedelta(minutes=10)
        rows.writerow(
            {
                "repository": "owner/name",
                "commit_sha": f"{at:040x}",
                "branch": "main",
                "recorded_at": f"{moment.isoformat()}Z",
                "workflow_run_id": at,
                "training": "trained",
                "metrics": json.dumps({f"m{i:05d}": value for i, value in enumerate(values)}),
            }
        )
    return text.getvalue()


def make_views(history: History) -> None:
    """What `History.refresh_views` does, from `metric_points` on."""
    for view in views():
        if view.is_materialized and view.name not in ABOVE:
            history.connection.execute(f"create or replace table {view.name} as {plan_of(view.select).text}")


_POINTS = """
create or replace table metric_points as
select
    line_id_of(1, dense_rank() over (order by metric)) as line_id,
    'owner/name' as repository, 'branch' as line, 'main' as line_branch, '' as report, '' as workflow, 'ml' as kind,
    metric, 1 as family,
    position + 1 as place,
    coalesce(sum(count_repeats) over (
        partition by metric order by position rows between unbounded preceding and 1 preceding
    ), 0)::bigint as count_earlier,
    count_repeats, repeats,
    true as speaks_for_itself, 'main' as branch, position::varchar as commit_sha,
    timestamp '2026-01-01' + to_hours(position::bigint) as recorded_at, position + 1 as recorded_order,
    position + 1 as line_order, position + 1 as first_order, null::integer as distance,
    null::integer as merge_distance, true as is_on_default_branch,
    'maximize' as goal, value, case when isfinite(value) then value end as finite_value,
    position::varchar in (
        select commit_sha from accepted_changes where coalesce(accepted_changes.metric, given.metric) = given.metric
    ) as is_accepted
from (
    select
        metric,
        position,
        -- pandas has NaN for missing.
        if(count(*) = 1, coalesce(any_value(given.value), 'NaN'), median(given.value)) as value,
        if(coalesce(isfinite(any_value(given.value)), false), count(*), 0) as count_repeats,
        if(count(*) > 1, list(given.value order by nth), null) as repeats
    from given
    group by metric, position
) as given
"""
